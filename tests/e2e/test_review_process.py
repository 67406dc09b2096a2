"""`stackspot review` as a process: broken off, in a hook, and with nobody to read it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import Program
from repository import ENVIRON, Repository

from stackspot_cli.sandbox import Sandbox

ERROR = {
    "file": "a.py",
    "line": 1,
    "quote": "a = eval(x)",
    "severity": "error",
    "title": "It evaluates",
    "why": "",
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Answers about `a.py`, and never about `b.py`."""
    rules = [
        {"when": "Review of a.py", "answer": json.dumps([ERROR])},
        {"when": "Review of b.py", "fault": "hang"},
    ]
    with Sandbox(answers=rules) as started:
        yield started


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit(a="1\n")
    made.write("a.py", "a = eval(x)\n")
    made.write("b.py", "b = 1\n")
    made.git("add", "-A")
    return made


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox) -> Iterator[Program]:
    made = Program(tmp_path, sandbox)
    yield made
    made.close()


def there(repository: Repository) -> tuple[str, ...]:
    return ("env", "-C", str(repository.folder))


def wait_for(path: Path) -> None:
    ends = time.monotonic() + 30
    while not (path.is_dir() and any(path.iterdir())):
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_review_that_is_broken_off_shows_what_was_found_so_far(
    program: Program, repository: Repository, number: int, code: int
) -> None:
    report = repository.folder / "report.json"
    process = program.start("review", "-o", f"json={report}", prefix=there(repository))
    wait_for(program.home / "reviews")  # the first answer is in
    process.send_signal(number)
    began = time.monotonic()
    outcome = program.finish(process)
    assert time.monotonic() - began < 10
    assert outcome.code == code
    assert "  1: error: It evaluates\n" in outcome.out
    assert outcome.out.endswith("files looked at: 1; interrupted, so more may be wrong\n")
    told = json.loads(report.read_text())
    assert (told["interrupted"], told["complete"]) == (True, False)
    assert told["files"]["not_looked_at"] == [
        {"file": "b.py", "line": None, "end_line": None, "why": "interrupted"}
    ]


def test_on_a_terminal_each_file_has_a_line_and_ctrl_c_is_a_key(
    repository: Repository, sandbox: Sandbox
) -> None:
    here = Program(repository.folder, sandbox)
    with here.on_terminal("review", "--staged") as screen:
        screen.wait_for(b"a.py: findings: 1\r\n")
        screen.wait_for(b"50 % parts looked at: 1 of 2")
        screen.type(b"\x03")
        assert screen.end() == 130
    shown = bytes(screen.shown).decode()
    report = shown.partition("a.py: findings: 1")[2].rpartition("\r\x1b[K")[2]
    assert "\x1b[1;31merror\x1b[0m: It evaluates\r\n" in report
    assert "parts looked at" not in report
    here.close()


def test_a_deadline_ends_what_never_answers(program: Program, repository: Repository) -> None:
    process = program.start("review", "--deadline", "3", "--retries", "0", prefix=there(repository))
    outcome = program.finish(process)
    assert outcome.code == 7
    assert "It evaluates" in outcome.out and "not looked at: b.py: " in outcome.out


def test_in_a_hook_what_is_about_to_be_committed_is_reviewed(
    program: Program, repository: Repository, sandbox: Sandbox
) -> None:
    """`git commit -a` gives the hook an index of its own."""
    hook = repository.folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m stackspot_cli review --staged --format json\n")
    hook.chmod(0o755)
    repository.git("rm", "-q", "--cached", "b.py")
    repository.git("commit", "-q", "--no-verify", "-m", "a clean one")
    repository.write("a.py", "a = eval(x)\nb = 2\n")
    done = subprocess.run(
        ["git", "commit", "-a", "-m", "x"],
        cwd=repository.folder,
        env={**ENVIRON, **program.environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1  # git's own way to say that a hook said no
    assert [
        one["title"] for one in json.loads(done.stdout or done.stderr.partition("note:")[0])["findings"]
    ] == ["It evaluates"]
