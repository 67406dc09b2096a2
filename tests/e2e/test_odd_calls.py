"""Calls in odd surroundings: no threads, closed streams, bytes that are no text, names for stdin."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from fault_server import END, delta, stream
from program import CLIENT_ID, CLIENT_KEY, Program

WITHOUT_THREADS = """
import sys, threading
def refuse(self):
    raise RuntimeError("can't start new thread")
threading.Thread.start = refuse
from stackspot_cli.__main__ import main
sys.argv = ["stackspot", *sys.argv[1:]]
main()
"""
ON = {"STACKSPOTAI_HISTORY": None}


def threadless(program: Program, *argv: str, **env: str | None) -> tuple[int, str, str]:
    return program.finish(program.start(*argv, python=("-c", WITHOUT_THREADS), env={**ON, **env})).told


def test_no_threads_to_be_had_cost_nothing_that_was_asked_for(program: Program) -> None:
    assert threadless(program, "complete", "hi") == (0, "Hello\n", "")
    listed = program.run("history", "list", "--format", "json")
    assert [len(listed.json), listed.json[0]["turns"]] == [1, 1]
    code, _out, err = threadless(program, "status")
    assert code == 0 and "bug" not in err


def test_a_keyring_that_cannot_be_asked_is_told(program: Program) -> None:
    code, _out, err = threadless(program, "complete", "hi", STACKSPOTAI_CLIENT_KEY=None)
    assert code == 4 and "the keyring was not asked: this machine gives no thread to ask it in" in err


@pytest.mark.parametrize(
    "argv",
    [
        ("history", "show", "X"),
        ("history", "delete", "--yes", "X"),
        ("history", "export", "X"),
        ("complete", "hi", "--conversation", "X"),
        ("run", "slug", "hi", "--conversation", "X"),
        ("run", "--execution", "X"),
        ("run", "X", "hi"),
        ("complete", "-s", "X", "hi"),
        ("complete", "-m", "X", "hi"),
    ],
    ids=" ".join,
)
def test_an_argument_that_is_no_text_is_a_usage_error(program: Program, argv: tuple[str, ...]) -> None:
    program.run("complete", "hi", env=ON)
    words = [os.fsdecode(b"ol\xe1") if word == "X" else word for word in argv]
    outcome = program.run(*words)
    assert (outcome.code, outcome.out) == (2, ""), outcome.err


@pytest.mark.parametrize("name", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
@pytest.mark.parametrize("way", ["pipe", "file"])
def test_stdin_s_own_names_are_a_dash(program: Program, name: str, way: str) -> None:
    source = program.folder / "x.py"
    source.write_text("x = 1\n")
    command = f"exec {{}} -f {name} Q --dry-run"
    command = f"cat x.py | ({command})" if way == "pipe" else f"{command} < x.py"
    process = program.start(
        "complete", prefix=("sh", "-c", command.format('"$@"'), "sh"), stdin=subprocess.DEVNULL
    )
    assert program.finish(process).json["body"]["user_prompt"] == "Q\n\nstdin\n```\nx = 1\n```"


@pytest.mark.parametrize(
    ("name", "shown"), [("x.py\r", "x.py␍"), ("x.py ", "x.py␠"), ("\tx.py", "␉x.py"), ("\n", "␤")]
)
def test_the_blank_that_matters_is_shown(program: Program, name: str, shown: str) -> None:
    assert program.refused("complete", "--no-stdin", "-f", name, "hi") == f"error: no file {shown}"


def test_a_dash_for_a_closed_stdin_is_refused(program: Program) -> None:
    command = ("sh", "-c", '"$@" <&-', "sh")
    outcome = program.finish(program.start("complete", "-f", "-", "Q", prefix=command))
    assert (outcome.code, outcome.out) == (2, "") and "stdin is closed" in outcome.err


@pytest.mark.parametrize(
    "sent", [stream(delta("Hi"), delta(" you"), END), stream(delta("Hi\n\n"), delta("x"), END)]
)
def test_a_full_stdout_is_exit_3_however_the_answer_comes(program: Program, sent: object) -> None:
    program.server.api(sent)
    outcome = program.finish(program.start("complete", "hi", prefix=("sh", "-c", '"$@" > /dev/full', "sh")))
    assert outcome.code == 3 and "cannot write to stdout" in outcome.err


def test_help_that_nobody_can_read_is_exit_3(program: Program) -> None:
    outcome = program.finish(program.start("--help", prefix=("sh", "-c", '"$@" >&-', "sh")))
    assert outcome.code == 3
    assert program.run("--help", env={"TERMINAL_WIDTH": "abc"}).code == 0


def test_a_shell_that_stops_listening_to_tab_ends_it_silently(program: Program) -> None:
    env = {"_STACKSPOT_COMPLETE": "complete_lines", "_TYPER_COMPLETE_ARGS": "stackspot "}
    read, write = os.pipe()
    os.close(read)
    process = program.start(env=env, stdout=write)
    os.close(write)
    _out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (141, b"")


@pytest.mark.parametrize("name", ["STACKSPOTAI_CLIENT_ID", "STACKSPOTAI_CLIENT_KEY"])
def test_quotes_around_a_variable_s_value_are_noticed(program: Program, name: str) -> None:
    value = {"STACKSPOTAI_CLIENT_ID": CLIENT_ID, "STACKSPOTAI_CLIENT_KEY": CLIENT_KEY}[name]
    error = program.refused("complete", "--no-stdin", "hi", env={name: f'"{value}"'})
    assert error == f"error: environment {name} stands in quotes, which would be sent as a part of it"


def test_a_chat_on_a_simple_terminal_goes_on_after_a_line_that_is_no_text(program: Program) -> None:
    with program.on_terminal("chat", "--no-history", env={"TERM": "dumb"}) as screen:
        place = screen.wait_for(b"> ")
        screen.type(b"ol\xe1 mundo\n")
        place = screen.wait_for(b"not UTF-8 text", after=place)
        place = screen.wait_for(b"> ", after=place)
        screen.type(b"hello\n")
        place = screen.wait_for(b"Hello", after=place)
        screen.wait_for(b"> ", after=place)
        screen.type(b"/exit\n")
        assert screen.end() == 0


def test_a_chat_that_cannot_be_kept_says_so_once(program: Program) -> None:
    (program.home / "history.db").mkdir(parents=True)
    outcome = program.call("chat", stdin=b"one\ntwo\nthree\n", env=ON)
    assert outcome.code == 0 and outcome.err.count("this answer is not kept") == 1


def test_the_editor_and_the_clipboard_are_given_no_key(program: Program) -> None:
    script = program.folder / "editor.sh"
    script.write_text("#!/bin/sh\nenv > seen.txt\n")
    script.chmod(0o755)
    env = {
        "EDITOR": os.fspath(script),
        "STACKSPOTAI_SERVE_KEY": "gateway-key-1",
        "STACKSPOT_CLIENT_SECRET": "s3cret-s",
    }
    assert program.run("config", "edit", env=env).code == 0
    seen = (program.folder / "seen.txt").read_text()
    assert CLIENT_ID in seen
    assert [key for key in (CLIENT_KEY, "gateway-key-1", "s3cret-s") if key in seen] == []


def test_commands_in_hints_are_quoted_for_the_shell(program: Program, tmp_path: Path) -> None:
    outcome = program.call("--profile", "my profile; rm x", "complete", "--no-stdin", "hi")
    assert outcome.code == 4 and "stackspot --profile 'my profile; rm x' login" in outcome.err
    config = tmp_path / "my config.yaml"
    config.write_text(f"providers: {{stackspot: {{client_id: {CLIENT_ID}, api_key: 'written-out-1'}}}}\n")
    note = program.call("--config", str(config), "complete", "--no-stdin", "hi").err
    quoted = shlex.quote(str(config))
    assert f"stackspot --config {quoted} config import {quoted}" in note
