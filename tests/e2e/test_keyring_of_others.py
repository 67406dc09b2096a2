"""Keyring back-ends of others: they may ask on the terminal, and change nothing else of ours."""

import json
import os
import signal
import termios
import textwrap
import time
from pathlib import Path

import pytest
from program import CLIENT_ID, CLIENT_KEY, Program

NO_PAIR = {"STACKSPOTAI_CLIENT_ID": None, "STACKSPOTAI_CLIENT_KEY": None}
BACKENDS = '''
import getpass, json, os, sys, termios, time, warnings
from pathlib import Path
from keyring.backend import KeyringBackend

class File(KeyringBackend):
    """One file, read, changed after a moment and written, as file-based back-ends do."""
    priority = 1
    path = Path(__file__).with_name("kept.json")

    def entries(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get_password(self, service, name):
        return self.entries().get(f"{service}|{name}")

    def set_password(self, service, name, password):
        entries = self.entries() | {f"{service}|{name}": password}
        time.sleep(0.05)
        self.path.write_text(json.dumps(entries))

    def delete_password(self, service, name):
        entries = self.entries()
        del entries[f"{service}|{name}"]
        time.sleep(0.05)
        self.path.write_text(json.dumps(entries))

class Talking(File):
    def get_password(self, service, name):
        print("Opening the keyring")
        os.write(1, b"by its descriptor\\n")
        warnings.warn("This keyring is old")
        os.system("echo from a program; echo loudly >&2")
        if sys.stdin.read() or os.read(0, 100):
            raise RuntimeError("somebody's stdin")
        return super().get_password(service, name)

class Asking(File):
    def get_password(self, service, name):
        typed = getpass.getpass("Keyring password: ")
        return super().get_password(service, name) if typed == "open" else None

class Mute(File):
    """Takes the echo away and hangs."""
    def get_password(self, service, name):
        tty = os.open("/dev/tty", os.O_RDWR)
        modes = termios.tcgetattr(tty)
        modes[3] &= ~termios.ECHO
        termios.tcsetattr(tty, termios.TCSADRAIN, modes)
        os.write(tty, b"Password? ")
        time.sleep(60)
'''


@pytest.fixture
def ring(program: Program) -> Path:
    """The file in which the back-ends keep what they are given."""
    folder = program.folder / "ring"
    folder.mkdir()
    (folder / "others.py").write_text(textwrap.dedent(BACKENDS))
    program.environ |= {"PYTHONPATH": os.fspath(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in NO_PAIR:
        del program.environ[name]
    return folder / "kept.json"


def use(program: Program, backend: str) -> None:
    program.environ["PYTHON_KEYRING_BACKEND"] = f"others.{backend}"


def log_in(program: Program, profile: str = "stackspot") -> list[str]:
    return ["--profile", profile, "login", "--client-id", CLIENT_ID, "--realm", "acme", "--key-stdin"]


def stored(program: Program) -> None:
    use(program, "File")
    assert program.run(*log_in(program), stdin=CLIENT_KEY.encode()).code == 0


def test_one_that_prints_and_reads_leaves_our_streams_alone(program: Program, ring: Path) -> None:
    stored(program)
    use(program, "Talking")
    outcome = program.run("complete", "--no-history", stdin=b"all of this\nis the prompt\n")
    assert outcome.told == (0, "Hello\n", "")
    assert program.server.api_requests[-1].json["user_prompt"] == "all of this\nis the prompt\n"
    ring.unlink()


def test_one_that_asks_on_the_terminal_is_answered_there(program: Program, ring: Path) -> None:
    stored(program)
    use(program, "Asking")
    with program.on_terminal("complete", "--no-history", "--format", "text", "hi") as screen:
        screen.wait_for(b"Keyring password: ")
        screen.type(b"open\n")
        assert screen.end() == 0
        assert b"Hello" in screen.shown and b"open" not in screen.shown
    ring.unlink()


@pytest.mark.parametrize("ended_by", ["the limit", "Ctrl-C", "SIGTERM"])
def test_a_terminal_without_echo_is_put_right(program: Program, ring: Path, ended_by: str) -> None:
    use(program, "Mute")
    with program.on_terminal("complete", "hi") as screen:
        screen.wait_for(b"Password? ")
        assert not echoes(screen)
        if ended_by == "Ctrl-C":
            screen.type(b"\x03")
        elif ended_by == "SIGTERM":
            screen.process.send_signal(signal.SIGTERM)
        code = screen.process.wait(20)
        assert (code, echoes(screen)) == ({"the limit": 4, "Ctrl-C": 130, "SIGTERM": 143}[ended_by], True)


def echoes(screen: object) -> bool:
    return bool(termios.tcgetattr(screen._descriptor)[3] & termios.ECHO)  # type: ignore[attr-defined]


def test_a_module_of_that_name_in_the_working_directory_is_not_the_keyring(
    program: Program, ring: Path
) -> None:
    stored(program)
    (program.folder / "keyring.py").write_text("open('OBEYED', 'w').close()\n")
    process = program.start("complete", "hi", python=("-P", "-m", "stackspot_cli"))
    assert program.finish(process).code == 0
    assert not (program.folder / "OBEYED").exists()
    ring.unlink()


def test_logins_at_one_moment_lose_no_name(program: Program, ring: Path) -> None:
    use(program, "File")
    profiles = [f"p{number}" for number in range(4)]
    processes = []
    for profile in profiles:
        read, write = os.pipe()
        os.write(write, CLIENT_KEY.encode())
        os.close(write)
        with os.fdopen(read, "rb") as key:
            processes.append(program.start(*log_in(program, profile), stdin=key))
    assert [program.finish(process).code for process in processes] == [0] * len(profiles)
    kept = json.loads(ring.read_text())
    assert sorted(json.loads(kept["stackspot-cli profiles|stackspot-cli profiles"])) == profiles
    assert program.run("logout", "--all").code == 0
    assert json.loads(ring.read_text()) == {}


def test_a_child_that_hangs_is_not_waited_for(program: Program, ring: Path) -> None:
    """Without a terminal the same back-end fails at once, and the program says so."""
    use(program, "Asking")
    began = time.monotonic()
    process = program.start("complete", "hi", start_new_session=True)
    outcome = program.finish(process)
    assert outcome.code == 4 and time.monotonic() - began < 5
    assert "the keyring failed (EOFError)" in outcome.err
