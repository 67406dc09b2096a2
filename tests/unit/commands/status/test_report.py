"""What `status` found, as a person and as a script read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from stackspot_cli.auth.findings import Finding
from stackspot_cli.commands.status.report import (
    FileFacts,
    KeyringFacts,
    QuotaFacts,
    Report,
    ServiceFacts,
    TokenFacts,
    as_object,
    as_text,
)
from stackspot_cli.network.probe import Probe, Step
from stackspot_cli.network.quota import Used

REPORT = Report(
    values=(
        Finding("profile", "acme", "option --profile"),
        Finding("client_key", "••••••••", "keyring"),
        Finding("proxy", None, "default"),
    ),
    token=TokenFacts(True, 125.0, datetime(2026, 11, 22, tzinfo=UTC), 0.25, 1199.0),
    token_can_be_had=True,
    problem=None,
    hint=None,
    services=(
        ServiceFacts("idm", Probe("https://idm", (Step("dns", 0.001), Step("tcp", 0.02)), status=404)),
        ServiceFacts("api", Probe("https://api\x1b", (), failed="dns", problem="the name is not known")),
    ),
    clock_skew_seconds=-90.0,
    keyring=KeyringFacts("Ring", True, None),
    quota=QuotaFacts(),
    files=(FileFacts("history", "/h", "0600", True),),
    remarks=("look here",),
    offline=False,
)


def test_the_whole_page_reads_well() -> None:
    assert as_text(REPORT) == (
        "profile     acme      (option --profile)\n"
        "client key  ••••••••  (keyring)\n"
        "proxy       –         (default)\n"
        "\n"
        "cached token  good for 2 min 5 s yet\n"
        "new token     had in 250 ms, good for 19 min 59 s\n"
        "keyring       Ring, holds this profile\n"
        "quota         none is set, and requests are not counted\n"
        "clock         -90 s from the service's\n"
        "\n"
        "idm  https://idm   reached in 21 ms, status 404             (DNS 1 ms, TCP 20 ms)\n"
        "api  https://api␛  not reached: DNS: the name is not known\n"
        "\n"
        "history  /h  0600\n"
        "! look here\n"
        "\n"
        "all is well: a token was had\n"
    )


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"token_can_be_had": False}, "no token can be had"),
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
    report = replace(REPORT, files=(FileFacts("config_file", "/c", "0644", False),))
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
    assert f"quota         {shown}\n" in as_text(replace(REPORT, quota=quota))


def test_a_script_reads_what_was_used() -> None:
    quota = QuotaFacts(20, None, Used(3, 41, 300, 5_000, 10.5))
    nothing = {"per_minute": None, "per_day": None, "counted": False, "of": "this machine"}
    assert as_object(REPORT)["quota"] == {
        **nothing,
        "last_minute": None,
        "last_day": None,
        "slowed_down_to_per_minute": None,
    }
    assert as_object(replace(REPORT, quota=quota))["quota"] == {
        "per_minute": 20,
        "per_day": None,
        "counted": True,
        "of": "this machine",
        "last_minute": {"requests": 3, "tokens": 300},
        "last_day": {"requests": 41, "tokens": 5_000},
        "slowed_down_to_per_minute": 10.5,
    }
