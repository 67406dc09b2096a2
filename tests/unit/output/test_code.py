"""Only the code of an answer."""

from answers import DONE, Paper, run

from stackspot_cli.domain import Delta
from stackspot_cli.errors import AnswerCut, AnswerLacks
from stackspot_cli.output.code import CodeSink
from stackspot_cli.output.text import TextSink

TWO = "Here:\n\n```py\nfirst()\n```\n\nand\n\n```\nlast()\n```\n"


def extracted(text: str, *, last: bool = False, to_file: bool = False, cut: bool = False) -> tuple:
    paper, aside = Paper(), list[str]()
    sink = CodeSink(TextSink(paper, for_terminal=False), aside.append, last=last, to_file=to_file)
    error = run(sink, [Delta(text), AnswerCut("broke") if cut else DONE])
    return paper.getvalue(), aside, type(error)


def test_the_first_or_the_last_block() -> None:
    assert extracted(TWO) == ("first()\n", [], type(None))
    assert extracted(TWO, last=True) == ("last()\n", [], type(None))


def test_an_answer_without_code_is_an_error_and_shown_aside() -> None:
    assert extracted("only words\n") == ("", ["only words"], AnswerLacks)


def test_an_empty_block_is_no_empty_line() -> None:
    assert extracted("```\n```") == ("", [], type(None))


def test_of_a_cut_answer_the_first_whole_block_is_delivered() -> None:
    assert extracted(TWO + "```\nhalf", cut=True) == ("first()\n", [], AnswerCut)


def test_without_a_whole_block_what_came_is_kept_where_it_was_wanted() -> None:
    assert extracted("```\nhalf", cut=True) == ("", ["```\nhalf"], AnswerCut)
    assert extracted("```\nhalf", cut=True, to_file=True) == ("```\nhalf\n", [], AnswerCut)
    assert extracted(TWO, last=True, cut=True) == ("", [TWO.rstrip()], AnswerCut)
