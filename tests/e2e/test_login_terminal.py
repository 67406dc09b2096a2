"""`login` at a real terminal: questions on it, the key not echoed, Ctrl-C and Ctrl-D store nothing."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX's", allow_module_level=True)

import pexpect

from stackspot_cli.sandbox import Sandbox

SPINNER = re.compile(r"\r(?!\n)(?:[^\n]*\r)?\x1b\[K")


@pytest.fixture
def service() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


def login(home: Path, service: Sandbox) -> pexpect.spawn:
    environ = {
        "PATH": os.environ["PATH"],
        "TERM": "xterm",
        "STACKSPOTAI_HOME": str(home),
        "STACKSPOTAI_ENDPOINT_URL": service.url,
    }
    arguments = ["-m", "stackspot_cli", "login", "--insecure-storage"]
    return pexpect.spawn(
        sys.executable, arguments, env=environ, encoding="utf-8", timeout=30, dimensions=(24, 300)
    )


def ended(child: pexpect.spawn) -> tuple[int | None, list[str]]:
    """The exit code, and the lines that stand there: of a spinner, which a slow machine sees, nothing is left."""
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus, SPINNER.sub("", child.before).splitlines()


def test_a_person_answers_three_questions_and_the_key_is_never_on_the_screen(
    tmp_path: Path, service: Sandbox
) -> None:
    child = login(tmp_path / "home", service)
    seen = []
    for question, answer in (
        ("client id: ", service.client_id),
        ("client key \\(not shown\\): ", service.client_key),
        ("realm, the account's slug \\[stackspot\\]: ", service.realm),
    ):
        child.expect(question)
        seen.append(child.before)
        child.sendline(answer)
    code, lines = ended(child)
    assert code == 0
    assert lines == [
        service.realm,  # the echo of the last answer
        "stored client id sandbox-client, client key and realm sandbox for profile stackspot: "
        f"private file {tmp_path}/home/credentials.json",
        "note: this storage is not encrypted: whoever can read your files can read the key",
    ]
    assert service.client_key not in "".join(seen + lines)


@pytest.mark.parametrize(
    ("key", "code", "last"),
    [
        ("\x03", 130, ""),
        ("\x04", 2, "hint: stackspot login --client-id ID --realm SLUG --key-stdin < key.txt"),
    ],
)
def test_ctrl_c_and_ctrl_d_at_the_hidden_question_store_nothing(
    tmp_path: Path, service: Sandbox, key: str, code: int, last: str
) -> None:
    child = login(tmp_path / "home", service)
    child.expect("client id: ")
    child.sendline(service.client_id)
    child.expect("client key \\(not shown\\): ")
    child.send(key)
    found, lines = ended(child)
    assert (found, lines[-1], (tmp_path / "home").exists()) == (code, last, False)
