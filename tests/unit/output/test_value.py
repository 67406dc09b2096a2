"""An answer that is one JSON value: where it goes, and what stands beside it where none fits."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.domain import Delta, Done, Usage
from stackspot_cli.errors import AnswerUnfit, OutputUnwritable
from stackspot_cli.output.present import Presentation
from stackspot_cli.output.value import value_output
from stackspot_cli.structured.asking import Value
from stackspot_cli.structured.json_text import Found
from stackspot_cli.terminal.streams import Terminal

START = Start("stackspot-ai", "01CONVERSATION", created=1_700_000_000, answer_id="01ANSWER")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)
EXACT = '{"n": 1.50, "big": 12345678901234567890.0e-2, "s": "\\u00e9 é"}'


def answer(text: str = "Sure: {}") -> Answer:
    made = Answer()
    for event in (Delta(text), Usage(7, 2), Done("stop", None, "01MESSAGE")):
        made.add(event)
    return made


def put(value: Value, terminal: Terminal | None = None, **presented: object) -> str:
    terminal = terminal or Terminal.fake()
    with value_output(terminal, Presentation(**presented), lambda: 0.0) as output:  # type: ignore[arg-type]
        output.start(START)
        output.checks()
        output.put(value, answer())
    return terminal.out


def exact() -> Value:
    return Value(Found(EXACT, json.loads(EXACT)), 1)


@pytest.mark.parametrize("format_", [None, "text", "markdown"])
def test_stdout_is_the_value_as_it_was_written_and_a_newline(format_: str | None) -> None:
    assert put(exact(), format=format_) == EXACT + "\n"


def test_the_object_has_it_as_text_and_as_a_value_whose_numbers_stay() -> None:
    out = put(exact(), format="json")
    whole = json.loads(out)
    assert whole["choices"][0]["message"]["content"] == EXACT
    assert whole["usage"] == {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    assert whole["stackspot"] == {
        "conversation_id": "01CONVERSATION",
        "message_id": "01MESSAGE",
        "complete": True,
        "sources": [],
        "parsed": json.loads(EXACT),
        "repairs": 1,
    }
    assert '"parsed": {"n": 1.50, "big": 12345678901234567890.0e-2' in out


def test_as_lines_it_is_one_delta() -> None:
    lines = [json.loads(line) for line in put(exact(), format="jsonl").splitlines()]
    assert lines == [
        {"type": "start", "model": "stackspot-ai", "conversation_id": "01CONVERSATION"},
        {"type": "delta", "text": EXACT},
        {"type": "usage", "prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
        {"type": "done", "stop_reason": "stop", "message_id": "01MESSAGE"},
    ]


@given(VALUES)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_any_value_comes_out_exact_on_any_stream(encoding: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    terminal = Terminal.fake(encoding=encoding)
    assert json.loads(put(Value(Found(text, value), 0), terminal)) == value


def test_what_does_not_fit_stands_beside_an_empty_stdout() -> None:
    terminal = Terminal.fake()
    with pytest.raises(AnswerUnfit), value_output(terminal, Presentation(), lambda: 0.0) as output:
        output.start(START)
        output.lost(answer("No JSON here"), AnswerUnfit("x"))
        raise AnswerUnfit("x")
    assert (terminal.out, terminal.err) == ("", "No JSON here\n")


def test_a_file_holds_the_value_or_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    assert put(exact(), output=str(path)) == ""
    assert path.read_text() == EXACT + "\n"
    with (
        pytest.raises(AnswerUnfit),
        value_output(Terminal.fake(), Presentation(output=str(tmp_path / "none")), lambda: 0.0) as output,
    ):
        output.start(START)
        raise AnswerUnfit("x")
    assert [one.name for one in tmp_path.iterdir()] == ["value.json"]


def test_a_file_that_cannot_be_written_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputUnwritable),
        value_output(Terminal.fake(), Presentation(output=str(tmp_path / "no" / "value")), lambda: 0.0),
    ):
        raise AssertionError("not reached")
