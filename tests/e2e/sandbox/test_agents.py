"""The sandbox's agents. None of our own code asks."""

import json
from typing import Any

import pytest
from sandbox_caller import (
    REVIEWER,
    UNKNOWN,
    Caller,
    agent_body,
    events_in,
)


def test_an_agent_streams_its_message_and_ends_with_a_frame_that_says_stop(caller: Caller) -> None:
    response = caller.send("POST", f"/v1/agent/{REVIEWER}/chat", agent_body())
    events = events_in(response.read())
    assert {name for name, _ in events} == {None}
    assert all("stop_reason" not in data for _, data in events[:-1])
    last = events[-1][1]
    assert (last["message"], last["stop_reason"], last["tokens"]["input"]) == ("", "stop", 5)
    assert last["conversation_id"] == "01K45T0000000000000000TALK"
    assert len(last["message_id"]) == 26
    assert "| agent | `Reviewer` |" in "".join(data["message"] for _, data in events)
    assert all(data.get("source", []) == [] for _, data in events)


def test_an_agent_answers_whole_when_it_is_not_asked_to_stream(caller: Caller) -> None:
    status, answer = caller.ask("POST", f"/v1/agent/{REVIEWER}/chat", agent_body(streaming=False))
    assert status == 200
    assert answer["message"].startswith("# Hello from the sandbox")
    assert answer["stop_reason"] == "stop"
    assert answer["tokens"]["output"] > 50
    assert answer["source"] == []


@pytest.mark.parametrize(
    ("fields", "slugs"),
    [
        ({"stackspot_knowledge": True}, ["stackspot-knowledge"]),
        ({"deep_search_ks": True}, ["stackspot-knowledge"]),
        ({"knowledge_source_ids": ["house-rules", "payments-api"]}, ["house-rules", "payments-api"]),
        ({"knowledge_sources": ["house-rules"]}, ["house-rules"]),
        ({"knowledge_source_ids": ["house-rules"], "return_ks_in_response": False}, []),
        ({}, []),
    ],
)
@pytest.mark.parametrize("streaming", [True, False])
def test_an_agent_names_its_sources_when_knowledge_was_asked_for(
    caller: Caller, fields: dict[str, Any], slugs: list[str], streaming: bool
) -> None:
    response = caller.send("POST", f"/v1/agent/{REVIEWER}/chat", agent_body(streaming=streaming, **fields))
    body = response.read()
    objects = [data for _, data in events_in(body)] if streaming else [json.loads(body)]
    assert [source["slug"] for data in objects for source in data.get("source", [])] == slugs


def test_any_well_formed_agent_is_played_and_named_in_the_answer(caller: Caller) -> None:
    status, body = caller.ask("POST", f"/v1/agent/{UNKNOWN}/chat", agent_body(streaming=False))
    assert status == 200
    assert f"| agent | `{UNKNOWN}` |" in body["message"]
    assert caller.ask("POST", "/v1/agent/reviewer/chat", agent_body()) == (403, b"")


def test_to_be_strict_is_to_know_the_account_s_own_agents_alone(strict_caller: Caller) -> None:
    assert strict_caller.ask("POST", f"/v1/agent/{UNKNOWN}/chat", agent_body()) == (403, b"")
    assert strict_caller.ask("POST", f"/v1/agent/{REVIEWER}/chat", agent_body(streaming=False))[0] == 200


@pytest.mark.parametrize(("sent", "named"), [("true", True), (True, True), ("false", False), (False, False)])
def test_switches_may_be_texts_as_the_public_clients_write_them(
    caller: Caller, sent: object, named: bool
) -> None:
    body = agent_body(streaming=False, stackspot_knowledge=sent, return_ks_in_response=True)
    _status, answer = caller.ask("POST", f"/v1/agent/{REVIEWER}/chat", body)
    assert bool(answer["source"]) is named


def test_an_agent_takes_more_than_a_model(caller: Caller) -> None:
    body = agent_body(user_prompt="x" * 80_000, streaming=False)
    assert caller.ask("POST", f"/v1/agent/{REVIEWER}/chat", body)[0] == 200
    too_long = agent_body(user_prompt="x" * 1_200_000, streaming=False)
    status, error = caller.ask("POST", f"/v1/agent/{REVIEWER}/chat", too_long)
    assert (status, "limit of 272000 tokens" in error["details"]) == (400, True)


def test_an_agents_conversation_counts_its_turns_only_when_it_is_used(caller: Caller) -> None:
    def turn(use: bool) -> str:
        body = agent_body(streaming=False, use_conversation=use)
        message: str = caller.ask("POST", f"/v1/agent/{REVIEWER}/chat", body)[1]["message"]
        return message.split("| conversation | ")[1].split(" |")[0]

    assert [turn(True), turn(False), turn(True)] == ["turn 1", "turn 1", "turn 2"]
