"""The sandbox's token service. None of our own code asks."""

import pytest
from sandbox_caller import (
    Caller,
)

from stackspot_cli.sandbox import Sandbox


def test_a_token_is_opaque_unique_and_says_how_long_it_lives(caller: Caller) -> None:
    (_, first), (_, second) = caller.ask_token(), caller.ask_token()
    assert first["token_type"] == "Bearer"
    assert first["expires_in"] == 1199
    assert first["access_token"] != second["access_token"]


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"realm": "another"}, 404, "not_found"),
        ({"client_id": "another"}, 401, "unauthorized_client"),
        ({"client_secret": "another"}, 401, "unauthorized_client"),
        ({"client_secret": None}, 400, "invalid_request"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"kind": "application/json"}, 400, "invalid_request"),
    ],
)
def test_a_wrong_token_request_is_refused(
    caller: Caller, change: dict[str, str], status: int, error: str
) -> None:
    told, body = caller.ask_token(**change)
    assert (told, body["error"]) == (status, error)
    assert body["error_description"]


def test_a_key_with_every_awkward_character_arrives_when_it_is_form_encoded() -> None:
    with Sandbox(client_key="a&b+c%d=e é") as server, Caller(server) as caller:
        assert caller.ask_token()[0] == 200


def test_a_token_that_has_expired_is_refused() -> None:
    with Sandbox(token_seconds=0) as server, Caller(server) as caller:
        assert caller.ask("GET", "/v1/llm/models")[0] == 401


@pytest.mark.parametrize("token", ["", "nonsense", "é"])
def test_without_a_valid_token_every_route_answers_401(caller: Caller, token: str) -> None:
    caller.token = token
    asked = [
        ("POST", "/v3/chat"),
        ("GET", "/v4/agents"),
        ("POST", "/v2/file-upload/form"),
        ("GET", "/nowhere"),
    ]
    assert [caller.ask(method, path)[0] for method, path in asked] == [401] * 4
