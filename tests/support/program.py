"""The program under test, in a small world of its own, and the search for secrets that got out.

`call` runs it inside this process on a terminal in memory; `run`, `start` and `on_terminal` start the real one.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hmac
import json
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, quote_plus

from fault_server import TOKEN

from stackspot_cli.cli import run as run_in_process
from stackspot_cli.terminal.streams import Terminal

CLIENT_ID = "3f2b-client-id"
CLIENT_KEY = 'canary-key+/&%="\\é-7f3a'
LONGEST_RUN_SECONDS = 30.0
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(int(sys.argv[1]), termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended, and what it wrote."""

    code: int
    out_bytes: bytes
    err: str

    @property
    def out(self) -> str:
        return self.out_bytes.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out_bytes)

    @property
    def lines(self) -> list[Any]:
        """Of `--format jsonl`."""
        return [json.loads(line) for line in self.out_bytes.splitlines()]

    @property
    def told(self) -> tuple[int, str, str]:
        return self.code, self.out, self.err


class Program:
    """folder: its whole disk. server: where all its requests go, with credentials of its own or the usual ones."""

    server: Any  # a FaultServer mostly; another service brings its `url` and `environment`

    def __init__(self, folder: Path, server: Any) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.server = server
        self.secrets = [CLIENT_KEY, TOKEN]
        self.seen: list[tuple[str, bytes]] = []
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": os.fspath(folder),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "STACKSPOTAI_HOME": os.fspath(self.home),
            "STACKSPOTAI_CLIENT_ID": CLIENT_ID,
            "STACKSPOTAI_CLIENT_KEY": CLIENT_KEY,
            "STACKSPOTAI_REALM": "acme",
            "STACKSPOTAI_ENDPOINT_URL": server.url,
            "STACKSPOTAI_RETRY_WAIT": "0.001",
            **getattr(server, "environment", {}),
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def world(self, changes: Mapping[str, str | None] | None) -> dict[str, str]:
        environ = {**self.environ, **(changes or {})}
        return {name: value for name, value in environ.items() if value is not None}

    @property
    def token_files(self) -> list[Path]:
        return sorted((self.home / "tokens").glob("*.json"))

    def age(self, path: Path, seconds: float) -> None:
        """Makes a cached token so much older, as if the clock had moved on."""
        kept = json.loads(path.read_bytes())
        kept["obtained_at"] -= seconds
        kept["expires_at"] -= seconds
        text = f"{kept['access_token']}|{kept['obtained_at']!r}|{kept['expires_at']!r}"
        kept["mark"] = hmac.new(CLIENT_KEY.encode(), text.encode(), "sha256").hexdigest()
        path.write_bytes(json.dumps(kept).encode())

    # --- inside this process -----------------------------------------------------------------------

    def call(
        self,
        *argv: str,
        stdin: bytes = b"",
        env: Mapping[str, str | None] | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        **terminal: Any,
    ) -> Outcome:
        """now, sleep: the clock of waits and deadlines. terminal: what `Terminal.fake` takes.

        Keeps no history, which would take half of the time; the real processes below do.
        """
        environ = self.world({"STACKSPOTAI_HISTORY": "off", **(env or {})})
        fake = Terminal.fake(stdin, environ, **terminal)
        code = run_in_process(argv, environ, fake, now=now, sleep=sleep)
        out = fake.out.encode(fake.encoding)
        return self._seen(argv, Outcome(int(code), out, fake.err))

    def ask(self, *options: str, **more: Any) -> Outcome:
        """`complete` with a prompt, inside this process."""
        return self.call("complete", *options, "Say hi", **more)

    def refused(self, *argv: str, code: int = 2, **more: Any) -> str:
        """Asserts that nothing was printed and nothing was sent; the error."""
        outcome = self.call(*argv, **more)
        assert (outcome.code, outcome.out, self.server.requests) == (code, "", [])
        error, hint = outcome.err.splitlines()
        assert error.startswith("error: ") and hint.startswith("hint: ")
        return error

    # --- the real program --------------------------------------------------------------------------

    def run(
        self, *argv: str, stdin: bytes | None = None, env: Mapping[str, str | None] | None = None
    ) -> Outcome:
        """To its end. stdin: None is /dev/null."""
        process = self.start(*argv, env=env, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE)
        with contextlib.suppress(BrokenPipeError):
            out, err = process.communicate(stdin, timeout=LONGEST_RUN_SECONDS)
        return self._seen(argv, Outcome(process.returncode, out, err.decode()))

    def command(self, argv: tuple[str, ...], python: tuple[str, ...]) -> list[str]:
        return [sys.executable, *python, *argv]

    def start(
        self,
        *argv: str,
        env: Mapping[str, str | None] | None = None,
        stdin: int | BinaryIO = subprocess.DEVNULL,
        stdout: int | BinaryIO = subprocess.PIPE,
        stderr: int | BinaryIO = subprocess.PIPE,
        prefix: tuple[str, ...] = (),
        python: tuple[str, ...] = ("-m", "stackspot_cli"),
        **more: Any,
    ) -> subprocess.Popen[bytes]:
        """prefix: words before the command, such as a shell that closes streams. python: its arguments."""
        process = subprocess.Popen(
            [*prefix, *self.command(argv, python)],
            env=self.world(env),
            cwd=self.folder,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            **more,
        )
        self._running.append(process)
        return process

    def finish(self, process: subprocess.Popen[bytes]) -> Outcome:
        out, err = process.communicate(timeout=LONGEST_RUN_SECONDS)
        outcome = Outcome(process.returncode, out or b"", (err or b"").decode())
        return self._seen(tuple(map(str, process.args)), outcome)

    @contextlib.contextmanager
    def on_terminal(
        self,
        *argv: str,
        env: Mapping[str, str | None] | None = None,
        size: tuple[int, int] = (80, 24),
        **streams: Any,
    ) -> Iterator[Screen]:
        """On a pty that is its controlling terminal, so that Ctrl-C is a key. streams: some of them elsewhere."""
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        try:
            process = self.start(
                *argv,
                env=env,
                **{"stdin": theirs, "stdout": theirs, "stderr": theirs, **streams},
                prefix=(sys.executable, "-S", "-c", _TAKE_TERMINAL, str(theirs)),
                start_new_session=True,
                pass_fds=(theirs,),
            )
        finally:
            os.close(theirs)
        screen = Screen(ours, process)
        try:
            yield screen
        finally:
            process.kill()
            process.wait(30)
            os.close(ours)
            self.seen.append((" ".join(argv), bytes(screen.shown)))

    def _seen(self, argv: tuple[str, ...], outcome: Outcome) -> Outcome:
        self.seen.append((f"stdout of {argv}", outcome.out_bytes))
        self.seen.append((f"stderr of {argv}", outcome.err.encode()))
        return outcome

    # --- afterwards --------------------------------------------------------------------------------

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.kill()
            process.wait(30)
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def leaks(self) -> list[str]:
        """Where a secret can be read that should not: in outputs, argument lists and files.

        The token cache may hold a token, in its private file, and never the key.
        """
        places = list(self.seen)
        places += [
            ("an argument list", "\0".join(map(str, one.args)).encode("utf-8", "surrogateescape"))
            for one in self._running
        ]
        for path in self.folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                places.append((os.fspath(path), path.read_bytes()))
        found = []
        for where, content in places:
            for secret in self.secrets:
                if secret == TOKEN and os.sep + "tokens" + os.sep in where:
                    continue
                found += [f"{where}: {shape!r}" for shape in shapes(secret) if shape in content]
        return found


class Screen:
    """The other side of a pty."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes]) -> None:
        self._descriptor = descriptor
        self.process = process
        self.shown = bytearray()

    @property
    def echoes(self) -> bool:
        """Whether a key that is typed now appears."""
        return bool(termios.tcgetattr(self._descriptor)[3] & termios.ECHO)

    def type(self, keys: bytes) -> None:
        os.write(self._descriptor, keys)

    def wait_for(self, text: bytes, seconds: float = 30.0, *, after: int = 0) -> int:
        """after: a position to look from. Returns the position behind the text."""
        self._read_until(lambda: self.shown.find(text, after) >= 0, seconds)
        place = self.shown.find(text, after)
        assert place >= 0, bytes(self.shown[after:])
        return place + len(text)

    def end(self, seconds: float = 30.0) -> int:
        """Reads to the end; the exit code."""
        self._read_until(lambda: False, seconds)
        return self.process.wait(seconds)

    def _read_until(self, enough: Callable[[], bool], seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not enough() and (left := ends - time.monotonic()) > 0:
            if not select.select([self._descriptor], [], [], left)[0]:
                return
            try:
                data = os.read(self._descriptor, 65536)
            except OSError:  # Linux says EIO when the last process has closed the other side
                return
            if not data:
                return
            self.shown += data


def shapes(secret: str) -> set[bytes]:
    """A secret as logs and files could hold it: plain, URL-encoded, JSON-escaped, base64 alone and within more."""
    raw = secret.encode()
    found = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
    found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    shaped = {one.encode() for one in found}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            start = encode(b"\0" * before + raw)
            shaped.add(start[4 if before else 0 : len(start) // 4 * 4 - 4])
    assert min(map(len, shaped)) >= 8, "too short to be looked for"
    return shaped
