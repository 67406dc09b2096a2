"""Who may come in."""

import pytest

from stackspot_cli.domain import Secret
from stackspot_cli.gateway.access import Doors, check_content_type, host_name
from stackspot_cli.gateway.problems import Problem

HERE = Doors(names=("box",), port=8765)


@pytest.mark.parametrize(
    "host", ["localhost:8765", "127.0.0.1:8765", "[::1]:8765", "BOX", "localhost.", "127.0.0.2"]
)
def test_our_names_and_loopback_are_ours(host: str) -> None:
    HERE.check_host(host)


@pytest.mark.parametrize(
    "host", [None, "", "evil.example", "localhost:80", "10.0.0.1:8765", "box.evil.example"]
)
def test_any_other_host_is_refused(host: str | None) -> None:
    with pytest.raises(Problem) as refused:
        HERE.check_host(host)
    assert (refused.value.status, refused.value.code) == (403, "host_not_allowed")


def test_on_all_addresses_each_address_is_ours_and_no_name() -> None:
    everywhere = Doors(any_address=True, port=8765)
    everywhere.check_host("10.0.0.1:9000")
    with pytest.raises(Problem):
        everywhere.check_host("evil.example")


@pytest.mark.parametrize("header", ["Bearer key", "bearer  key ", "BEARER key"])
def test_the_key_opens(header: str) -> None:
    Doors(key=Secret("key")).check_key(header)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer other", "Basic key", "key"])
def test_anything_else_does_not(header: str | None) -> None:
    with pytest.raises(Problem) as refused:
        Doors(key=Secret("key")).check_key(header)
    assert (refused.value.status, refused.value.code) == (401, "invalid_api_key")
    Doors().check_key(header)


@pytest.mark.parametrize(("header", "name"), [("[::1]:80", "::1"), ("Box.:80", "box"), (" a ", "a")])
def test_the_name_in_a_host(header: str, name: str) -> None:
    assert host_name(header) == name


def test_a_body_is_json_or_refused() -> None:
    check_content_type("Application/JSON; charset=utf-8")
    with pytest.raises(Problem) as refused:
        check_content_type("text/plain")
    assert refused.value.status == 415
