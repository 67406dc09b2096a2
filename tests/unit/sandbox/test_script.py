"""Answers as told, for those who rehearse with a service of their own."""

import pytest

from stackspot_cli.sandbox.script import Script, Told


def test_the_first_rule_that_fits_counts_and_the_usual_answer_else() -> None:
    script = Script([{"when": "merge", "answer": "yes"}, {"when": "(?i)MERGE|ship", "answer": "no"}])
    assert script.tell("may it be merged?") == Told("yes")
    assert script.tell("Ship it?\n") == Told("no")
    assert script.tell("hi") == Told(None)


def test_a_rule_without_a_pattern_fits_everything() -> None:
    assert Script([{"answer": ""}]).tell("anything\nat all") == Told("")


def test_several_answers_come_one_after_the_other_and_the_last_stays() -> None:
    script = Script([{"answers": ["one", "two"]}])
    assert [script.tell("x").text for _ in range(4)] == ["one", "two", "two", "two"]


def test_a_fault_strikes_as_often_as_it_was_told_to_and_takes_no_answer_away() -> None:
    script = Script([{"answers": ["one", "two"], "fault": "rate-limit", "times": 2}])
    assert [script.tell("x") for _ in range(4)] == [
        Told("one", "rate-limit"),
        Told("one", "rate-limit"),
        Told("one"),
        Told("two"),
    ]


def test_a_fault_alone_strikes_always() -> None:
    script = Script([{"when": "^bad", "fault": "cut"}])
    assert [script.tell("good\nbad day").fault for _ in range(3)] == ["cut"] * 3


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("x", "must be a mapping of when, answer, answers, fault, times"),
        (
            {"whn": "x", "answer": "y"},
            "there is no 'whn': the known keys are when, answer, answers, fault, times",
        ),
        ({"answer": "x", "answers": ["y"]}, "`answer` and `answers` exclude one another"),
        ({"answer": 1}, "`answer` is a text, `answers` a list of texts"),
        ({"answers": "x"}, "`answer` is a text, `answers` a list of texts"),
        ({"fault": "expired-token"}, "unknown fault 'expired-token': the known ones are rate-limit"),
        ({"answer": "x", "times": 1}, "`times` says how often a `fault` strikes"),
        ({"fault": "cut", "times": 0}, "`times` says how often a `fault` strikes"),
        ({"when": "x"}, "needs an `answer`, `answers` or a `fault`"),
        ({"when": "(", "answer": "x"}, "`when` is no pattern: "),
        ({"when": 3, "answer": "x"}, "`when` is no pattern: "),
    ],
)
def test_a_rule_that_is_none_is_told_by_its_number(rule: object, why: str) -> None:
    with pytest.raises(ValueError, match="rule 2") as refused:
        Script([{"answer": "fine"}, rule])  # type: ignore[list-item]  # that is the point
    assert str(refused.value).startswith(f"rule 2: {why}")
