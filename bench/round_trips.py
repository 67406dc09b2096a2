"""What a person waits for over a real network: round trips, each of 150 ms here, TLS on.

python -m bench.round_trips [--quick]

The client, the services and the relay (`bench.relay`) take turns with curl over the same relay.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.gateway import Caller
from bench.processes import environment
from bench.relay import Distance, throw_away_certificate
from bench.report import Goal, section, table
from bench.service import Service, environment_for

POLLS = 10
POLL_SECONDS = 0.05
GOALS = {
    "no token": 4,
    "cached token": 3,
    "second turn": 1,
    f"{POLLS} polls": POLLS + 3,
    "gateway's second": 1,
}
CURL, MORE_SECONDS = (
    1.1,
    0.060,
)  # the first character with a cached token: so many times curl's, and so much more


class Polled(Service):
    """A quick command is over at the tenth question."""

    polls = 0

    def _answer(self, connection: socket.socket, head: bytes, body: bytes) -> None:
        if b"/create-execution/" in head:
            self.polls = 0
            _send(connection, "01KJJB4T9SP5V1SYDEYHTZ5N6Y")
        elif b"/callback/" in head:
            self.polls += 1
            over = self.polls == POLLS
            progress = {"status": "COMPLETED" if over else "RUNNING", "execution_percentage": 0.5}
            _send(connection, {"progress": progress, "steps": [], "result": "done" if over else None})
        else:
            super()._answer(connection, head, body)


def _send(connection: socket.socket, said: object) -> None:
    content = json.dumps(said).encode()
    kind = b"Content-Type: application/json\r\nContent-Length: %d" % len(content)
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + kind + b"\r\n\r\n" + content)


class World:
    """Two services of StackSpot, far away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.program = str(Path(sys.executable).with_name("stackspot"))
        service = Polled().start()
        port = int(service.url.rpartition(":")[2])
        tls, self.authority = throw_away_certificate(folder)
        self.distance = Distance()
        self.api = f"https://{self.distance.relay(port, tls)}"
        self._environ = {
            **environment_for(service, str(folder / "home")),
            "STACKSPOTAI_IDM_BASE": f"https://{self.distance.relay(port, tls)}",
            "STACKSPOTAI_API_BASE": self.api,
            "STACKSPOTAI_INFERENCE_BASE": self.api,
            "SSL_CERT_FILE": str(self.authority),
        }

    def forget_token(self) -> None:
        shutil.rmtree(self._folder / "home", ignore_errors=True)

    @contextlib.contextmanager
    def running(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            command,
            env=environment(**self._environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def waited(self, first: Callable[[], object]) -> tuple[float, float]:
        """The round trips and the seconds that something takes."""
        before, began = self.distance.trips, time.perf_counter()
        first()
        return self.distance.trips - before, time.perf_counter() - began

    def first_character(self, *command: str) -> tuple[float, float]:
        """Of a command, from its start."""

        def ask() -> None:
            with self.running(*command) as process:
                assert process.stdin and process.stdout
                process.stdin.close()
                process.stdin = None
                if not process.stdout.read(1):
                    raise SystemExit(f"{' '.join(command)} said nothing")

        return self.waited(ask)

    # --- the cases ---------------------------------------------------------------------------------

    def no_token(self) -> tuple[float, float]:
        self.forget_token()
        return self.first_character(self.program, "complete", "--no-history", "1")

    def cached_token(self) -> tuple[float, float]:
        return self.first_character(self.program, "complete", "--no-history", "1")

    def curl(self) -> tuple[float, float]:
        return self.first_character(
            *("curl", "-sN", "--cacert", str(self.authority), f"{self.api}/v3/chat"),
            *("-H", "Authorization: Bearer bench", "-d", '{"user_prompt": "1"}'),
        )

    def second_turn(self) -> tuple[float, float]:
        with self.running(self.program, "chat", "--no-history") as process:
            assert process.stdin and process.stdout

            def say() -> None:
                assert process.stdin and process.stdout
                process.stdin.write(b"1\n")
                process.stdin.flush()
                process.stdout.readline()

            say()
            time.sleep(0.3)  # somebody reads
            return self.waited(say)

    def polls(self) -> tuple[float, float]:
        return self.first_character(self.program, "run", "x", "hi", "--poll", str(POLL_SECONDS))

    def gateway(self) -> tuple[float, float]:
        with self.running(self.program, "serve", "--port", "0") as process:
            assert process.stdout
            caller = Caller(process.stdout.readline().decode().strip())
            caller.ask("1")
            time.sleep(0.3)
            found = self.waited(lambda: caller.ask("1"))
            caller.close()
            return found


def report(*, quick: bool = False) -> str:
    rounds = 1 if quick else 5
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        cases = dict(
            zip(
                GOALS,
                (world.no_token, world.cached_token, world.second_turn, world.polls, world.gateway),
                strict=True,
            )
        )
        if shutil.which("curl"):
            cases["curl"] = world.curl
        world.cached_token()  # writes the byte code
        seen: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
        for _round in range(rounds):
            for name, case in cases.items():
                seen[name].append(case())
    return _shown(seen)


def _shown(seen: dict[str, list[tuple[float, float]]]) -> str:
    trips = {name: statistics.median(one[0] for one in found) for name, found in seen.items()}
    seconds = {name: statistics.median(one[1] for one in found) for name, found in seen.items()}
    rows = [
        [name, f"{trips[name]:g}", f"{GOALS[name]}" if name in GOALS else "", f"{seconds[name]:.3f} s", ""]
        for name in seen
    ]
    if "curl" in seconds:
        rows[1][-1] = f"{CURL * seconds['curl'] + MORE_SECONDS:.3f} s"
    else:
        rows[1][-1] = "(no curl here)"
    head: Sequence[str] = ("", "round trips", "goal ≤", "to the first character", "goal ≤")
    goals = [Goal(f"round trips: {name}", trips[name], most) for name, most in GOALS.items()]
    if "curl" in seconds:
        most = CURL * seconds["curl"] + MORE_SECONDS
        goals.append(
            Goal("… seconds to the first character, cached token", seconds["cached token"], most, "s")
        )
    return section("Round trips of 150 ms", table(head, rows), goals=goals)


if __name__ == "__main__":
    print(report(quick="--quick" in sys.argv))
