"""`stackspot sandbox`: what it prints, how it ends, what it refuses."""

import http.client
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from parsing import parse

from stackspot_cli.app import App
from stackspot_cli.commands.sandbox import Options, run
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.sandbox import Sandbox
from stackspot_cli.terminal.streams import Terminal


def test_argv_becomes_options() -> None:
    assert parse("sandbox") == Options("127.0.0.1", 0, (), None)
    line = "sandbox --host ::1 --port 8080 --fault cut --fault slow --times 2"
    assert parse(*line.split()) == Options(host="::1", port=8080, faults=("cut", "slow"), times=2)


def sandbox(
    host: str = "127.0.0.1", port: int = 0, fault: tuple[str, ...] = (), times: int | None = None
) -> None:
    """The command in this process, where it is refused before it serves."""
    terminal = Terminal.fake()
    try:
        run(Options(host, port, fault, times), App({}, terminal))
    finally:
        assert terminal.out == ""


@contextmanager
def foreground(*options: str) -> Iterator[subprocess.Popen[str]]:
    """The command in a process of its own, which is gone afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "stackspot_cli", "sandbox", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def exported(process: subprocess.Popen[str]) -> dict[str, str]:
    """The variables of the four lines that a shell would read."""
    assert process.stdout
    found = {}
    for _ in range(4):
        word, assignment = shlex.split(process.stdout.readline())
        assert word == "export"
        name, _, value = assignment.partition("=")
        found[name] = value
    return found


def test_it_prints_the_lines_for_a_shell_serves_and_ends_with_ctrl_c() -> None:
    with foreground() as process:
        variables = exported(process)
        url = urlsplit(variables["STACKSPOTAI_ENDPOINT_URL"])
        assert url.hostname == "127.0.0.1"
        connection = http.client.HTTPConnection(url.hostname, url.port or 0)
        connection.request("GET", "/v4/agents")
        assert connection.getresponse().status == 401
        connection.close()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (0, "")
    assert list(variables) == [
        "STACKSPOTAI_ENDPOINT_URL",
        "STACKSPOTAI_CLIENT_ID",
        "STACKSPOTAI_CLIENT_KEY",
        "STACKSPOTAI_REALM",
    ]
    assert "Ctrl-C ends it" in err
    assert "note:" not in err


def test_it_warns_when_other_machines_can_reach_it() -> None:
    with foreground("--host", "0.0.0.0") as process:
        assert exported(process)["STACKSPOTAI_ENDPOINT_URL"].startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert "note: 0.0.0.0 can be reached from other machines" in process.communicate()[1]


def test_a_stdout_that_cannot_be_written_is_a_local_error() -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "stackspot_cli", "sandbox"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 3
    assert "error: cannot write" in done.stderr


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("rate_limit", "did you mean rate-limit?"),
        ("server", "did you mean server-error?"),
        (
            "xyzzy",
            "known faults: rate-limit, server-error, cut, slow, hang, expired-token, refused, forbidden",
        ),
    ],
)
def test_an_unknown_fault_is_a_usage_error_with_the_nearest_names(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        sandbox(fault=("cut", name))
    assert (caught.value.message, caught.value.hint) == (f"unknown fault {name}", hint)


def test_times_without_a_fault_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no fault was named"):
        sandbox(times=2)


def test_a_busy_port_is_a_local_error_that_says_what_to_do() -> None:
    with Sandbox() as taken:
        port = urlsplit(taken.url).port or 0
        with pytest.raises(LocalError) as caught:
            sandbox(port=port)
    assert caught.value.message == f"cannot listen on 127.0.0.1, port {port}: Address already in use"
    assert caught.value.hint == "choose another one with --port, or 0 for one that is free"


def test_an_address_of_another_machine_is_a_local_error() -> None:
    with pytest.raises(LocalError) as caught:
        sandbox(host="192.0.2.1")
    assert caught.value.hint == "choose an address of this machine with --host, such as 127.0.0.1"
