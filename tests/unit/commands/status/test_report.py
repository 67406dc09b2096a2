"""What `status` found, as a person and as a script read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from stackspot_cli.auth.findings import Finding
from stackspot_cli.commands.status.page import Page
from stackspot_cli.commands.status.report import (
    FileFacts,
    Here,
    KeyringFacts,
    QuotaFacts,
    Report,
    ServiceFacts,
    TokenFacts,
    as_object,
)
from stackspot_cli.errors import CredentialsMissing
from stackspot_cli.network.probe import Probe, Step
from stackspot_cli.network.quota import Used
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.terminal.table import width

CACHED = TokenFacts(True, 125.0, datetime(2026, 11, 22, tzinfo=UTC))
HERE = Here(
    credentials=(Finding("client_key", "••••••••", "keyring"),),
    token=CACHED,
    keyring=KeyringFacts("Ring", True, None),
    quota=QuotaFacts(),
    files=(FileFacts("history", "/h", "0600", True),),
)
REPORT = Report(
    settings=(
        Finding("profile", "acme", "option --profile"),
        Finding("idm_base", "https://idm", "default"),
        Finding("api_base", "https://api\x1b", "default"),
        Finding("proxy", None, "default"),
    ),
    here=HERE,
    token=replace(CACHED, new_in_seconds=0.25, new_lives_seconds=1199.0),
    failure=None,
    services=(
        ServiceFacts("idm", Probe("https://idm", (Step("dns", 0.001), Step("tcp", 0.02)), status=404)),
        ServiceFacts("api", Probe("https://api\x1b", (), failed="dns", problem="the name is not known")),
    ),
    clock_skew_seconds=-90.0,
    remarks=("look here",),
    offline=False,
)


def as_text(report: Report, terminal: Terminal | None = None) -> str:
    terminal = terminal or Terminal.fake()
    page = Page(terminal)
    for part in report.parts:
        page.tell(part)
    return terminal.out


def test_the_whole_page_reads_well() -> None:
    assert as_text(REPORT) == (
        "profile   acme          (option --profile)\n"
        "idm_base  https://idm   (default)\n"
        "api_base  https://api␛  (default)\n"
        "proxy     –             (default)\n"
        "\n"
        "client key  ••••••••  (keyring)\n"
        "\n"
        "keyring       Ring, holds this profile\n"
        "cached token  good for 2 min 5 s yet\n"
        "quota         none is set, and requests are not counted\n"
        "\n"
        "history  /h  0600\n"
        "\n"
        "idm  https://idm   reachable in 21 ms    (DNS 1 ms, TCP 20 ms)\n"
        "api  https://api␛  not reached: DNS: the name is not known\n"
        "\n"
        "new token  had in 250 ms, good for 19 min 59 s\n"
        "clock      -90 s from the service's\n"
        "! look here\n"
        "\n"
        "all is well: a token was had\n"
    )


@pytest.mark.parametrize("columns", [40, 80])
def test_it_fits_the_terminal_and_lines_that_come_one_by_one_stand_below_one_another(columns: int) -> None:
    terminal = Terminal.fake(environ={"NO_COLOR": "1"}, stdout_is_terminal=True, size=(columns, 24))
    lines = as_text(REPORT, terminal).splitlines()
    assert all(width(line) <= columns for line in lines)
    if columns == 80:
        idm, api = (next(line for line in lines if line.startswith(name)) for name in ("idm ", "api "))
        assert idm.index("reachable") == api.index("not reached") == len("idm  https://api␛  ")


@pytest.mark.parametrize(
    ("status", "state"),
    [(None, ""), (200, ""), (401, ""), (404, ""), (503, ", but it answers 503")],
)
def test_what_a_service_says_to_somebody_without_a_token_is_no_news(status: int | None, state: str) -> None:
    service = ServiceFacts("idm", Probe("https://idm", (Step("tcp", 0.02),), status=status))
    shown = as_text(replace(REPORT, services=(service,)))
    assert f"idm  https://idm   reachable in 20 ms{state}  " in shown


@pytest.mark.parametrize("part", [0, 1, 2])
def test_each_part_is_told_when_it_is_learned(part: int) -> None:
    terminal = Terminal.fake()
    page = Page(terminal)
    told = [list(REPORT.parts)[at] for at in range(part + 1)]
    for one in told:
        page.tell(one)
    shown = terminal.out
    assert shown.startswith("profile")
    assert ("client key" in shown, "reachable" in shown, "new token" in shown) == (part > 0, part > 1, False)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"failure": CredentialsMissing("x", "y")}, "no token can be had"),
        ({"offline": True}, "the credentials are complete; the service was not asked (--offline)"),
        (
            {"token": TokenFacts(True, 9.0)},
            "the token service is not reached, and the cached token is good yet",
        ),
    ],
)
def test_the_last_line_is_the_verdict(changes: dict[str, object], verdict: str) -> None:
    report = replace(REPORT, **changes)  # type: ignore[arg-type]  # fields of a report
    assert as_text(report).splitlines()[-1] == verdict


def test_a_file_that_others_can_read_says_what_to_do() -> None:
    report = replace(REPORT, here=replace(HERE, files=(FileFacts("config_file", "/c", "0644", False),)))
    assert "config file  /c  0644, others can read it: chmod go-rwx\n" in as_text(report)


def test_a_script_reads_seconds_and_names() -> None:
    found = as_object(REPORT)
    assert (found["ok"], found["profile"]) == (True, {"value": "acme", "origin": "option --profile"})
    assert found["token"] == {
        "cached": True,
        "expires_in_seconds": 125.0,
        "expires_at": "2026-11-22T00:00:00+00:00",
        "new_in_seconds": 0.25,
        "new_lives_seconds": 1199.0,
        "problem": None,
    }
    assert found["services"] == [
        {
            "name": "idm",
            "url": "https://idm",
            "proxy": None,
            "reached": True,
            "status": 404,
            "failed": None,
            "problem": None,
            "seconds": {"dns": 0.001, "tcp": 0.02},
        },
        {
            "name": "api",
            "url": "https://api\x1b",
            "proxy": None,
            "reached": False,
            "status": None,
            "failed": "dns",
            "problem": "the name is not known",
            "seconds": {},
        },
    ]


@pytest.mark.parametrize(
    ("quota", "shown"),
    [
        (
            QuotaFacts(20, 6_000, Used(3, 41, 300, 5_000, None)),
            "last minute: 3 of 20 requests, 300 tokens; last day: 41 of 6000 requests, 5000 tokens (of this machine)",
        ),
        (
            QuotaFacts(used=Used(3, 41, 0, 0, 10.5)),
            "last minute: 3 requests, 0 tokens; last day: 41 requests, 0 tokens; "
            "slowed down to 10.5 a minute after a refusal (of this machine)",
        ),
    ],
)
def test_what_was_used_of_the_quota_is_told_as_this_machine_s(quota: QuotaFacts, shown: str) -> None:
    assert f"quota         {shown}\n" in as_text(replace(REPORT, here=replace(HERE, quota=quota)))


def test_a_script_reads_what_was_used() -> None:
    quota = QuotaFacts(20, None, Used(3, 41, 300, 5_000, 10.5))
    nothing = {"per_minute": None, "per_day": None, "counted": False, "of": "this machine"}
    assert as_object(REPORT)["quota"] == {
        **nothing,
        "last_minute": None,
        "last_day": None,
        "slowed_down_to_per_minute": None,
    }
    assert as_object(replace(REPORT, here=replace(HERE, quota=quota)))["quota"] == {
        "per_minute": 20,
        "per_day": None,
        "counted": True,
        "of": "this machine",
        "last_minute": {"requests": 3, "tokens": 300},
        "last_day": {"requests": 41, "tokens": 5_000},
        "slowed_down_to_per_minute": 10.5,
    }
