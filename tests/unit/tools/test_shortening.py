"""What is left out of an inquiry that is too long, in which order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.tools import offer
from stackspot_cli.tools.inquiry import Call, Inquiry, Item, Result, Said, Tool, ToolName
from stackspot_cli.tools.shortening import COMFORTABLE, Fitted, LeftOut, fit, fixed_characters, last_turn

NAME = ToolName("Read")
READ = Tool(
    NAME, "Reads a file. " * 40, {"type": "object", "title": "T", "properties": {"p": {"type": "string"}}}
)


def steps(count: int, size: int = 3_000) -> list[Item]:
    """So many calls, each with its result."""
    items: list[Item] = []
    for number in range(count):
        text = f"<{number}>" + "x" * size + f"</{number}>"
        items += [Call(f"c{number}", NAME, f'{{"p": "{number}"}}'), Result(f"c{number}", text)]
    return items


def whole(inquiry: Inquiry) -> int:
    return len(fit(inquiry, 10**9).prompt.text)


LONG = Inquiry(
    (
        Said("system", "SYSTEM"),
        Said("user", "OLD QUESTION"),
        Said("assistant", "OLD ANSWER"),
        Said("user", "TASK"),
        *steps(8),
    ),
    (READ,),
)


def shortened(share: float, inquiry: Inquiry = LONG) -> Fitted:
    most = int(whole(inquiry) * share)
    fitted = fit(inquiry, most)
    assert len(fitted.prompt.text) <= most
    return fitted


def test_what_fits_is_left_as_it_is() -> None:
    fitted = fit(LONG, whole(LONG))
    assert fitted.left_out == LeftOut()
    assert not fitted.left_out


def test_first_less_is_said_of_the_tools() -> None:
    talk = replace(LONG, items=(Said("user", "x" * 300),))
    fitted = fit(talk, whole(talk) - 5)
    assert fitted.left_out == LeftOut(detail=offer.SHORT_WORDS)
    assert len(fitted.prompt.text) <= (whole(talk) - 5) * COMFORTABLE


def test_then_the_oldest_results_go_and_their_calls_stay() -> None:
    fitted = shortened(0.8)
    assert fitted.left_out == LeftOut(detail=offer.FEWEST_WORDS, results=3)
    text = fitted.prompt.text
    assert "[result of Read left out, 3007 characters; call it again if needed]" in text
    assert ["<2>" in text, "<3>" in text] == [False, True]
    assert text.count('"name": "Read", "arguments": {"p": "') == 8 + 1  # the calls, and the example


def test_then_the_middle_of_the_recent_ones() -> None:
    fitted = shortened(0.4)
    assert (fitted.left_out.results, fitted.left_out.middles, fitted.left_out.calls) == (3, 4, 0)
    assert "<3>x" in fitted.prompt.text
    assert "x</3>" in fitted.prompt.text
    assert "characters left out here, to fit the limit]" in fitted.prompt.text


def test_then_old_calls_and_then_old_turns() -> None:
    calls, turns = shortened(0.24), shortened(0.166)
    assert (calls.left_out.calls > 0, calls.left_out.turns) == (True, 0)
    assert turns.left_out == LeftOut(detail=offer.FEWEST_WORDS, calls=7, turns=2)
    assert "[earlier messages and calls left out here, to fit the limit: 9]" in turns.prompt.text
    assert "OLD" not in turns.prompt.text


@pytest.mark.parametrize("share", [0.9, 0.6, 0.3, 0.2, 0.166])
def test_system_texts_the_task_and_the_last_turn_stay(share: float) -> None:
    text = shortened(share).prompt.text
    last = LONG.items[-1]
    assert isinstance(last, Result)
    assert all(kept in text for kept in ("SYSTEM", "TASK", last.text, '{"p": "7"}'))


def test_only_at_the_very_end_does_the_last_result_lose_its_middle() -> None:
    fitted = shortened(0.15)
    assert fitted.left_out == LeftOut(detail=offer.FEWEST_WORDS, middles=1, calls=7, turns=2)
    assert "<7>x" in fitted.prompt.text
    assert "x</7>" in fitted.prompt.text


def test_a_task_that_is_too_long_by_itself_stays_whole() -> None:
    inquiry = Inquiry((Said("user", "old"), Said("assistant", "older"), Said("user", "TASK" * 5_000)))
    fitted = fit(inquiry, 1_000)
    assert "TASK" * 5_000 in fitted.prompt.text
    assert fitted.left_out == LeftOut(turns=2)


def test_what_is_left_out_is_told_in_a_few_words() -> None:
    parts = LeftOut(detail=6, results=3, middles=2, calls=1, turns=5).parts()
    assert list(parts) == ["tools step 6 of 6", "results 3", "middles 2", "calls 1", "turns 5"]


def test_the_last_turn_is_what_came_after_the_assistants_last_word() -> None:
    items = (
        Said("user", "a"),
        Said("assistant", "b"),
        Said("user", "c"),
        Call("1", NAME, "{}"),
        Result("1", "r"),
    )
    assert last_turn(items) == {2, 3, 4}
    assert last_turn((*items, Said("user", "d"), Said("assistant", "begun"))) == {3, 4, 5, 6}
    assert last_turn((Said("system", "s"), Said("user", "a"))) == {0, 1}


def test_system_texts_and_tools_alone_have_a_size() -> None:
    assert len("SYSTEM") + len(offer.shown(READ, offer.FEWEST_WORDS)) < fixed_characters(LONG) < 3_000


ITEMS = st.lists(
    st.one_of(
        st.builds(Said, st.sampled_from(["user", "assistant", "system"]), st.text("ab \n=", max_size=400)),
        st.builds(Call, st.sampled_from("123"), st.just(NAME), st.just('{"p": "x"}')),
        st.builds(Result, st.sampled_from("1234"), st.text("ab\n", max_size=3_000)),
    ),
    min_size=1,
    max_size=12,
)


@given(ITEMS, st.integers(0, 12_000))
def test_whatever_was_said_it_fits_or_only_what_stays_is_left(items: list[Item], most: int) -> None:
    inquiry = Inquiry((*items, Said("user", "TASK")), (READ,))
    fitted = fit(inquiry, most)
    assert "TASK" in fitted.prompt.text
    if len(fitted.prompt.text) > most:
        kept = last_turn(inquiry.items)
        gone = sum(
            place not in kept and not isinstance(item, Said) for place, item in enumerate(inquiry.items)
        )
        assert fitted.left_out.detail == offer.FEWEST_WORDS
        assert gone == 0 or fitted.left_out.calls > 0
