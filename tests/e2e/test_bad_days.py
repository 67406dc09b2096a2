"""The real command against the sandbox on a bad day: each fault ends as the contract's table says."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from stackspot_cli.sandbox import Sandbox

WHOLE = "one two three four"


def complete(server: Sandbox, home: Path, *options: str) -> tuple[int, str]:
    """Exit code and stdout of `stackspot complete`, which waits for no retry."""
    command = [sys.executable, "-m", "stackspot_cli", "complete", "--no-stdin", *options, "Say hi"]
    kept = {
        name: value for name, value in os.environ.items() if "STACKSPOT" not in name and "_PROXY" not in name
    }
    environ = kept | server.environment | {"STACKSPOTAI_HOME": str(home), "STACKSPOTAI_RETRY_WAIT": "0"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("faults", "times", "expected"),
    [
        ([], None, (0, f"{WHOLE}\n")),
        (["rate-limit"], None, (5, "")),
        (["server-error"], None, (6, "")),
        (["cut"], None, (7, "one \n")),
        (["slow"], None, (0, f"{WHOLE}\n")),
        (["expired-token"], None, (0, f"{WHOLE}\n")),
        (["refused"], None, (8, "")),
        (["forbidden"], None, (4, "")),
        (["expired-token", "cut"], None, (7, "one \n")),
        (["rate-limit"], 2, (0, f"{WHOLE}\n")),
        (["server-error"], 2, (0, f"{WHOLE}\n")),
        (["rate-limit", "server-error", "expired-token"], 1, (0, f"{WHOLE}\n")),
    ],
)
def test_each_fault_ends_with_its_exit_code(
    tmp_path: Path, faults: Sequence[str], times: int | None, expected: tuple[int, str]
) -> None:
    with Sandbox(faults=faults, times=times, deltas=("one ", "two ", "three ", "four")) as server:
        assert complete(server, tmp_path) == expected


def test_silence_after_the_head_ends_when_patience_does(tmp_path: Path) -> None:
    with Sandbox(faults=["hang"]) as server:
        assert complete(server, tmp_path, "--timeout", "0.4") == (6, "")


def test_a_slow_answer_is_whole_where_each_gap_is_shorter_than_the_patience(tmp_path: Path) -> None:
    with Sandbox(faults=["slow"]) as server:
        code, text = complete(server, tmp_path, "--timeout", "2")
    assert (code, text.startswith("Hi! The sandbox received: model `stackspot-ai`")) == (0, True)
