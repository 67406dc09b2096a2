"""An answer as Markdown: the sink around the stream of blocks."""

from answers import DONE, GUIDE, Paper, run

from stackspot_cli.domain import Delta
from stackspot_cli.errors import AnswerCut
from stackspot_cli.output.markdown import MarkdownSink


class Writer:
    """A stream of blocks that only says what it was told."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper

    def feed(self, text: str) -> None:
        self.paper.write(f"<{text}>")

    def tick(self) -> float | None:
        return 0.25

    def close(self) -> None:
        self.paper.write("|end")


def sink_on(paper: Paper, aside: list[str] | None = None) -> MarkdownSink:
    return MarkdownSink(paper, lambda: Writer(paper), aside=None if aside is None else aside.append)


def test_each_delta_is_fed_and_the_sources_stand_below() -> None:
    paper = Paper()
    run(sink_on(paper), [Delta("a"), Delta("b"), GUIDE, DONE])
    assert paper.getvalue() == "<a><b>|end\n[1] Guide (pdf)\n"


def test_the_stream_is_made_with_the_first_character() -> None:
    paper, aside = Paper(), list[str]()
    sink = sink_on(paper, aside)
    assert sink.tick() is None
    run(sink, [GUIDE, DONE])
    assert (paper.getvalue(), aside) == ("", ["[1] Guide (pdf)"])


def test_it_wants_to_be_called_again_when_the_stream_does() -> None:
    sink = sink_on(Paper())
    sink.event(Delta("a"))
    assert sink.tick() == 0.25


def test_a_broken_answer_is_closed_without_sources() -> None:
    paper = Paper()
    run(sink_on(paper), [Delta("a"), GUIDE, AnswerCut("broke")])
    assert paper.getvalue() == "<a>|end"
