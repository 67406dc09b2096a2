"""More from Python: conversations that go on, uploads, agents' options, quick commands, lists, hints as notes."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stackspot_cli import (
    AnswerCut,
    CredentialsMissing,
    CredentialsRefused,
    StackSpot,
    StackSpotError,
    StackSpotProvider,
    UsageError,
)
from stackspot_cli.account import Account
from stackspot_cli.api.conversations import MOST_CONVERSATIONS, Conversations
from stackspot_cli.cli import run
from stackspot_cli.domain import Conversation
from stackspot_cli.sandbox import Sandbox
from stackspot_cli.terminal.streams import Terminal

AGENT = "agent:01K45T82PF8QC64C9DNHGQWHY2"
ULID = "01K45T82PF8QC64C9DNHGQWHY9"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox() as made:
        for name, value in {**made.environment, "STACKSPOTAI_HOME": str(tmp_path / "home")}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("STACKSPOTAI_RETRIES", "0")
        yield made


def asked(service: Sandbox, path: str = "/v3/chat") -> list[Any]:
    return [request.json for request in list(service.requests) if request.path == path]


def say(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def id_of(answer: Any) -> str:
    return str(answer["stackspot"]["conversation_id"])


def test_a_conversation_goes_on_with_the_new_message_alone(service: Sandbox) -> None:
    with StackSpot() as client:
        first = client.completion(say("My name is Ana"), model="stackspot-ai-code")
        second = client.completion(say("Say hi, who am I?"), conversation=id_of(first))
        assert id_of(second) == id_of(first)
        assert "My name is Ana" in second["choices"][0]["message"]["content"]
        assert second["model"] == "stackspot-ai-code"
        list(client.stream("And a stream", conversation=id_of(first)))
    bodies = asked(service)
    assert [body["user_prompt"] for body in bodies] == ["My name is Ana", "Say hi, who am I?", "And a stream"]
    assert len({body["context"]["conversation_id"] for body in bodies}) == 1


def test_another_client_of_the_same_account_goes_on_too_and_so_does_asyncio(service: Sandbox) -> None:
    with StackSpot() as client:
        first = client.completion(say("one"))

    async def more() -> Any:
        async with StackSpotProvider() as provider:
            answer = await provider.completion(say("two"), conversation=id_of(first))
            _ = [event async for event in provider.stream("three", conversation=id_of(first))]
            return answer

    assert id_of(asyncio.run(more())) == id_of(first)
    assert [body["user_prompt"] for body in asked(service)] == ["one", "two", "three"]


def test_after_a_change_of_the_model_the_service_is_told_everything(service: Sandbox) -> None:
    with StackSpot() as client:
        first = client.completion(say("one"))
        client.completion(say("two"), model=AGENT, conversation=id_of(first))
    [body] = asked(service, f"/v1/agent/{AGENT[6:]}/chat")
    assert "one" in body["user_prompt"] and body["user_prompt"].endswith("two")


def test_after_a_cut_answer_the_service_is_told_everything(
    service: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StackSpot() as client:
        first = client.completion(say("one"))
        with Sandbox(faults=("cut",)) as bad:
            monkeypatch.setenv("STACKSPOTAI_ENDPOINT_URL", bad.url)
        monkeypatch.setenv("STACKSPOTAI_ENDPOINT_URL", service.url)
        assert id_of(client.completion(say("two"), conversation=id_of(first))) == id_of(first)
    with Sandbox(faults=("cut",), times=1) as bad:
        for name, value in bad.environment.items():
            monkeypatch.setenv(name, value)
        with StackSpot() as client:
            events = client.stream("one")
            with pytest.raises(AnswerCut):
                list(events)
            sent = asked(bad)[0]["context"]["conversation_id"]
            client.completion(say("two"), conversation=sent)
        assert asked(bad)[1]["user_prompt"].startswith("This is our conversation so far.")


def test_a_conversation_of_the_command_s_history_is_gone_on_with(service: Sandbox) -> None:
    import json
    import os

    terminal = Terminal.fake(environ=os.environ)
    assert run(["complete", "--format", "json", "from the shell"], os.environ, terminal) == 0
    id_ = json.loads(terminal.out)["stackspot"]["conversation_id"]
    with StackSpot() as client:
        answer = client.completion(say("from Python"), conversation=id_[:20])
        assert id_of(answer) == id_
        client.completion(say("again"), conversation=id_)
    first, second, third = (body["user_prompt"] for body in asked(service))
    assert first == "from the shell"
    assert "from the shell" in second and second.endswith("from Python")
    assert third == "again"


def test_a_whole_id_that_nobody_here_knows_is_the_service_s(service: Sandbox) -> None:
    with StackSpot() as client:
        answer = client.completion(say("hi"), conversation=ULID)
    [body] = asked(service)
    assert (id_of(answer), body["context"]["conversation_id"], body["user_prompt"]) == (ULID, ULID, "hi")


def test_an_id_that_is_none_and_one_of_another_account_are_refused(
    service: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    pair = f"client_id: {service.client_id}, api_key: {service.client_key}, client_realm: {service.realm}"
    config.write_text(f"providers: {{acme: {{{pair}}}, globex: {{{pair}}}}}")
    with StackSpot("acme", config) as acme, StackSpot("globex", config) as globex:
        held = id_of(acme.completion(say("a secret of acme's")))
        with pytest.raises(UsageError, match="belongs to profile acme, and this is profile globex") as caught:
            globex.completion(say("hi"), conversation=held)
        assert caught.value.hint == "a StackSpot(profile='acme') with its credentials goes on with it"
        with pytest.raises(UsageError, match="no conversation nope"):
            acme.completion(say("hi"), conversation="nope")
        with pytest.raises(UsageError, match="belongs to profile acme"):
            globex.run("translate", "hi", conversation=held)
    assert len(asked(service)) == 1


def test_files_and_an_agent_s_options_travel_along(service: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("some notes")
    with StackSpot() as client:
        client.completion(
            say("Use them"),
            model=AGENT,
            uploads=[file],
            knowledge=["house-rules"],
            stackspot_knowledge=True,
            deep_search=True,
            agent_version=3,
            select_model="gpt",
        )
    [body] = asked(service, f"/v1/agent/{AGENT[6:]}/chat")
    assert len(body["upload_ids"]) == 1
    assert body["knowledge_source_ids"] == ["house-rules"]
    assert (body["stackspot_knowledge"], body["deep_search_ks"]) == (True, True)


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"conversation": 3}, UsageError, "conversation cannot be 3"),
        ({"uploads": "file.txt"}, UsageError, "uploads is a list, not 'file.txt'"),
        ({"agent_version": 3}, UsageError, "stackspot-ai takes no agent_version"),
        ({"agent_version": True, "model": AGENT}, UsageError, "agent_version cannot be True"),
        ({"nonsense": 1}, TypeError, "nonsense"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    service: Sandbox, how: dict[str, Any], error: type[Exception], message: str
) -> None:
    with StackSpot() as client, pytest.raises(error, match=message):
        client.completion(say("hi"), **how)
    assert list(service.requests) == []


def test_a_quick_command_runs_with_text_or_json(service: Sandbox) -> None:
    with StackSpot() as client:
        assert "translate" in client.run("translate", "Good morning").text
        execution = client.run("translate", {"text": "Good morning", "to": ["es"]})
        assert execution.state == "completed" and execution.whole["execution_id"]
        again = client.run(execution=execution.whole["execution_id"])
        assert again.result == execution.result
        for wrong in (
            {"slug": None},
            {"slug": "translate", "execution": "x"},
            {"slug": "x", "input": {1, 2}},
        ):
            with pytest.raises(UsageError):
                client.run(**wrong)  # type: ignore[arg-type]  # on purpose
        with pytest.raises(StackSpotError):
            client.run("fail", "x", wait=5.0)

    async def apart() -> str:
        async with StackSpotProvider() as provider:
            return (await provider.run("translate", "hi")).text

    assert "translate" in asyncio.run(apart())


def test_models_and_agents_are_listed(service: Sandbox) -> None:
    with StackSpot() as client:
        assert [model.name for model in client.models()][:1] == ["stackspot-ai"]
        assert list(service.requests) == []
        agents = client.agents()
    assert agents and all(agent.id for agent in agents)

    async def apart() -> tuple[int, int]:
        async with StackSpotProvider() as provider:
            return len(await provider.models()), len(await provider.agents())

    assert asyncio.run(apart()) == (3, len(agents))


def test_an_error_shows_its_hint_as_a_note_that_reaches_the_account(
    service: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with StackSpot("acme") as client, pytest.raises(CredentialsMissing) as caught:
        client.completion(say("hi"))
    shown = "".join(traceback.format_exception(caught.value))
    assert (
        "\nhint: `stackspot --profile acme login" in shown
    )  # with --insecure-storage where there is no keyring
    assert shown.count("hint: ") == 1
    with StackSpot() as client, pytest.raises(UsageError) as wrong:
        client.completion([])
    assert wrong.value.__notes__ == [f"hint: {wrong.value.hint}"]
    monkeypatch.setenv("STACKSPOTAI_CLIENT_KEY", "wrong")

    async def apart() -> None:
        async with StackSpotProvider() as provider:
            await provider.completion(say("hi"))

    with pytest.raises(CredentialsRefused) as refused:
        asyncio.run(apart())
    assert "hint: verify credentials" in refused.value.__notes__[0]


def test_the_oldest_conversations_are_forgotten_first() -> None:
    known = Conversations()
    for number in range(MOST_CONVERSATIONS + 1):
        known.keep(Conversation(str(number), Account("p"), "m"))
    assert known.get("0") is None
    assert known.get(str(MOST_CONVERSATIONS)) is not None
