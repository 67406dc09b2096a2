"""The sandbox's bad days. None of our own code asks."""

import http.client
import json
import threading

import pytest
from sandbox_caller import (
    REVIEWER,
    Caller,
    agent_body,
    answer_in,
    chat_body,
    status_of,
)

from stackspot_cli.sandbox import FAULTS, Sandbox
from stackspot_cli.sandbox.slowness import gap_seconds, merged


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("rate-limit", 429, "INFERENCE_3008_CHAT_RATE_LIMIT_EXCEEDED"),
        ("server-error", 503, "SANDBOX_5030_UNAVAILABLE"),
        ("refused", 400, "SANDBOX_4000_BAD_REQUEST"),
        ("forbidden", 403, None),
    ],
)
def test_a_fault_replaces_the_answer_of_every_api_route(fault: str, status: int, code: str | None) -> None:
    with Sandbox(faults=[fault]) as server, Caller(server) as caller:
        for path in (
            "/v3/chat",
            f"/v1/agent/{REVIEWER}/chat",
            "/v1/quick-commands/create-execution/explain-code",
        ):
            response = caller.send("POST", path, chat_body("Say hi") | {"input_data": ""})
            body = response.read()
            assert (response.status, json.loads(body)["code"] if body else None) == (status, code)
            assert response.getheader("Retry-After") is None


def test_a_fault_strikes_as_often_as_it_was_told_to() -> None:
    with Sandbox(faults=["server-error", "rate-limit"], times=2) as server, Caller(server) as caller:
        assert [status_of(caller) for _ in range(6)] == [503, 503, 429, 429, 200, 200]


def test_expired_token_turns_away_the_first_use_and_lets_the_renewed_token_in() -> None:
    with Sandbox(faults=["expired-token"]) as server, Caller(server) as caller, Caller(server) as late:
        before = [status_of(caller), status_of(caller)]
        caller.renew()
        assert (before, status_of(caller)) == ([401, 200], 200)
        assert status_of(late) == 401  # its token was nobody's renewal
        late.renew()
        assert status_of(late) == 200


def test_a_cut_answer_breaks_off_after_some_pieces_without_a_last_frame() -> None:
    with Sandbox(faults=["cut"], deltas=[f"{n} " for n in range(9)]) as server, Caller(server) as caller:
        response = caller.send("POST", "/v3/chat", chat_body("x"))
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
        assert answer_in(caught.value.partial) == "0 1 2 "
        assert b"end_event" not in caught.value.partial


@pytest.mark.parametrize("streaming", [True, False])
def test_an_agents_answer_can_be_cut_as_well(streaming: bool) -> None:
    with Sandbox(faults=["cut"], times=1) as server, Caller(server) as caller:
        path, body = f"/v1/agent/{REVIEWER}/chat", agent_body(streaming=streaming)
        with pytest.raises(http.client.IncompleteRead):
            caller.send("POST", path, body).read()
        caller.connection.close()
        assert b'"stop_reason": "stop"' in caller.send("POST", path, body).read()


def test_faults_combine() -> None:
    with Sandbox(faults=["expired-token", "cut"]) as server, Caller(server) as caller:
        assert status_of(caller) == 401
        caller.renew()
        with pytest.raises(http.client.IncompleteRead):
            status_of(caller)


def test_a_slow_answer_is_complete() -> None:
    with Sandbox(faults=["slow"], deltas=["one ", "two"]) as server, Caller(server) as caller:
        assert caller.chat("x") == "one two"


def test_a_slow_answers_gaps_can_be_noticed_and_stay_below_a_second() -> None:
    assert all(0.2 <= gap_seconds(count) < 0.9 for count in range(20))
    words = [str(n) for n in range(101)]
    assert "".join(merged(words, 12)) == "".join(words)
    assert len(merged(words, 12)) == 12


def test_a_hanging_answer_sends_its_head_and_nothing_more_and_stop_does_not_wait_for_it() -> None:
    server = Sandbox(faults=["hang"]).start()
    with Caller(server) as caller:
        response = caller.send("POST", "/v3/chat", chat_body("x"))
        assert response.status == 200
        server.stop()
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
        assert caught.value.partial == b""
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sandbox")]


def test_a_hanging_answer_ends_when_the_client_goes() -> None:
    with Sandbox(faults=["hang"], times=1) as server, Caller(server) as caller:
        caller.send("POST", "/v3/chat", chat_body("x")).close()
        caller.connection.close()
        assert status_of(caller) == 200


def test_an_unknown_fault_is_named_together_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'meteor'.*rate-limit.*forbidden"):
        Sandbox(faults=["cut", "meteor"])
    with pytest.raises(ValueError, match="times"):
        Sandbox(faults=["cut"], times=0)
    assert FAULTS == (
        "rate-limit", "server-error", "cut", "slow", "hang", "expired-token", "refused", "forbidden",
    )  # fmt: skip
