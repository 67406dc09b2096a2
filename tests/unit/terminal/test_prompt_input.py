"""The argument, files and stdin, made one prompt."""

import os
from pathlib import Path

import pytest

from stackspot_cli.errors import UsageError
from stackspot_cli.terminal.input_reader import InputReader
from stackspot_cli.terminal.prompt_input import Given, assemble, expand, refuse_unsendable
from stackspot_cli.terminal.streams import Terminal


def prompt_of(given: Given, stdin: bytes | None = None) -> str:
    terminal = Terminal.fake(stdin or b"", stdin_kind="none" if stdin is None else "data")
    return assemble(given, InputReader(terminal, terminal.note), terminal.stdin_kind)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.py").write_text("a = 1\n")
    (tmp_path / "b.py").write_text("b = 2")
    (tmp_path / "empty.txt").write_text("")
    monkeypatch.chdir(tmp_path)  # names are headed as they were typed
    return tmp_path


FENCED_A = "a.py\n```py\na = 1\n```"
FENCED_B = "b.py\n```py\nb = 2\n```"


@pytest.mark.parametrize(
    ("given", "stdin", "prompt"),
    [
        (Given("Hi"), None, "Hi"),
        (Given("Hi"), b"text\n", "Hi\n\ntext\n"),
        (Given("Hi"), b"\n \n", "Hi"),
        (Given("-"), b"text\n", "text\n"),
        (Given(None), b"text\n", "text\n"),
        (Given("Hi", no_stdin=True), b"text", "Hi"),
        (Given("Hi", ("a.py",)), None, f"Hi\n\n{FENCED_A}"),
        (Given("Hi", ("*.py",)), b"text", f"Hi\n\n{FENCED_A}\n\n{FENCED_B}\n\ntext"),
        (Given(None, ("a.py", "*.py")), None, f"{FENCED_A}\n\n{FENCED_B}"),
        (Given("Hi", ("-",)), b"text\n", "Hi\n\nstdin\n```\ntext\n```"),
        (Given("Hi", ("-",)), b"", "Hi"),
        (Given("-", ("a.py",)), b"text", f"text\n\n{FENCED_A}"),
        (Given(None, may_be_empty=True), None, ""),
    ],
)
def test_the_prompt_comes_first_then_the_files_then_stdin(
    folder: Path, given: Given, stdin: bytes | None, prompt: str
) -> None:
    assert prompt_of(given, stdin) == prompt


@pytest.mark.parametrize(
    ("given", "stdin", "message"),
    [
        (Given(None), None, "there is no prompt"),
        (Given(" \n"), None, "there is no prompt"),
        (Given("-"), b" ", "there is no prompt"),
        (Given(None, ("empty.txt",)), None, "there is no prompt"),
        (Given("-", ("-",)), b"x", "stdin can be the prompt or a file, not both"),
        (Given("-", no_stdin=True), b"x", "--no-stdin and `-` for stdin exclude one another"),
        (Given("x", ("-",), no_stdin=True), b"x", "--no-stdin and `-` for stdin exclude one another"),
        (Given("x", ("nope.py",)), None, "no file nope.py"),
        (Given("x", (".",)), None, ". is a folder"),
        (Given("a\udce1"), None, "the prompt is not UTF-8 text (character 1)"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_once(
    folder: Path, given: Given, stdin: bytes | None, message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        prompt_of(given, stdin)
    assert refused.value.message == message
    assert refused.value.hint


def test_a_name_that_exists_is_no_pattern(folder: Path) -> None:
    (folder / "[a].py").write_text("x")
    assert expand(["[a].py", "-", "?.py"]) == ["[a].py", "-", "a.py", "b.py"]


def test_a_byte_that_is_no_text_is_named_by_its_place() -> None:
    with pytest.raises(UsageError) as refused:
        refuse_unsendable(os.fsdecode(b"ol\xe1"), "the text after -s")
    assert refused.value.message == "the text after -s is not UTF-8 text (character 2)"
