"""Who may come in."""

import pytest

from stackspot_cli.dialects.problems import Problem
from stackspot_cli.domain import Secret
from stackspot_cli.gateway.access import Doors, check_content_type, host_name

HERE = Doors(names=("box",), port=8765, named=("gateway.internal",))
LOCKED = Doors(key=Secret("key"))


def refusal(
    doors: Doors, host: str | None, *, authorization: str | None = None, api_key: str | None = None
) -> object:
    """The status and the code; None where it is let in."""
    try:
        doors.check(host, authorization, api_key, open_to_all=False)
    except Problem as problem:
        return problem.status, problem.code
    return None


@pytest.mark.parametrize(
    "host",
    [
        "localhost:8765",
        "127.0.0.1:8765",
        "[::1]:8765",
        "BOX",
        "localhost.",
        "127.0.0.2",
        "gateway.internal:80",
        "Gateway.Internal",
    ],
)
def test_our_names_loopback_and_what_was_allowed_are_ours(host: str) -> None:
    assert refusal(HERE, host) is None


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "localhost:80",
        "10.0.0.1:8765",
        "box.evil.example",
        "[::1]evil.com",
        "127.0.0.1%2eevil",
        "127.0.0.1:8765:1",
        "user@localhost",
        "[::1",
        "localhost/x",
    ],
)
def test_any_other_host_is_refused_where_there_is_no_key(host: str | None) -> None:
    assert refusal(HERE, host) == (403, "host_not_allowed")


def test_with_the_key_any_host_is_served() -> None:
    assert refusal(LOCKED, "host.docker.internal:8765", authorization="Bearer key") is None
    assert refusal(LOCKED, "host.docker.internal:8765") == (401, "invalid_api_key")


def test_on_all_addresses_each_address_is_ours_and_no_name() -> None:
    everywhere = Doors(any_address=True, port=8765)
    assert refusal(everywhere, "10.0.0.1:9000") is None
    assert refusal(everywhere, "evil.example") == (403, "host_not_allowed")


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [
        ("Bearer key", None),
        ("bearer  key ", None),
        ("BEARER key", None),
        (None, "key"),
        (None, " key "),
        ("Bearer other", "key"),
    ],
)
def test_the_key_opens_by_either_header(authorization: str | None, api_key: str | None) -> None:
    assert refusal(LOCKED, "x", authorization=authorization, api_key=api_key) is None


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [
        (None, None),
        ("", ""),
        ("Bearer", None),
        ("Bearer other", "other"),
        ("Basic key", None),
        ("key", None),
    ],
)
def test_anything_else_does_not(authorization: str | None, api_key: str | None) -> None:
    assert refusal(LOCKED, "x", authorization=authorization, api_key=api_key) == (401, "invalid_api_key")


def test_a_key_of_any_bytes_opens() -> None:
    odd = b"k\xe9y".decode("utf-8", "surrogateescape")
    assert refusal(Doors(key=Secret(odd)), "x", api_key=odd) is None
    assert refusal(Doors(key=Secret(odd)), "x", api_key="kéy") == (401, "invalid_api_key")


def test_whether_it_lives_is_told_to_all() -> None:
    LOCKED.check("x", None, None, open_to_all=True)
    with pytest.raises(Problem):
        HERE.check("evil.example", None, None, open_to_all=True)


@pytest.mark.parametrize(
    ("header", "name"), [("[::1]:80", "::1"), ("Box.:80", "box"), (" a ", "a"), ("a b", None)]
)
def test_the_name_in_a_host(header: str, name: str | None) -> None:
    assert host_name(header) == name


def test_a_body_is_json_or_refused() -> None:
    check_content_type("Application/JSON; charset=utf-8")
    with pytest.raises(Problem) as refused:
        check_content_type("text/plain")
    assert refused.value.status == 415
