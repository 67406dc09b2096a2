"""What the user hands in: stdin and files, good, odd and endless."""

import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from program import Program

OK = (0, "Hello\n", "")


def sent(program: Program) -> str:
    """The prompt of the last request."""
    return str(program.server.api_requests[-1].json["user_prompt"])


def refused(program: Program, *argv: str, **more: object) -> str:
    """Asserts a usage error of two lines before anything was sent; the error."""
    outcome = program.call("complete", *argv, **more)
    error, hint = outcome.err.splitlines()
    assert (outcome.code, outcome.out, program.server.requests) == (2, "", [])
    assert error.startswith("error: ") and hint.startswith("hint: ")
    return error


# --- stdin -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "stdin", "prompt"),
    [
        (["hi"], b"", "hi"),
        (["hi"], b"context\n", "hi\n\ncontext\n"),
        ([], b"the prompt\n", "the prompt\n"),
        (["-"], b"the prompt\n", "the prompt\n"),
        (["hi", "--no-stdin"], b"context", "hi"),
        (["hi"], b"  \n\n", "hi"),
        (["hi"], "\ufeffbom".encode(), "hi\n\nbom"),
        (["hi"], b"a\r\nb\tc\x1b[0m", "hi\n\na\r\nb\tc\x1b[0m"),
        (["hi", "-f", "-"], b"data", "hi\n\nstdin\n```\ndata\n```"),
        (["-s", "Be brief", "hi"], b"", "Be brief\n\nhi"),
        (["-s", "Be brief"], b"text", "Be brief\n\ntext"),
    ],
)
def test_prompt_and_stdin_make_one_prompt(
    program: Program, argv: list[str], stdin: bytes, prompt: str
) -> None:
    assert program.call("complete", *argv, stdin=stdin).told == OK
    assert sent(program) == prompt


@pytest.mark.parametrize("argv", [[], [""], ["   "], ["-"], ["-s", "Be brief"], ["--no-stdin"], ["-f", "-"]])
def test_without_anything_to_ask_it_is_a_usage_error_at_once(program: Program, argv: list[str]) -> None:
    assert "there is no prompt" in refused(program, *argv)


@pytest.mark.parametrize("device", [subprocess.DEVNULL, "/dev/zero", "/dev/full", "/dev/urandom"])
def test_a_device_as_stdin_is_none(program: Program, device: int | str) -> None:
    if isinstance(device, int):
        assert program.run("complete", "hi").told == OK
        return
    with open(device, "rb") as stream:
        assert program.finish(program.start("complete", "hi", stdin=stream)).told == OK
    assert sent(program) == "hi"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x00\x01\x02", "NUL byte at 0"),
        (b"text\x00", "NUL byte at 4"),
        (b"\xff\xfea", "UTF-16"),
        ("abc".encode("utf-16-le"), "NUL"),
        (b"\xe1\x01", "byte 0"),
        (b"\x89PNG\r\n\x1a\n\x00", "NUL"),
        (b"x" * (8 * 1024 * 1024 + 1), "8388608"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_text_is_refused_with_its_place(
    program: Program, data: bytes, why: str, tmp_path: Path
) -> None:
    assert why in refused(program, "hi", stdin=data)
    path = tmp_path / "file.bin"
    path.write_bytes(data)
    error = refused(program, "hi", "-f", str(path))
    assert why in error and "file.bin" in error


def test_a_file_of_another_encoding_is_read_as_what_it_is_or_as_a_told_guess(
    program: Program, tmp_path: Path
) -> None:
    files = {
        "a-utf8.java": "// ação".encode(),
        "b-latin1.java": "// ação".encode("latin-1"),
        "c-windows.java": "// “ação”".encode("cp1252"),
        "d-utf16.txt": "ação".encode("utf-16"),
        "e-latin1.java": "// não".encode("latin-1"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    outcome = program.run("complete", "--no-stdin", "Explain", "-f", f"{tmp_path}/*")
    assert outcome.code == 0
    assert outcome.err == (
        f"note: not UTF-8, so read as Latin-1: {tmp_path}/b-latin1.java, {tmp_path}/e-latin1.java; "
        "--encoding says otherwise\n"
        f"note: not UTF-8, so read as Windows-1252: {tmp_path}/c-windows.java; --encoding says otherwise\n"
    )
    assert [word in sent(program) for word in ("// ação", "// “ação”", "// não", "\nação\n")] == [True] * 4


def test_an_encoding_that_is_named_counts_for_files_and_stdin(program: Program, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes("café".encode("cp437"))
    outcome = program.run(
        "complete", "--encoding", "cp437", "hi", "-f", str(tmp_path / "x.txt"), stdin="açaí".encode("cp437")
    )
    assert (outcome.code, outcome.err) == (0, "")
    assert "café" in sent(program) and sent(program).endswith("açaí")


def test_stdin_of_another_encoding_is_refused_with_the_option_that_names_it(program: Program) -> None:
    assert refused(program, "hi", "--encoding", "latin-0").startswith("error: there is no encoding 'latin-0'")
    outcome = program.run("complete", "hi", stdin=b"Ol\xe1")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines() == [
        "error: stdin is not UTF-8 text (byte 2)",
        "hint: name its encoding, for example --encoding latin-1; or convert it: iconv -f LATIN1 -t UTF-8",
    ]
    assert program.run("complete", "--encoding", "latin-1", "hi", stdin=b"Ol\xe1").code == 0
    assert program.run("complete", "hi", stdin="Olá".encode("utf-16")).code == 0


def test_an_empty_stdin_is_noted(program: Program) -> None:
    outcome = program.run("complete", "What breaks?", stdin=b"")
    assert (outcome.code, outcome.err) == (0, "note: stdin was empty\n")
    assert program.run("complete", "--no-stdin", "What breaks?", stdin=b"").err == ""
    assert program.run("complete", "What breaks?").err == ""  # /dev/null


def test_stdin_and_files_have_one_bound_together(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "half.txt"
    path.write_bytes(b"x" * (5 * 1024 * 1024))
    assert "8388608" in refused(program, "hi", "-f", str(path), stdin=b"y" * (4 * 1024 * 1024))


def test_an_endless_stdin_is_given_up_at_the_bound(program: Program) -> None:
    process = program.start("complete", "hi", prefix=("sh", "-c", 'yes | "$@"', "sh"))
    outcome = program.finish(process)
    assert outcome.code == 2 and "8388608" in outcome.err


def test_200_mb_on_stdin_are_given_up_at_the_bound(program: Program) -> None:
    with open(program.folder / "large", "wb") as large:
        large.truncate(200_000_000)
    with open(program.folder / "large", "rb") as large:
        outcome = program.finish(program.start("complete", "hi", stdin=large))
    (program.folder / "large").unlink()
    assert outcome.code == 2 and outcome.err.startswith("error: stdin makes the input larger than 8388608")


def test_a_stdin_that_never_closes_gets_one_note_that_names_no_stdin(program: Program) -> None:
    ours, theirs = os.pipe()
    process = program.start("complete", "hi", stdin=ours)
    os.close(ours)
    assert process.stderr is not None
    assert process.stderr.readline() == b"note: waiting for text on stdin; --no-stdin goes on without it\n"
    os.write(theirs, b"late")
    os.close(theirs)
    assert program.finish(process).told == OK
    assert sent(program) == "hi\n\nlate"


def test_a_stdin_that_stays_silent_past_the_deadline_is_exit_6(program: Program) -> None:
    for begun in (b"", b"something, and then no end"):
        ours, theirs = os.pipe()
        process = program.start("complete", "hi", "--deadline", "0.5", stdin=ours)
        os.close(ours)
        os.write(theirs, begun)
        outcome = program.finish(process)
        os.close(theirs)
        assert (outcome.code, outcome.out, program.server.requests) == (6, "", [])
        assert outcome.err.startswith("error: the deadline passed before the text from stdin had ended\n")


def test_a_socket_as_stdin_is_read(program: Program) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = program.start("complete", "hi", stdin=theirs)
        ours.sendall(b"by socket")
        ours.shutdown(socket.SHUT_WR)
        assert program.finish(process).told == OK
    assert sent(program) == "hi\n\nby socket"


def test_a_stdin_that_somebody_made_non_blocking_loses_nothing(program: Program) -> None:
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    process = program.start("complete", "hi", stdin=ours)
    os.close(ours)
    for part in (b"one ", b"two"):
        threading.Event().wait(0.3)
        os.write(theirs, part)
    os.close(theirs)
    assert program.finish(process).told == OK
    assert sent(program) == "hi\n\none two"


def test_an_argument_that_is_no_text_is_refused(program: Program) -> None:
    for argv in (["Ol\udce1"], ["-s", "Ol\udce1", "hi"]):
        assert "is not UTF-8 text (character 2)" in refused(program, *argv)


# --- files ---------------------------------------------------------------------------------------------------------


def test_files_are_fenced_and_headed_in_their_order(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("b.py").write_text("print(2)\n")
    Path("a.py").write_text("print(1)")
    Path("notes").write_text("```\nfenced\n```\n")
    assert (
        program.call("complete", "Why?", "-f", "notes", "-f", "*.py", "-f", "a.py", stdin=b"and this").told
        == OK
    )
    assert sent(program) == (
        "Why?\n\n"
        "notes\n````\n```\nfenced\n```\n````\n\n"
        "a.py\n```py\nprint(1)\n```\n\n"
        "b.py\n```py\nprint(2)\n```\n\n"
        "and this"
    )


def test_a_file_alone_is_a_prompt(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("Hi\n")
    assert program.call("complete", "-f", str(path)).told == OK
    assert sent(program) == f"{path}\n```md\nHi\n```"


def test_a_name_with_brackets_that_exists_is_itself(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("[id].tsx").write_text("x")
    Path("i.tsx").write_text("y")
    assert program.call("complete", "-f", "[id].tsx", "hi").told == OK
    assert sent(program) == "hi\n\n[id].tsx\n```tsx\nx\n```"


def test_a_glob_may_go_into_folders(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("src/a.py", "src/deep/b.py", "src/deep/c.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    assert program.call("complete", "-f", "src/**/*.py", "hi").told == OK
    assert sent(program).count("```py") == 2


@pytest.mark.parametrize(
    ("name", "why"),
    [("nope.txt", "no file nope.txt"), ("*.nope", "no file *.nope"), (".", "is a folder"), ("/dev/zero", "a device"),
     ("/dev/full", "a device"), ("/dev/null", "a device")],
)  # fmt: skip
def test_what_is_no_file_is_refused(
    program: Program, name: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.folder)
    assert why in refused(program, "hi", "-f", name)


def test_a_broken_link_is_refused(program: Program, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    assert "cannot read" in refused(program, "hi", "-f", str(tmp_path / "link"))


def test_a_pipe_that_nobody_writes_is_given_up(program: Program, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "nothing writes to the pipe" in refused(program, "hi", "-f", str(tmp_path / "pipe"))


def test_a_pipe_that_somebody_writes_is_a_file(program: Program, tmp_path: Path) -> None:
    """As the shell's <(command) makes one."""
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def write() -> None:
        with open(path, "wb") as pipe:
            pipe.write(b"first ")
            pipe.flush()
            threading.Event().wait(0.2)
            pipe.write(b"second")

    writer = threading.Thread(target=write)
    writer.start()
    assert program.call("complete", "hi", "-f", str(path)).told == OK
    writer.join()
    assert sent(program) == f"hi\n\n{path}\n```\nfirst second\n```"


@pytest.mark.parametrize("argv", [["-"], ["-f", "-"], ["-f", "-", "hi"]])
def test_a_stdin_that_is_asked_for_and_left_alone_is_a_contradiction(
    program: Program, argv: list[str]
) -> None:
    assert "--no-stdin and `-` for stdin exclude one another" in refused(program, "--no-stdin", *argv)


@pytest.mark.parametrize("content", ["", " \n"])
def test_empty_files_are_nothing_to_ask(program: Program, tmp_path: Path, content: str) -> None:
    (tmp_path / "empty").write_text(content)
    assert "there is no prompt" in refused(program, "-f", str(tmp_path / "empty"))
    assert "there is no prompt" in refused(program, "-f", "-", stdin=content.encode())


def test_a_hostile_file_name_is_one_safe_line_above_its_text(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "a\nb\x1b[31m.txt"
    path.write_text("x\n")
    assert program.call("complete", "hi", "-f", str(path)).told == OK
    assert sent(program) == f"hi\n\n{tmp_path}/a b␛[31m.txt\n```txt\nx\n```"


def test_stdin_cannot_be_two_things(program: Program) -> None:
    assert "not both" in refused(program, "-", "-f", "-", stdin=b"x")


@pytest.mark.parametrize("name", ["a\nb.txt", "a\x1b[31m.txt", "a\u202eb.txt"])
def test_a_hostile_file_name_is_safe_in_an_error(program: Program, name: str) -> None:
    error = refused(program, "hi", "-f", name)
    assert "\x1b" not in error and "\u202e" not in error
