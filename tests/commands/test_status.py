"""`status`: where every value came from, how far the network reaches, and nothing secret."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from credential_world import ID, KEY, REALM, World, absent, locked
from parsing import parse

from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.commands.status.command import Options
from stackspot_cli.commands.status.examination import new_token, patience
from stackspot_cli.commands.status.report import TokenFacts

EXPORTED = {"STACKSPOTAI_CLIENT_ID": ID, "STACKSPOTAI_CLIENT_KEY": KEY, "STACKSPOTAI_REALM": REALM}


def status(here: World, *options: str, env: dict[str, str] | None = None, code: int = 0) -> dict[str, Any]:
    done = here.run("status", "--format", "json", *options, env=env)
    assert done.code == code, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_argv_becomes_options() -> None:
    assert parse("status") == Options()
    assert parse("status", "--offline", "--format", "json") == Options(True, ListingFormat.json)


def test_every_value_is_named_with_its_origin_and_the_key_as_dots(here: World) -> None:
    found = status(here, env=EXPORTED | {"SSL_CERT_FILE": "/ca.pem", "HTTP_PROXY": "", "NO_PROXY": "*"})
    endpoint = {"value": "URL", "origin": "environment STACKSPOTAI_ENDPOINT_URL"}
    assert {name: found[name] for name in list(found)[4:16]} == {
        "profile": {"value": "stackspot", "origin": "default"},
        "config_file": {"value": "HOME/config.yaml", "origin": "default"},
        "client_id": {"value": ID, "origin": "environment STACKSPOTAI_CLIENT_ID"},
        "client_key": {"value": "••••••••", "origin": "environment STACKSPOTAI_CLIENT_KEY"},
        "realm": {"value": REALM, "origin": "environment STACKSPOTAI_REALM"},
        "idm_base": endpoint,
        "api_base": endpoint,
        "inference_base": endpoint,
        "data_base": endpoint,
        "tools_base": endpoint,
        "proxy": {"value": None, "origin": "default"},
        "certificates": {"value": "the system's store, /ca.pem", "origin": "environment SSL_CERT_FILE"},
    }
    assert (found["ok"], found["problem"], found["remarks"]) == (True, None, [])
    assert found["keyring"] == {"backend": "credential world Ring", "holds_profile": False, "problem": None}


def test_a_token_that_can_be_had_is_exit_0_and_each_service_is_reached(here: World) -> None:
    here.log_in()
    found = status(here)
    assert [
        (one["name"], one["reached"], one["status"], list(one["seconds"])) for one in found["services"]
    ] == [(name, True, 401, ["dns", "tcp", "http"]) for name in ("idm", "api", "inference", "data", "tools")]
    assert found["token"]["cached"] is False
    assert 0 < found["token"]["new_lives_seconds"] <= 1199
    assert abs(found["clock_skew_seconds"]) <= 2
    assert here.tokens() == []  # looking creates nothing


def test_the_cached_token_says_how_long_it_lives_yet(here: World) -> None:
    here.log_in()
    here.run("complete", "hi")
    found = status(here, "--offline")
    assert found["token"]["cached"] is True
    assert 0 < found["token"]["expires_in_seconds"] <= 1199
    ends = datetime.fromisoformat(found["token"]["expires_at"])
    assert datetime.now(UTC) < ends <= datetime.now(UTC) + timedelta(seconds=1200)
    assert "good for 19 min" in here.run("status").out


def test_without_credentials_it_is_exit_4_and_says_what_is_missing(here: World) -> None:
    here.ring.trouble = absent()
    done = here.run("status")
    assert done.code == 4
    assert done.err.startswith(
        "error: there is no client id and no client key; this machine has no keyring\nhint: "
    )
    assert done.out.endswith("\nno token can be had\n")
    assert "  reachable in " in done.out  # a 401 to somebody without a token is no news


def test_refused_credentials_are_exit_4(here: World) -> None:
    found = status(here, env=EXPORTED | {"STACKSPOTAI_CLIENT_KEY": "hunter2"}, code=4)
    assert found["problem"].startswith("the token service refused the credentials for realm sandbox (401)")


def test_a_service_that_is_not_reached_is_exit_6_with_the_step(here: World) -> None:
    here.service.stop()
    found = status(here, env=EXPORTED, code=6)
    assert {(one["failed"], one["problem"]) for one in found["services"]} == {("tcp", "nobody listens there")}
    assert found["problem"].startswith("cannot connect to ")


def test_offline_asks_nothing_of_the_network(here: World) -> None:
    found = status(here, "--offline", env=EXPORTED)
    assert (found["services"], found["clock_skew_seconds"], found["token"]["new_in_seconds"]) == (
        [],
        None,
        None,
    )
    assert len(here.service.requests) == 0
    assert status(here, "--offline", code=4)["ok"] is False


def test_while_the_service_is_away_a_cached_token_is_still_a_token(here: World) -> None:
    here.log_in()
    here.run("complete", "hi")
    here.service.stop()
    assert status(here)["ok"] is True
    assert here.run("status").out.endswith(
        "the token service is not reached, and the cached token is good yet\n"
    )


def test_what_was_used_of_the_quota_is_counted_by_every_call_and_by_none_where_there_is_no_quota(
    here: World,
) -> None:
    here.run("complete", "hi", env=EXPORTED)
    assert status(here, "--offline", env=EXPORTED)["quota"]["counted"] is False
    limited = EXPORTED | {"STACKSPOTAI_PER_MINUTE": "5"}
    for _ in range(2):
        here.run("complete", "hi", env=limited)
    found = status(here, env=limited)["quota"]
    assert (found["per_minute"], found["last_minute"]["requests"], found["last_day"]["requests"]) == (5, 2, 2)
    assert "quota         last minute: 2 of 5 requests, " in here.run("status", env=limited).out
    assert status(here, "--offline", code=4, env={"STACKSPOTAI_PER_DAY": "9"})["quota"]["counted"] is False


def test_it_holds_no_secret(here: World) -> None:
    here.log_in("--insecure-storage")
    here.run("complete", "hi")
    token = json.loads((here.home / "tokens" / here.tokens()[0]).read_text())["access_token"]
    env = {"HTTPS_PROXY": "http://user:hunter2@proxy.invalid:3128", "NO_PROXY": "127.0.0.1"}
    for options in ((), ("--format", "json")):
        done = here.run("--debug", "status", *options, env=env)
        assert done.code == 0
        for secret in (KEY, token, "hunter2"):
            assert secret not in done.out + done.err


def test_a_proxy_is_named_with_its_variable(here: World) -> None:
    env = EXPORTED | {"HTTP_PROXY": "http://user:pw@127.0.0.1:1"}
    found = status(here, env=env, code=6)
    assert found["proxy"] == {"value": "http://127.0.0.1:1", "origin": "environment HTTP_PROXY"}
    assert {one["proxy"] for one in found["services"]} == {"http://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("proxy", "problem", "code"),
    [
        ("socks5://127.0.0.1:1", "ALL_PROXY names a SOCKS proxy, and only HTTP proxies are spoken", 6),
        ("http://", "ALL_PROXY does not hold the address of a proxy", 2),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_in_a_whole_report(
    here: World, proxy: str, problem: str, code: int
) -> None:
    env = EXPORTED | {"ALL_PROXY": proxy, "all_proxy": "", "http_proxy": "", "HTTP_PROXY": ""}
    found = status(here, env=env, code=code)
    assert found["proxy"] == {"value": None, "origin": "environment ALL_PROXY"}
    assert {one["problem"] for one in found["services"]} == {problem}
    assert (found["problem"], found["ok"]) == (problem, False)
    assert "unset ALL_PROXY" in found["hint"] or "or unset it" in found["hint"]


class Silent:
    """A service that accepts every connection and never answers."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def accepted(self) -> int:
        """How many came, without waiting for more."""
        self.listener.setblocking(False)
        count = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self.listener.accept()[0].close()
                count += 1
        return count


@pytest.fixture
def silent() -> Iterator[Silent]:
    made = Silent()
    with made.listener:
        yield made


def test_a_silent_token_service_is_asked_once_and_told_of(here: World, silent: Silent) -> None:
    env = EXPORTED | {"STACKSPOTAI_RETRIES": "5", "STACKSPOTAI_TIMEOUT": "0.2"}
    app = here.app(env=env | {"STACKSPOTAI_ENDPOINT_URL": silent.url})
    try:
        facts, failure = new_token(app, TokenFacts())
    finally:
        app.close()
    assert failure is not None
    where = silent.url.removeprefix("http://")
    assert (facts.problem, failure.message) == (f"{where} was silent for 0.2 s",) * 2
    assert failure.hint == (
        "the report on stdout shows how far each service was reached; check the network and the proxy there"
    )
    assert silent.accepted() == 1


@pytest.mark.parametrize(("timeout", "seconds"), [("180", 10.0), ("3", 3.0)])
def test_the_token_service_gets_10_seconds_at_most(here: World, timeout: str, seconds: float) -> None:
    app = here.app(env=EXPORTED | {"STACKSPOTAI_TIMEOUT": timeout})
    try:
        assert patience(app).silence_seconds == seconds
    finally:
        app.close()


def test_half_a_pair_is_shown_with_its_origin(here: World) -> None:
    nowhere = {"value": None, "origin": "nowhere"}
    found = status(here, "--offline", env={"STACKSPOTAI_CLIENT_ID": "abc"}, code=4)
    assert (found["client_id"], found["client_key"]) == (
        {"value": "abc", "origin": "environment STACKSPOTAI_CLIENT_ID"},
        nowhere,
    )
    found = status(here, "--offline", env={"STACKSPOTAI_CLIENT_KEY": KEY}, code=4)
    assert (found["client_id"], found["client_key"]) == (
        nowhere,
        {"value": "••••••••", "origin": "environment STACKSPOTAI_CLIENT_KEY"},
    )


def test_a_key_in_the_place_of_the_id_is_not_shown_and_the_mistake_is_named(here: World) -> None:
    swapped = {
        "STACKSPOTAI_CLIENT_ID": "8fK2pQ9xV4mN7tR1W3zL6cB0",
        "STACKSPOTAI_CLIENT_KEY": "4f9d3c2a-1b2c-4d5e-8f90-a1b2c3d4e5f6",
        "STACKSPOTAI_REALM": REALM,
    }
    said = "the client id looks like a client key and is not shown: are the two swapped?"
    found = status(here, env=swapped, code=4)
    assert found["client_id"] == {"value": "••••••••", "origin": "environment STACKSPOTAI_CLIENT_ID"}
    assert found["remarks"] == [said] and found["hint"].startswith(said)
    done = here.run("config", "show", env=swapped)
    assert done.err == f"note: {said}\n" and "8fK2" not in done.out


@pytest.mark.parametrize(
    ("trouble", "problem"), [(absent, "this machine has no keyring"), (locked, "the keyring is locked")]
)
def test_the_keyring_in_use_is_named_or_why_there_is_none(here: World, trouble: Any, problem: str) -> None:
    here.ring.trouble = trouble()
    assert status(here, "--offline", env=EXPORTED)["keyring"]["problem"] == problem


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_file_that_others_can_read_is_named(here: World) -> None:
    here.log_in("--insecure-storage")
    here.private_file.chmod(0o644)
    files = {file["name"]: file for file in status(here, "--offline")["files"]}
    assert (files["private_file"]["mode"], files["private_file"]["private"]) == ("0644", False)
    assert (files["history"]["mode"], files["history"]["private"]) == (None, True)
    assert "0644, others can read it: chmod go-rwx" in here.run("status", "--offline").out


@pytest.mark.parametrize(("days", "reminded"), [(89, False), (91, True)])
def test_a_key_that_was_stored_over_90_days_ago_is_reminded_of(
    here: World, days: int, reminded: bool
) -> None:
    here.log_in()
    entry = json.loads(here.ring.entries["stackspot-cli", "stackspot"])
    entry["stored_at"] = (datetime.now(UTC) - timedelta(days=days, hours=1)).isoformat()
    here.ring.entries["stackspot-cli", "stackspot"] = json.dumps(entry)
    reminder = "the key was stored 91 days ago: make a new one in the portal and type `stackspot login`"
    assert status(here, "--offline")["remarks"] == ([reminder] if reminded else [])
    assert (f"! {reminder}\n" in here.run("status", "--offline").out) == reminded


def test_a_broken_config_file_is_a_usage_error_with_its_place(here: World) -> None:
    here.home.mkdir()
    here.config.write_text("timeout: soon\n")
    done = here.run("status")
    assert (done.code, done.err.splitlines()[0]) == (
        2,
        "error: HOME/config.yaml, line 1, column 10: timeout must be a number of seconds above 0, not 'soon'",
    )


def test_settings_that_cannot_be_read_are_told_to_scripts_too(here: World) -> None:
    done = here.run("status", "--format", "json", env={"STACKSPOTAI_TIMEOUT": "soon"})
    problem = "STACKSPOTAI_TIMEOUT must be a number of seconds above 0, not 'soon'"
    hint = "correct STACKSPOTAI_TIMEOUT, or unset it"
    assert (done.code, json.loads(done.out), done.err) == (
        2,
        {"ok": False, "problem": problem, "hint": hint, "offline": False},
        f"error: {problem}\nhint: {hint}\n",
    )
