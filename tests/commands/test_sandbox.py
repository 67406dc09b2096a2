"""`stackspot sandbox`: what it prints, how it ends, what it refuses."""

import http.client
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from parsing import parse

from stackspot_cli.app import App
from stackspot_cli.commands.sandbox import answers_file, child
from stackspot_cli.commands.sandbox.command import Options, run
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.sandbox import Sandbox
from stackspot_cli.sandbox.script import WRONGS
from stackspot_cli.terminal.streams import Terminal


def test_argv_becomes_options() -> None:
    assert parse("sandbox") == Options("127.0.0.1", 0, (), None, None, False, ())
    line = "sandbox --host ::1 --port 8080 --fault cut --fault slow --times 2 --answers rules.yaml --strict"
    assert parse(*line.split()) == Options("::1", 8080, ("cut", "slow"), 2, "rules.yaml", True)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("sandbox -- pytest -q", "pytest -q"),
        ("sandbox pytest -q --port 9", "pytest -q --port 9"),
        ("sandbox --strict -- sh -c -- true", "sh -c -- true"),
    ],
)
def test_what_follows_the_options_is_the_command(line: str, command: str) -> None:
    assert parse(*line.split()).command == tuple(command.split())


def sandbox(
    host: str = "127.0.0.1", port: int = 0, fault: tuple[str, ...] = (), times: int | None = None, **more: str
) -> None:
    """The command in this process, where it is refused before it serves."""
    terminal = Terminal.fake()
    try:
        run(Options(host, port, fault, times, **more), App({}, terminal))  # type: ignore[arg-type]
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


# --- one command -----------------------------------------------------------------------------------


def wrapped(*words: str, environ: dict[str, str] | None = None, **more: object) -> subprocess.Popen[str]:
    plain = {name: os.environ[name] for name in ("PATH", "LC_ALL") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "stackspot_cli", "sandbox", *words],
        env={**plain, **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,  # type: ignore[call-overload]
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


ASK = (sys.executable, "-m", "stackspot_cli", "complete", "--no-stdin")


def test_a_command_runs_with_the_variables_set_and_nothing_else_is_printed() -> None:
    code, out, err = ended(wrapped("--", *ASK, "Say hi"))
    assert (code, err) == (0, "")
    assert out.startswith("Hi! The sandbox received: model `stackspot-ai`")


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)])
def test_it_ends_with_the_command_s_exit_code(script: str, code: int) -> None:
    assert ended(wrapped("--", "sh", "-c", script)) == (code, "", "")


def test_it_passes_stdin_on() -> None:
    process = wrapped("cat", stdin=subprocess.PIPE)
    assert process.communicate("one\ntwo\n", timeout=60)[0] == "one\ntwo\n"


def test_a_command_that_is_not_there_ends_as_in_a_shell() -> None:
    code, out, err = ended(wrapped("--", "no-such-command"))
    assert (code, out) == (127, "")
    assert err == (
        "error: there is no command no-such-command\n"
        "hint: what stands behind the options is run: stackspot sandbox -- pytest -q\n"
    )


def test_a_file_that_is_no_program_ends_as_in_a_shell(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("no program")
    code, _out, err = ended(wrapped("--", str(tmp_path / "notes")))
    assert (code, err.splitlines()[0]) == (126, f"error: cannot run {tmp_path / 'notes'}: Permission denied")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_on_and_the_command_may_tidy_up(number: int) -> None:
    script = f"trap 'echo tidied; exit 9' {signal.Signals(number).name[3:]}; echo ready; sleep 60 & wait"
    process = wrapped("--", "sh", "-c", script, start_new_session=True)
    assert process.stdout and process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.stdout.readline() == "tidied\n"
    assert process.wait(60) == 9
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # the sleep
    process.communicate()


def test_nothing_leads_past_the_sandbox() -> None:
    away = dict.fromkeys(child.LEADING_AWAY, "away")
    environ = child.environment(
        {**away, "PATH": "", "TERM": "dumb"}, {"STACKSPOTAI_REALM": "sandbox"}, "/home"
    )
    assert {name: value for name, value in environ.items() if name != "PATH"} == {
        "TERM": "dumb",
        "STACKSPOTAI_REALM": "sandbox",
        "STACKSPOTAI_HOME": "/home",
    }


def test_a_home_that_was_chosen_stays() -> None:
    environ = child.environment({"STACKSPOTAI_HOME": "/chosen"}, {}, "/home")
    assert environ["STACKSPOTAI_HOME"] == "/chosen"


def test_a_command_reaches_it_past_a_proxy() -> None:
    environ = {"http_proxy": "http://127.0.0.2:1", "no_proxy": "corp"}
    code, out, _err = ended(wrapped("--", "sh", "-c", "echo $no_proxy", environ=environ))
    assert (code, out.strip().split(",")) == (0, ["corp", "127.0.0.1"])


def test_a_command_finds_stackspot_where_it_was_called_by_its_path(tmp_path: Path) -> None:
    made = child.environment({"PATH": str(tmp_path)}, {}, "/home")
    assert made["PATH"].split(os.pathsep) == [str(tmp_path), str(Path(sys.executable).parent)]


# --- answers as told -------------------------------------------------------------------------------

RULES = """\
- when: May it be merged
  answers: ["Not so sure.", '{"approved": true}']
- {when: busy, answer: at last, fault: rate-limit, times: 1}
"""


def test_it_answers_as_a_file_tells(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES)
    asked = shlex.join([*ASK, "May it be merged?"])
    script = f"{asked}; {asked}; STACKSPOTAI_RETRY_WAIT=0.01 {shlex.join([*ASK, 'busy'])}"
    code, out, err = ended(wrapped("--answers", str(tmp_path / "rules.yaml"), "--", "sh", "-c", script))
    assert (code, out, err) == (0, 'Not so sure.\n{"approved": true}\nat last\n', "")


QUOTES = "put texts into quotes: YAML reads some of them as numbers, switches or lists"
A_RULE = "a rule is a line such as `- {when: 'merge', answer: 'yes, it may'}`"


@pytest.mark.parametrize(
    ("text", "place", "why", "hint"),
    [
        ("", "line 1, column 1", "the file must hold a list of rules", A_RULE),
        ("when: a\nanswer: b\n", "line 1, column 1", "the file must hold a list of rules", A_RULE),
        (
            "- just text\n",
            "line 1, column 3",
            "a rule must have keys, of when, said, answer, answers, fault, times",
            A_RULE,
        ),
        (
            "- answer: yes, it may\n- {answer: a, fualt: cut}\n",
            "line 2, column 22",
            "there is no key fualt; the known ones are when, said, answer, answers, fault, times",
            A_RULE,
        ),
        ("- answer: 42\n", "line 1, column 11", "`answer` is a text, `answers` a list of texts", QUOTES),
        (
            '- answer: {"a": 1}\n',
            "line 1, column 11",
            "`answer` is a text, `answers` a list of texts",
            QUOTES,
        ),
        (
            "- {when: 42, answer: a}",
            "line 1, column 10",
            "`when` is no regular expression",
            QUOTES,
        ),
        (
            "- {when: '(', answer: a}",
            "line 1, column 10",
            "`when` is no regular expression",
            "in a regular expression of Python ( [ ? * + . and \\ mean something; a \\ before one takes it as it is",
        ),
        (
            "- {answer: a, fault: cut, times: 0}",
            "line 1, column 34",
            "`times` says how often a `fault` strikes: a whole number from 1",
            A_RULE,
        ),
        ("- [\n", "line 2, column 1", "did not find expected node content", A_RULE),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(
    tmp_path: Path, text: str, place: str, why: str, hint: str
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        sandbox(answers=str(path))
    assert (caught.value.message, caught.value.hint) == (f"{path}, {place}: {why}", hint)


def test_a_file_of_rules_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*: No such file or directory"):
        sandbox(answers=str(tmp_path / "none.yaml"))


def test_every_way_to_be_wrong_has_its_sentence() -> None:
    assert answers_file.WRONGS.keys() == WRONGS.keys()
