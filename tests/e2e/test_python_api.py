"""`from stackspot_cli import StackSpot`, against the sandbox over real sockets."""

import asyncio
import gc
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from served import Serve

from stackspot_cli import (
    AnswerCut,
    CredentialsMissing,
    Delta,
    Done,
    NotPermitted,
    RateLimited,
    StackSpot,
    StackSpotProvider,
    Usage,
    UsageError,
)
from stackspot_cli.sandbox import Sandbox

ASK = [{"role": "user", "content": "Write a Python function to calculate factorial"}]


def chats(server: Sandbox) -> list[Any]:
    return [request.json for request in list(server.requests) if request.path == "/v3/chat"]


def test_the_documented_example_answers(serve: Serve) -> None:
    server = serve(deltas=("def factorial", "(n): ..."))
    with StackSpot() as client:
        answer = client.completion(messages=ASK, model="stackspot-ai-code", temperature=0.7)
    (sent,) = chats(server)
    assert (sent["user_prompt"], sent["model"], sent["temperature"]) == (
        ASK[0]["content"],
        "stackspot-ai-code",
        0.7,
    )
    conversation_id = sent["context"]["conversation_id"]
    assert answer == {
        "id": answer["id"],
        "object": "chat.completion",
        "created": answer["created"],
        "model": "stackspot-ai-code",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "def factorial(n): ..."},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
        "stackspot": {
            "conversation_id": conversation_id,
            "message_id": None,
            "complete": True,
            "sources": [],
            "usage_estimate": {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17},
        },
    }


def test_the_integration_documents_example_runs(serve: Serve) -> None:
    serve(deltas=("def factorial", "(n): ..."))

    async def example() -> str:
        provider = StackSpotProvider()
        response = await provider.completion(
            messages=[{"role": "user", "content": "Write a Python function to calculate factorial"}],
            model="stackspot-ai-code",
            temperature=0.7,
        )
        await provider.close()
        return response["choices"][0]["message"]["content"]

    assert asyncio.run(example()) == "def factorial(n): ..."


def test_a_stream_gives_openai_chunks(serve: Serve) -> None:
    serve(deltas=("a", "b"))
    with StackSpot() as client:
        chunks = list(client.completion(ASK, stream=True))
    assert [chunk["choices"][0] for chunk in chunks] == [
        {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None},
        {"index": 0, "delta": {"content": "a"}, "finish_reason": None},
        {"index": 0, "delta": {"content": "b"}, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": "stop"},
    ]
    assert {(chunk["id"], chunk["object"]) for chunk in chunks} == {
        (chunks[0]["id"], "chat.completion.chunk")
    }


def test_typed_events_come_from_an_agent(serve: Serve) -> None:
    server = serve(deltas=("a", "b"))
    with StackSpot(model="agent:01K45T82PF8QC64C9DNHGQWHY2") as client:
        *deltas, usage, done = client.stream("Explain it", system="Be brief")
    assert deltas == [Delta("a"), Delta("b")]
    assert isinstance(usage, Usage)
    assert isinstance(done, Done)
    assert server.requests[-1].json["user_prompt"] == "Be brief\n\nExplain it"


def test_the_asynchronous_stream_gives_the_same_chunks(serve: Serve) -> None:
    serve(deltas=[f"<{n}>" for n in range(2000)])

    async def texts() -> str:
        async with StackSpotProvider() as provider:
            chunks = [chunk async for chunk in await provider.completion(ASK, stream=True)]
        return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)

    assert asyncio.run(texts()) == "".join(f"<{n}>" for n in range(2000))


def test_many_threads_share_one_client_and_mix_nothing(serve: Serve) -> None:
    server = serve()
    answers: dict[int, str] = {}

    def ask(client: StackSpot, number: int) -> None:
        answers[number] = "".join(
            event.text for event in client.stream(f"<<{number}>>") if isinstance(event, Delta)
        )

    with StackSpot() as client:
        threads = [threading.Thread(target=ask, args=(client, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert all(f"<<{number}>>" in answers[number] for number in range(8))
    assert sum("/oidc/" in request.path for request in list(server.requests)) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "status"), [("rate-limit", RateLimited, 429), ("forbidden", NotPermitted, 403)]
)
def test_a_refusal_is_a_typed_error_with_its_status(
    serve: Serve, fault: str, kind: type[Any], status: int
) -> None:
    serve(faults=[fault])
    with StackSpot(retries=0) as client, pytest.raises(kind) as failure:
        client.completion(ASK)
    assert failure.value.status == status


def test_a_cut_stream_keeps_what_came_and_says_so(serve: Serve) -> None:
    serve(faults=["cut"], deltas=["a", "b", "c", "d", "e", "f"])
    came = []
    with StackSpot() as client, pytest.raises(AnswerCut):
        for event in client.stream("Say something"):
            came.append(event)
    assert came == [Delta("a"), Delta("b")]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"temperature": 1.5}, "the temperature is a number from 0.0 to 1.0, not 1.5"),
        ({"temperature": "hot"}, "the temperature is a number from 0.0 to 1.0, not 'hot'"),
        ({"temperature": True}, "the temperature is a number from 0.0 to 1.0, not True"),
        ({"max_tokens": 1.5}, "max_tokens is a whole number from 1 to 8192, not 1.5"),
        ({"model": 7}, "the model is a name, not 7"),
        ({"max_tokens": 0}, "max_tokens is a whole number from 1 to 8192, not 0"),
        ({"model": "gpt-4"}, "there is no model 'gpt-4'"),
        ({"messages": []}, "`messages` is a list of at least one message"),
    ],
)
def test_a_wrong_call_is_refused_and_nothing_is_sent(serve: Serve, how: dict[str, Any], said: str) -> None:
    server = serve()
    with StackSpot() as client, pytest.raises(UsageError) as refusal:
        client.completion(**{"messages": ASK, **how})
    assert (refusal.value.message, len(server.requests)) == (said, 0)


@pytest.mark.parametrize("prompt", [None, 7, b"x", "", [], [{"role": "user"}]])
def test_a_prompt_that_is_none_is_refused_and_nothing_is_sent(serve: Serve, prompt: Any) -> None:
    server = serve()
    with StackSpot() as client, pytest.raises(UsageError):
        client.stream(prompt)
    assert len(server.requests) == 0


@pytest.mark.parametrize("how", [{"timeout": -1}, {"deadline": "soon"}, {"timeout": True}])
def test_a_patience_that_is_none_is_refused_at_once(how: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="is a number of seconds above 0"):
        StackSpot(**how)


def test_a_stream_takes_messages_and_names_its_conversation(serve: Serve) -> None:
    server = serve()
    with StackSpot() as client:
        *_before, done = client.stream(ASK)
    assert isinstance(done, Done)
    assert done.conversation_id == chats(server)[0]["context"]["conversation_id"]


def test_without_credentials_the_first_call_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, serve: Serve
) -> None:
    serve()
    for name in ("STACKSPOTAI_CLIENT_ID", "STACKSPOTAI_CLIENT_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with StackSpot() as client, pytest.raises(CredentialsMissing):
        client.completion(ASK)


def test_a_stream_outlives_the_name_of_its_client(serve: Serve) -> None:
    serve(deltas=("a", "b"))
    stream = StackSpot().stream("Say hi")
    gc.collect()
    assert [event.text for event in stream if isinstance(event, Delta)] == ["a", "b"]


def test_a_closed_client_says_so() -> None:
    client = StackSpot(sandbox=True)
    client.close()
    client.close()
    with pytest.raises(UsageError, match="this StackSpot was closed"):
        client.completion(ASK)


def test_a_cancelled_call_closes_its_connection(serve: Serve) -> None:
    server = serve(faults=["hang"])

    async def leave() -> None:
        async with StackSpotProvider() as provider:
            call = asyncio.create_task(provider.completion(ASK))
            while not chats(server):
                await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            while any(thread.name == "sandbox-connection" for thread in threading.enumerate()):
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(leave(), 30))


def test_notes_go_to_the_logger_and_not_to_the_screen(
    serve: Serve, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    serve()
    config = tmp_path / "mine.yaml"
    config.write_text("default_modell: stackspot-ai\n")
    with StackSpot(config=config) as client, caplog.at_level(logging.WARNING, "stackspot_cli"):
        client.completion(ASK)
    assert "default_modell" in caplog.text
    assert capfd.readouterr() == ("", "")


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys, stackspot_cli; print(sorted(m for m in sys.modules if 'stackspot' in m or m == 'typing'))"
    run = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"sys = __import__('sys'); sys.path.insert(0, {str(Path(__file__).parents[2])!r}); {code}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "['stackspot_cli']"


def test_every_public_name_is_there() -> None:
    import stackspot_cli

    assert all(getattr(stackspot_cli, name) is not None for name in stackspot_cli.__all__)
    with pytest.raises(AttributeError):
        stackspot_cli.NoSuchName  # noqa: B018  # asking is the test
