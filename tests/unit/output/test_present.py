"""Which sink an answer gets, and what stands beside it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from answers import START, WHOLE, streamed

from stackspot_cli.conversation.answer import Answer, added_up
from stackspot_cli.domain import Delta, Done, Event, Progress
from stackspot_cli.errors import AnswerCut, AnswerLacks, StackSpotError
from stackspot_cli.output.present import Presentation, choose_sink, present, put_object, show_again
from stackspot_cli.terminal.streams import Terminal


def shown(
    presentation: Presentation, terminal: Terminal, events: list[Event | BaseException] | None = None
) -> StackSpotError | None:
    answer = Answer()
    try:
        present(
            terminal,
            presentation,
            added_up(streamed(WHOLE if events is None else events), answer),
            START,
            answer,
            now=lambda: 0.0,
        )
    except StackSpotError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("presentation", "on_terminal", "sink"),
    [
        (Presentation(), True, "MarkdownSink"),
        (Presentation(), False, "TextSink"),
        (Presentation(raw=True), True, "TextSink"),
        (Presentation(format="markdown", raw=True), True, "TextSink"),
        (Presentation(format="markdown"), False, "MarkdownSink"),
        (Presentation(format="text"), True, "TextSink"),
        (Presentation(format="json"), True, "JsonSink"),
        (Presentation(format="jsonl"), False, "JsonLinesSink"),
        (Presentation(extract="first"), True, "CodeSink"),
        (Presentation(format="markdown", extract="last"), True, "CodeSink"),
    ],
)
def test_the_format_is_the_users_or_fits_the_reader(
    presentation: Presentation, on_terminal: bool, sink: str
) -> None:
    terminal = Terminal.fake(stdout_is_terminal=on_terminal)
    assert type(choose_sink(terminal, presentation, now=lambda: 0.0)).__name__ == sink


def test_a_pipe_holds_the_answer_and_nothing_else() -> None:
    terminal = Terminal.fake()
    assert shown(Presentation(usage=True), terminal) is None
    assert terminal.out == "Hello there\n"
    assert terminal.err == "[1] Guide (pdf)\ntokens: 7 in, 2 out, 9 together\n"


def test_counts_that_were_not_told_are_not_invented() -> None:
    terminal = Terminal.fake()
    shown(Presentation(usage=True), terminal, [Delta("x"), Done()])
    assert terminal.err == "tokens: not told by the service\n"


def test_a_file_gets_the_answer_and_stdout_stays_empty(tmp_path: Path) -> None:
    terminal, path = Terminal.fake(stdout_is_terminal=True), tmp_path / "answer"
    assert shown(Presentation(output=str(path)), terminal) is None
    assert (terminal.out, path.read_text()) == ("", "Hello there\n")


def test_a_cut_answer_stays_in_its_part_and_the_note_says_where(tmp_path: Path) -> None:
    terminal, path = Terminal.fake(), tmp_path / "answer"
    error = shown(Presentation(output=str(path)), terminal, [Delta("Hel"), AnswerCut("broke")])
    assert isinstance(error, AnswerCut)
    assert terminal.err == f"note: what came of the answer is in {path}.part\n"
    assert (tmp_path / "answer.part").read_text() == "Hel\n"


def test_required_sources_that_are_not_there_are_an_error_after_the_answer(tmp_path: Path) -> None:
    terminal, path = Terminal.fake(), tmp_path / "answer"
    events: list[Event | BaseException] = [Delta("x"), Done()]
    error = shown(Presentation(require_sources=True, output=str(path)), terminal, events)
    assert isinstance(error, AnswerLacks)
    assert error.hint.endswith(f"the answer is in {path}")
    assert path.read_text() == "x\n"


def test_a_sign_of_life_stands_there_until_the_first_character() -> None:
    terminal = Terminal.fake(environ={"NO_COLOR": "1"}, stderr_is_terminal=True)
    clock = [0.0]

    def events() -> Iterator[Event]:
        clock[0] = 1.0
        terminal.idle()
        terminal.progress(Progress("RUNNING", 0.5))
        yield Delta("x")
        yield Done()

    answer = Answer()
    present(terminal, Presentation(), added_up(events(), answer), START, answer, now=lambda: clock[0])
    assert terminal.err.startswith("\r⠋ 1 s")
    assert "50 % RUNNING" in terminal.err
    assert terminal.err.endswith("\r\x1b[K")
    assert terminal.idle() is None


def test_an_object_is_one_line_exact_on_any_stream(tmp_path: Path) -> None:
    terminal = Terminal.fake(encoding="latin-1")
    put_object(terminal, {"a": "€"})
    assert terminal.out == '{"a": "\\u20ac"}\n'
    put_object(terminal, {"a": "€"}, str(tmp_path / "x"), indent=1)
    assert json.loads((tmp_path / "x").read_text()) == {"a": "€"}


def test_an_old_answer_is_shown_again_from_where_a_person_was() -> None:
    text = "\n\n".join(f"line {number}" for number in range(20))
    terminal = Terminal.fake()
    show_again(terminal, Presentation(), text)
    assert terminal.err == "\n".join(text.split("\n")[-10:]) + "\n"
    screen = Terminal.fake(stdout_is_terminal=True)
    show_again(screen, Presentation(), text)
    assert screen.out == "\n".join(text.split("\n")[-10:]) + "\n"
