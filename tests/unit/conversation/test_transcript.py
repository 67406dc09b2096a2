"""What was said, as one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.conversation.transcript import opening, text_of, transcript
from stackspot_cli.domain import Message, Turn
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS

MODEL = BUILT_IN_MODELS[0]


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (Turn("q", "a", "cut"), "=== assistant ===\na\n[this answer was cut off here]\n\n"),
        (Turn("q", "a", "interrupted"), "=== assistant ===\na\n[this answer was interrupted here]\n\n"),
        (Turn("q", "", "interrupted"), ""),
    ],
)
def test_an_answer_that_did_not_end_says_so(turn: Turn, expected: str) -> None:
    assert f"=== user ===\nq\n\n{expected}=== user ===\nnew" in transcript(None, [turn], "new")


def test_a_message_that_failed_without_an_answer_is_not_repeated() -> None:
    assert opening("Be brief.", [Turn("q", "", "failed")], "new", MODEL) == ("Be brief.\n\nnew", 0)


@given(st.lists(st.text(alphabet="= user\n", max_size=40), min_size=1, max_size=4))
def test_no_message_can_forge_a_heading(texts: list[str]) -> None:
    said = [Message("user", text) for text in texts]
    text = text_of([*said, Message("assistant", "fin")])
    rule = text.rsplit("\n", 2)[-2].split(" ")[0]
    assert sum(line == f"{rule} user {rule}" for line in text.split("\n")) == len(texts)
