"""The real program among real processes: readers that leave, signals, terminals, and streams that are closed."""

import fcntl
import os
import signal
import struct
import subprocess
import termios
import threading

import pytest
from fault_server import (
    CLOSE_HEAD,
    END,
    HOLD,
    Endless,
    Pause,
    Say,
    Until,
    delta,
    frames,
    reply,
    stream,
    token_reply,
)
from program import Outcome, Program

OK = (0, "Hello\n", "")
SHELL = ("sh", "-c")


def shell(program: Program, script: str, *argv: str, **more: object) -> Outcome:
    """Runs the program as "$@" in a shell's script, which ends with its exit code."""
    return program.finish(program.start(*argv, prefix=(*SHELL, script, "sh"), **more))


# --- readers ----------------------------------------------------------------------------------------------------


def test_a_reader_that_leaves_ends_the_program_silently_with_141(program: Program) -> None:
    program.server.api([CLOSE_HEAD, Endless(delta("line\n" * 50))])
    outcome = shell(program, '("$@"; echo $? >&2) | head -n 1', "complete", "hi")
    assert (outcome.out, outcome.err) == ("line\n", "141\n")
    assert program.server.hung_up.wait(30)


@pytest.mark.parametrize("options", [("--format", "jsonl"), ("--format", "json"), ("--no-stream",), ("-x",)])
def test_a_reader_that_was_never_there_ends_it_with_141_in_every_format(
    program: Program, options: tuple[str, ...]
) -> None:
    program.server.api(stream(delta("```\nHello\n```\n"), END))
    outcome = shell(program, '(sleep 0.1; "$@"; echo $? >&2) | true', "complete", *options, "hi")
    assert outcome.err == "141\n"


@pytest.mark.parametrize("argv", [("--help",), ("complete", "--help"), ("models",), ("--version",)])
def test_it_is_the_same_for_pages_and_lists(program: Program, argv: tuple[str, ...]) -> None:
    outcome = shell(program, '(sleep 0.1; "$@"; echo $? >&2) | true', *argv)
    assert outcome.err == "141\n"


@pytest.mark.parametrize(
    "argv",
    [("complete", "hi"), ("complete", "--format", "jsonl", "hi"), ("models",), ("--version",), ("--help",)],
)
def test_a_full_device_is_exit_3_in_one_sentence(program: Program, argv: tuple[str, ...]) -> None:
    outcome = shell(program, '"$@" > /dev/full', *argv)
    assert outcome.code == 3
    assert outcome.err.startswith("error: cannot write to stdout: No space left on device\nhint: ")


@pytest.mark.parametrize(
    ("argv", "kept"),
    [
        (("complete", "hi"), True),
        (("complete", "--no-history", "hi"), False),
        (("complete", "--dry-run", "hi"), False),
        (("models",), False),
        (("--version",), False),
        (("--help",), False),
    ],
)
def test_the_history_is_named_only_where_it_has_the_answer(
    program: Program, argv: tuple[str, ...], kept: bool
) -> None:
    assert ("stackspot history show" in shell(program, '"$@" > /dev/full', *argv).err) is kept


def test_nor_is_it_named_where_the_answer_could_not_be_kept(program: Program) -> None:
    (program.home / "history.db").mkdir(parents=True)
    told = shell(program, '"$@" > /dev/full', "complete", "hi").err
    assert ("this answer is not kept" in told, "stackspot history show" in told) == (True, False)


@pytest.mark.parametrize(
    "argv", [("complete", "hi"), ("models",), ("--version",), ("--help",), ("models", "--help")]
)
def test_a_closed_stdout_is_exit_3(program: Program, argv: tuple[str, ...]) -> None:
    outcome = shell(program, '"$@" >&-', *argv)
    assert outcome.code == 3 and outcome.err.startswith("error: cannot write to stdout: it is closed\n")


def test_a_shell_that_looks_no_longer_hears_no_complaint(program: Program) -> None:
    """TAB, with a reader that leaves at once; its answer is longer than what a pipe holds."""
    env = {"_STACKSPOT_COMPLETE": "complete_lines", "_TYPER_COMPLETE_ARGS": "stackspot "}
    outcome = shell(program, '{ "$@"; echo "$?" >&2; } | true', env=env)
    assert (outcome.code, outcome.err) == (0, "141\n")


def test_the_help_takes_a_width_that_is_none_for_no_width(program: Program) -> None:
    with program.on_terminal("--help", env={"TERMINAL_WIDTH": "abc"}) as screen:
        assert screen.end() == 0
    assert b"complete" in screen.shown


def test_a_closed_stdin_is_none(program: Program) -> None:
    assert shell(program, '"$@" <&-', "complete", "hi").told == OK


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_a_stderr_that_takes_nothing_costs_nothing(program: Program, redirection: str) -> None:
    assert shell(program, f'"$@" {redirection}', "-v", "complete", "hi").told == OK


def test_all_three_closed_still_ends_with_a_code(program: Program) -> None:
    assert shell(program, '"$@" <&- >&- 2>&-', "complete", "hi").code == 3


def test_an_output_file_on_a_full_disk_is_exit_3_and_keeps_the_old_file(program: Program) -> None:
    """A limit on the size of files stands for the disk."""
    program.server.api(stream(delta("x" * 50_000), END))
    wanted = program.folder / "answer.txt"
    wanted.write_text("old")
    script = 'ulimit -f 40; trap "" XFSZ; exec "$@"'
    outcome = shell(program, script, "complete", "--no-history", "-o", "answer.txt", "hi")
    assert (outcome.code, wanted.read_text()) == (3, "old")
    assert "error: cannot write answer.txt: " in outcome.err


def test_a_slow_reader_gets_everything_and_is_no_silence(program: Program) -> None:
    text = "".join(f"{number}\n" for number in range(60_000))
    pieces = [text[start : start + 1000] for start in range(0, len(text), 1000)]
    program.server.api(stream(*map(delta, pieces), END))
    process = program.start("complete", "--timeout", "0.3", "hi")
    assert process.stdout is not None
    first = process.stdout.read(1)
    threading.Event().wait(0.6)  # longer than the patience with the service
    rest = process.stdout.read()
    assert (first + rest).decode() == text
    assert program.finish(process).code == 0


def test_a_pipe_that_somebody_made_non_blocking_loses_nothing(program: Program) -> None:
    text = "word " * 100_000
    program.server.api(stream(delta(text), END))
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETFL, os.O_NONBLOCK)
    process = program.start("complete", "hi", stdout=theirs)
    os.close(theirs)
    wait_for_bytes(ours, 65536)  # the pipe is full
    with os.fdopen(ours, "rb") as pipe:
        assert pipe.read().decode() == text + "\n"
    assert program.finish(process).code == 0


# --- signals ------------------------------------------------------------------------------------------------------

STAGES = ["token", "head", "first character", "middle", "retry"]


def started(program: Program, stage: str, *options: str) -> subprocess.Popen[bytes]:
    """The program, once it has come so far and hangs there."""
    there = threading.Event()
    program.server.token(*([[Say(there), HOLD]] if stage == "token" else [token_reply()]))
    hangs = {
        "head": [Say(there), HOLD],
        "first character": [*frames(b": ping\n\n"), Say(there), HOLD],
        "middle": [*frames(delta("Hel")), Say(there), HOLD],
        "retry": [reply(503, headers=[("Retry-After", "50")]), Say(there)],
    }
    program.server.api(hangs.get(stage, HOLD))
    process = program.start("complete", *options, "hi")
    assert there.wait(30)
    if stage == "middle" and "--no-stream" not in options and "json" not in options:
        assert process.stdout is not None
        wait_for_bytes(process.stdout.fileno(), 3)
    elif stage == "retry":
        assert process.stderr is not None
        wait_for_bytes(process.stderr.fileno(), 1)  # the note that it waits
    else:
        threading.Event().wait(0.15)  # nothing tells that a process has begun to wait
    return process


def wait_for_bytes(pipe: int, count: int) -> None:
    """Until so many bytes can be read there; reads none of them."""
    for _ in range(1000):
        if struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0] >= count:
            return
        threading.Event().wait(0.01)
    raise AssertionError(f"{count} bytes never came")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_it_at_every_stage_and_the_part_is_kept(
    program: Program, stage: str, number: signal.Signals, code: int
) -> None:
    process = started(program, stage)
    process.send_signal(number)
    outcome = program.finish(process)
    noted = (
        "note: StackSpot failed (503); trying again in 50 s (attempt 2 of 3)\n" if stage == "retry" else ""
    )
    assert outcome.told == (code, "Hel\n" if stage == "middle" else "", noted)
    if stage != "retry":
        assert program.server.hung_up.wait(30)


def test_an_interrupted_answer_in_json_is_one_valid_object(program: Program) -> None:
    process = started(program, "middle", "--format", "json")
    process.send_signal(signal.SIGINT)
    outcome = program.finish(process)
    assert (outcome.code, outcome.json["stackspot"]["complete"]) == (130, False)
    assert outcome.json["choices"][0] == {
        "index": 0,
        "message": {"role": "assistant", "content": "Hel"},
        "finish_reason": None,
    }


@pytest.mark.parametrize(
    ("number", "name", "code"), [(signal.SIGINT, "INTERRUPTED", 130), (signal.SIGTERM, "TERMINATED", 143)]
)
def test_an_interrupted_answer_in_jsonl_says_so_last(
    program: Program, number: signal.Signals, name: str, code: int
) -> None:
    process = started(program, "middle", "--format", "jsonl")
    process.send_signal(number)
    outcome = program.finish(process)
    last = outcome.lines[-1]
    assert (outcome.code, last["type"], last["code"], last["exit_code"]) == (code, "error", name, code)


def test_an_interrupted_answer_stays_in_the_part_file(program: Program) -> None:
    process = started(program, "first character", "-o", "answer.txt")
    process.send_signal(signal.SIGINT)
    assert program.finish(process).code == 130
    assert not (program.folder / "answer.txt").exists() and not (program.folder / "answer.txt.part").exists()


def test_ctrl_c_while_stdin_is_awaited(program: Program) -> None:
    ours, theirs = os.pipe()
    process = program.start("complete", "hi", stdin=ours)
    os.close(ours)
    assert process.stderr is not None
    assert b"waiting for text on stdin" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert program.finish(process).code == 130
    os.close(theirs)


def test_ctrl_c_while_a_reader_does_not_read(program: Program) -> None:
    program.server.api([CLOSE_HEAD, Endless(delta("x" * 1000))])
    process = program.start("complete", "--no-history", "hi")
    assert process.stdout is not None
    wait_for_bytes(
        process.stdout.fileno(), 40_000
    )  # the pipe is full: a small write can leave a page half empty
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    program.finish(process)


def test_a_hang_up_that_nohup_ignores_stays_ignored(program: Program) -> None:
    there, go = threading.Event(), threading.Event()
    program.server.api([*frames(delta("Hel")), Say(there), Until(go), *frames(delta("lo"), END)[1:]])
    process = program.start("complete", "hi", prefix=(*SHELL, 'trap "" HUP; exec "$@"', "sh"))
    assert there.wait(30)
    process.send_signal(signal.SIGHUP)
    go.set()
    assert program.finish(process).told == OK


def test_ctrl_z_and_fg_cost_nothing(program: Program) -> None:
    there, go = threading.Event(), threading.Event()
    program.server.api([*frames(delta("Hel")), Say(there), Until(go), *frames(delta("lo"), END)[1:]])
    process = program.start("complete", "--timeout", "2", "hi")
    assert there.wait(30)
    process.send_signal(signal.SIGSTOP)  # as Ctrl-Z does, without a shell to wait for
    os.waitpid(process.pid, os.WUNTRACED)
    go.set()
    process.send_signal(signal.SIGCONT)
    assert program.finish(process).told == OK


# --- terminals ------------------------------------------------------------------------------------------------------


def test_ctrl_c_is_a_key_on_a_terminal(program: Program) -> None:
    program.server.api([*frames(delta("Hel")), HOLD])
    with program.on_terminal("complete", "--format", "text", "hi") as screen:
        screen.wait_for(b"Hel")
        screen.type(b"\x03")
        assert screen.end() == 130
    assert b"Traceback" not in screen.shown and program.server.hung_up.wait(30)


def test_without_a_prompt_a_terminal_is_not_waited_for(program: Program) -> None:
    with program.on_terminal("complete") as screen:
        assert screen.end() == 2
    assert b"there is no prompt" in screen.shown


def test_a_spinner_leaves_no_trace_on_a_terminal(program: Program) -> None:
    go = threading.Event()
    program.server.api([*frames(b": ping\n\n"), Until(go), *frames(delta("Hello"), END)[1:]])
    with program.on_terminal("complete", "hi") as screen:
        screen.wait_for(b" s")
        go.set()
        assert screen.end() == 0
    assert screen.shown.rstrip().endswith(b"\r\x1b[KHello")


def test_text_that_was_asked_for_comes_without_a_spinner(program: Program) -> None:
    program.server.api([*frames(b": ping\n\n"), Pause(0.5), *frames(delta("Hello"), END)[1:]])
    with program.on_terminal("complete", "--format", "text", "hi") as screen:
        assert screen.end() == 0
    assert screen.shown == b"Hello\r\n"


@pytest.mark.parametrize("format_", ["text", "markdown", "json", "jsonl"])
def test_no_escape_byte_reaches_a_pipe(program: Program, format_: str) -> None:
    program.server.api(stream(delta("# Title\n\n**bold** `code` \x1b[31mred\x1b[0m\n"), END))
    with program.on_terminal("complete", "--format", format_, "hi", stdout=subprocess.PIPE) as screen:
        assert screen.process.stdout is not None
        out = screen.process.stdout.read()
        assert screen.end() == 0
    assert b"\x1b" not in out and b"red" in out


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}, b"Ol\\xe1 \\u4f60 \\u2013\n"),
        ({"PYTHONIOENCODING": "cp1252"}, b"Ol\xe1 \\u4f60 \x96\n"),
        ({"LC_ALL": "C"}, "Olá 你 –\n".encode()),  # Python's own UTF-8 mode
        ({"LC_ALL": "C.UTF-8"}, "Olá 你 –\n".encode()),
    ],
)
def test_what_a_locale_lacks_is_shown_as_an_escape(
    program: Program, locale: dict[str, str], shown: bytes
) -> None:
    program.server.api(stream(delta("Olá 你 –"), END))
    outcome = program.run("complete", "hi", env={**locale, "STACKSPOTAI_CLIENT_KEY": "an-ascii-key"})
    assert (outcome.code, outcome.out_bytes) == (0, shown)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize("format_", ["json", "jsonl"])
def test_json_is_exact_in_every_locale(program: Program, encoding: str, format_: str) -> None:
    text = "Olá 你 – 👋🏽 \x1b[31m \u202e"
    program.server.api(stream(delta(text), END))
    outcome = program.run("complete", "--format", format_, "hi", env={"PYTHONIOENCODING": encoding})
    value = (
        outcome.json["choices"][0]["message"]["content"] if format_ == "json" else outcome.lines[1]["text"]
    )
    assert value == text


def test_nothing_is_written_beside_the_home(program: Program) -> None:
    assert program.run("complete", "hi").told == OK
    assert [path.name for path in program.folder.iterdir()] == ["home"]
