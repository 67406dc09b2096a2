"""The three streams in a small world, and the facts about them."""

import io
from collections.abc import Mapping

import pytest

from stackspot_cli.errors import OutputUnwritable, UsageError
from stackspot_cli.terminal.streams import FLUSH_BYTES, Terminal


def test_stdout_is_buffered_until_it_is_flushed() -> None:
    sink = io.BytesIO()
    terminal = on(sink)
    terminal.write("a")
    assert sink.getvalue() == b""
    terminal.flush()
    assert sink.getvalue() == b"a"
    terminal.write("b" * FLUSH_BYTES)
    assert sink.getvalue() == b"a" + b"b" * FLUSH_BYTES


def on(stdout: io.BytesIO | None, **changes: object) -> Terminal:
    facts = {"stdin_kind": "none", "stdout_is_terminal": False, "stderr_is_terminal": False, **changes}
    return Terminal(None, stdout, io.BytesIO(), {}, **facts)  # type: ignore[arg-type]  # a test's table


def test_a_closed_stdout_is_told_when_something_has_to_be_written() -> None:
    terminal = on(None)
    terminal.flush()
    terminal.write("x")
    with pytest.raises(OutputUnwritable, match="cannot write to stdout: it is closed"):
        terminal.flush()


class Full(io.BytesIO):
    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_a_sentence() -> None:
    terminal = on(Full())
    terminal.write("x")
    with pytest.raises(OutputUnwritable) as full:
        terminal.flush()
    assert full.value.message == "cannot write to stdout: No space left on device"
    terminal.flush()  # what could not be written is not tried again


@pytest.mark.parametrize(
    ("environ", "no_color", "colored"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, False, True),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "unknown"}, False, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    environ: Mapping[str, str], no_color: bool, colored: bool
) -> None:
    terminal = Terminal.fake(environ=environ, stdout_is_terminal=True)
    terminal.no_color = no_color
    assert terminal.color is colored
    assert Terminal.fake(environ=environ).color is False


@pytest.mark.parametrize(("encoding", "is_unicode"), [("utf-8", True), ("UTF8", True), ("latin-1", False)])
def test_json_is_exact_on_every_stream(encoding: str, is_unicode: bool) -> None:
    terminal = Terminal.fake(encoding=encoding)
    assert terminal.is_unicode is is_unicode
    terminal.write_json({"a": "€\x9b"})
    assert terminal.out == ('{\n  "a": "€\\u009b"\n}\n' if is_unicode else '{\n  "a": "\\u20ac\\u009b"\n}\n')


def test_what_is_said_is_made_safe() -> None:
    terminal = Terminal.fake()
    terminal.note("a\x1b[2J\u202e")
    assert terminal.err == "note: a␛[2J\\u202e\n"


def test_an_error_and_its_hint_are_a_line_each() -> None:
    terminal = Terminal.fake()
    terminal.error(UsageError("two\nlines", "do this"))
    terminal.error(UsageError("no hint"))
    assert terminal.err == "error: two lines\nhint: do this\nerror: no hint\n"


@pytest.mark.parametrize(
    ("answer", "yes"),
    [(b"y\n", True), (b"YES\n", True), (b"sim\n", True), (b"\n", False), (b"", False), (b"n\n", False)],
)
def test_no_is_the_default(answer: bytes, yes: bool) -> None:
    terminal = Terminal.fake(answer)
    assert terminal.confirm("really?") is yes
    assert terminal.err == "really? [y/N] " + ("" if answer else "\n")


def test_whoever_leaves_a_question_gets_a_line_of_their_own() -> None:
    class Interrupted(io.BytesIO):
        def readline(self, _size: int | None = -1, /) -> bytes:
            raise KeyboardInterrupt

    terminal = Terminal.fake()
    terminal.stdin = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        terminal.ask("who?")
    assert terminal.err == "who? \n"


def test_a_stderr_that_is_gone_costs_words_and_not_the_answer() -> None:
    terminal = Terminal(
        None, io.BytesIO(), Full(), {}, stdin_kind="none", stdout_is_terminal=False, stderr_is_terminal=False
    )
    terminal.note("lost")
    terminal.note("lost too")


@pytest.mark.parametrize(
    ("environ", "size"),
    [
        ({"COLUMNS": "40", "LINES": "10"}, (40, 10)),
        ({"COLUMNS": "0", "LINES": "x"}, (80, 24)),
        ({"COLUMNS": "40"}, (40, 24)),
    ],
)
def test_columns_and_lines_come_before_the_window(environ: Mapping[str, str], size: tuple[int, int]) -> None:
    terminal = Terminal(
        None, None, None, environ, stdin_kind="none", stdout_is_terminal=False, stderr_is_terminal=False
    )
    assert terminal.size()[0] == size[0]
    if "LINES" in environ and environ["LINES"].isdecimal():
        assert terminal.size() == size


def test_every_secret_that_was_ever_to_be_hidden_stays_hidden() -> None:
    terminal = Terminal.fake()
    terminal.note("one and two")
    terminal.hide(lambda text: text.replace("one", "••"))
    terminal.hide(lambda text: text.replace("two", "••"))
    terminal.note("one and two")
    terminal.error(UsageError("who said one?", "say two"))
    assert terminal.err == ("note: one and two\nnote: •• and ••\nerror: who said ••?\nhint: say ••\n")


HOSTILE = "::add-mask::a\n  ::stop-commands::b\nok ##vso[task.complete]\n##[group]x\n##teamcity[y]\n"
SHOWN = ":\\:add-mask::a\n  :\\:stop-commands::b\nok #\\#vso[task.complete]\n#\\#[group]x\n#\\#teamcity[y]\n"


@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_neither_stream_can_steer_a_build_log(size: int) -> None:
    terminal = Terminal.fake(environ={"CI": "true"})
    for place in range(0, len(HOSTILE), size):
        terminal.write(HOSTILE[place : place + size])
        terminal.flush()
    terminal.say(HOSTILE.rstrip("\n"))
    assert (terminal.out, terminal.err) == (SHOWN, SHOWN)
    assert terminal.is_build_log


def test_what_was_asked_for_exactly_is_exact_and_elsewhere_nothing_changes() -> None:
    terminal = Terminal.fake(environ={"CI": "true"})
    terminal.write_exactly(HOSTILE)
    assert terminal.out == HOSTILE
    plain = Terminal.fake()
    plain.write(HOSTILE)
    assert (plain.out, plain.is_build_log) == (HOSTILE, False)


def test_what_is_held_back_comes_at_the_end() -> None:
    terminal = Terminal.fake(environ={"CI": "true"})
    terminal.write("a:\n::")
    terminal.finish()
    assert terminal.out == "a:\n::"
