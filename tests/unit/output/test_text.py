"""An answer as text, for a screen and for a pipe."""

import pytest
from answers import DONE, GUIDE, WHOLE, Paper, run
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.domain import Delta, Source
from stackspot_cli.errors import AnswerCut
from stackspot_cli.output.text import TextSink, footnotes


def test_the_characters_and_a_final_newline() -> None:
    paper = Paper()
    run(TextSink(paper, for_terminal=False), WHOLE)
    assert paper.getvalue() == "Hello there\n\n[1] Guide (pdf)\n"


def test_beside_a_pipe_the_sources_go_aside() -> None:
    paper, aside = Paper(), list[str]()
    run(TextSink(paper, for_terminal=False, aside=aside.append), WHOLE)
    assert (paper.getvalue(), aside) == ("Hello there\n", ["[1] Guide (pdf)"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [("", "\n"), ("x\n", "x\n"), ("x\r\n", "x\n"), ("a\x1b[0m", "a␛[0m\n"), ("\u202eb", "\u202eb\n")],
)
def test_a_pipe_gets_no_controls_and_one_newline_at_the_end(text: str, shown: str) -> None:
    paper = Paper()
    run(TextSink(paper, for_terminal=False), [Delta(text), DONE])
    assert paper.getvalue() == shown


def test_a_screen_gets_no_bidirectional_marks_either() -> None:
    paper = Paper()
    run(TextSink(paper, for_terminal=True), [Delta("\u202eb"), DONE])
    assert paper.getvalue() == "\\u202eb\n"


@pytest.mark.parametrize("text", ["", "no newline", "a\x1b[0m\r\n"])
def test_raw_is_exactly_what_came(text: str) -> None:
    paper = Paper()
    run(TextSink(paper, for_terminal=True, raw=True), [Delta(text), DONE])
    assert paper.getvalue() == text


def test_without_streaming_nothing_stands_there_before_the_end() -> None:
    paper = Paper()
    sink = TextSink(paper, for_terminal=False, stream=False)
    sink.event(Delta("Hello"))
    sink.tick()
    assert paper.getvalue() == ""
    run(sink, [Delta(" there"), DONE])
    assert paper.getvalue() == "Hello there\n"


def test_what_one_read_brought_is_flushed_before_the_next_wait() -> None:
    paper = Paper()
    sink = TextSink(paper, for_terminal=False)
    sink.event(Delta("a"))
    sink.event(Delta("b"))
    sink.tick()
    assert paper.flushed == ["ab"]


def test_what_came_of_a_broken_answer_stays_and_ends_its_line() -> None:
    paper = Paper()
    error = run(TextSink(paper, for_terminal=False), [Delta("Hel"), AnswerCut("broke")])
    assert isinstance(error, AnswerCut)
    assert paper.getvalue() == "Hel\n"


def test_an_answer_that_never_began_leaves_nothing() -> None:
    paper = Paper()
    run(TextSink(paper, for_terminal=False), [AnswerCut("broke")])
    assert paper.getvalue() == ""


def test_sources_are_numbered_and_cannot_forge_a_line() -> None:
    assert footnotes([GUIDE, Source(slug="a\nb"), Source(type="api")]) == (
        "[1] Guide (pdf)\n[2] a b\n[3] source (api)\n"
    )


@given(st.lists(st.text(max_size=5), max_size=8), st.booleans())
def test_what_a_reader_sees_does_not_depend_on_the_deltas(parts: list[str], terminal: bool) -> None:
    def shown(texts: list[str], stream: bool) -> str:
        paper = Paper()
        run(TextSink(paper, for_terminal=terminal, stream=stream), [*map(Delta, texts), DONE])
        return paper.getvalue()

    together = "".join(parts)
    assert shown(parts, stream=True) == shown(parts, stream=False)
    assert shown(parts, stream=True).rstrip("\n") == shown(
        [together] if together else [], stream=True
    ).rstrip("\n")
