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


def test_a_token_expires_once_unless_the_rule_says_how_often() -> None:
    once = Script([{"fault": "expired-token", "answer": "x"}])
    assert [once.tell("x").fault for _ in range(3)] == ["expired-token", "", ""]
    twice = Script([{"fault": "expired-token", "times": 2}])
    assert [twice.tell("x").fault for _ in range(3)] == ["expired-token", "expired-token", ""]


def test_said_is_looked_for_without_the_instructions_and_when_with_them() -> None:
    prompt = (
        "Answer with one JSON value and nothing else: no words. It must be valid by this JSON Schema:\n\n"
        '{"properties":{"merge":{}}}\n\nShip it?'
    )
    script = Script(
        [{"said": "merge|JSON", "answer": "no"}, {"when": "merge", "said": "^Ship", "answer": "yes"}]
    )
    assert script.tell(prompt) == Told("yes")
    assert script.tell("merge, then JSON") == Told("no")


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("x", "must be a mapping of when, said, answer, answers, fault, times"),
        (
            {"whn": "x", "answer": "y"},
            "there is no 'whn': the known keys are when, said, answer, answers, fault, times",
        ),
        ({"answer": "x", "answers": ["y"]}, "`answer` and `answers` exclude one another"),
        ({"answer": 1}, "`answer` is a text, `answers` a list of texts"),
        ({"answers": "x"}, "`answer` is a text, `answers` a list of texts"),
        ({"fault": "expired-tokens"}, "unknown fault 'expired-tokens': the known ones are rate-limit"),
        ({"said": "(", "answer": "x"}, "`said` is no pattern: "),
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
