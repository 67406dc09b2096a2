"""Many prompts from Python, against the sandbox over real sockets."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from served import Serve

from stackspot_cli import (
    BatchResult,
    CredentialsRefused,
    RateLimited,
    Refused,
    StackSpot,
    StackSpotProvider,
    UsageError,
)
from stackspot_cli.sandbox import Sandbox


def asked(server: Sandbox) -> list[str]:
    return [request.json["user_prompt"] for request in list(server.requests) if request.path == "/v3/chat"]


def threads() -> int:
    return sum(thread.name == "stackspot-batch" for thread in threading.enumerate())


def test_results_come_with_the_id_of_their_prompt_or_its_place(serve: Serve) -> None:
    server = serve(answers=[{"when": "no", "fault": "refused"}, {"answer": "yes"}])
    prompts: list[Any] = [
        "one",
        {"id": "b", "prompt": "two", "system": "Be brief."},
        [{"role": "user", "content": "three"}],
        {"prompt": "no"},
    ]
    with StackSpot() as client:
        results = {result.id: result for result in client.batch(prompts, jobs=2)}
    assert set(results) == {0, "b", 2, 3}
    good, bad = results[0], results[3]
    assert isinstance(good, BatchResult)
    assert (good.ok, good.answer, good.error, good.attempts) == (True, "yes", None, 1)
    assert (bad.ok, bad.answer, type(bad.error).__mro__[1]) == (False, None, Refused)
    assert sorted(asked(server)) == ["Be brief.\n\ntwo", "no", "one", "three"]


def test_a_value_can_be_asked_for(serve: Serve) -> None:
    serve(answers=[{"answer": '{"n": 5}'}])
    with StackSpot() as client:
        [result] = client.batch(["one"], schema="n int")
    assert (result.parsed, result.answer) == ({"n": 5}, None)


def test_any_number_of_prompts_is_taken_one_at_a_time(serve: Serve) -> None:
    serve(answers=[{"answer": "yes"}])
    taken = 0

    def prompts() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "one"

    with StackSpot() as client:
        results = client.batch(prompts(), jobs=2)
        for number, _result in enumerate(results):
            if number == 5:
                break
        assert taken < 100
        results.close()
        assert next(results, None) is None
    assert threads() == 0


def test_an_iterator_that_is_dropped_ends_its_jobs_and_keeps_its_client_until_then(serve: Serve) -> None:
    serve(answers=[{"answer": "yes"}])
    results = StackSpot().batch("one" for _ in range(100_000))
    gc.collect()
    assert next(results).ok
    del results
    gc.collect()
    assert threads() == 0


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("", "prompts[1]: it is empty"),
        ({"id": 1}, "prompts[1]: it lacks a `prompt`"),
        ({"id": "a"}, "prompts[1]: it lacks a `prompt`"),
        (5, "prompts[1]: it is a text, a list of messages or an object, not 5"),
        ({"prompt": "x", "temperature": 3}, "the temperature is a number"),
        ({"prompt": "x", "files": ["none.txt"]}, "no file none.txt"),
        ({"prompt": "x", "model": "gpt-9"}, "there is no model 'gpt-9'"),
    ],
)
def test_what_is_no_prompt_is_told_and_the_others_are_answered(serve: Serve, prompt: Any, why: str) -> None:
    serve(answers=[{"answer": "yes"}])
    with StackSpot() as client:
        first, bad, last = client.batch(["one", prompt, "three"], jobs=1)
    assert (first.id, first.answer, last.id, last.answer) == (0, "yes", 2, "yes")
    assert bad.id == (prompt["id"] if isinstance(prompt, dict) and "id" in prompt else 1)
    assert isinstance(bad.error, UsageError) and bad.error.message.startswith(why) and not bad.ok


@pytest.mark.parametrize(
    "how", [{"jobs": 0}, {"jobs": True}, {"model": "gpt-9"}, {"temperature": 2}, {"system": 5}]
)
def test_what_no_prompt_could_follow_is_refused_at_once(serve: Serve, how: dict[str, Any]) -> None:
    server = serve()
    with StackSpot() as client, pytest.raises(UsageError):
        client.batch(["one"], **how)
    assert list(server.requests) == []


def test_a_closed_client_asks_nothing(serve: Serve) -> None:
    serve()
    client = StackSpot()
    client.close()
    with pytest.raises(UsageError, match="this StackSpot was closed"):
        client.batch(["one"])


def test_what_no_prompt_would_escape_is_raised(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(faults=["rate-limit"])
    with StackSpot(retries=0) as client, pytest.raises(RateLimited):
        list(client.batch(["one"] * 50, jobs=1))
    monkeypatch.setenv("STACKSPOTAI_CLIENT_KEY", "wrong")
    with StackSpot() as client, pytest.raises(CredentialsRefused):
        list(client.batch(["one"] * 50, jobs=1))


def test_the_quota_holds_for_it_too(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(answers=[{"answer": "yes"}])
    monkeypatch.setenv("STACKSPOTAI_PER_DAY", "3")
    answered = []
    with StackSpot() as client, pytest.raises(RateLimited, match="the quota of this day is used up"):
        for result in client.batch(["one"] * 50):
            answered.append(result.ok)
    assert (answered, len(asked(server))) == ([True] * 3, 3)


def test_asyncio_has_the_same_and_leaves_when_it_is_cancelled(serve: Serve) -> None:
    server = serve(answers=[{"when": "wait", "fault": "hang"}, {"answer": "yes"}])

    async def waits(provider: StackSpotProvider) -> None:
        async for _result in provider.batch(["wait"]):
            raise AssertionError("it hangs")

    async def main() -> None:
        async with StackSpotProvider() as provider:
            found = [
                result.id async for result in provider.batch(["one", {"id": "b", "prompt": "two"}], jobs=2)
            ]
            assert sorted(map(str, found)) == ["0", "b"]
            hung = asyncio.create_task(waits(provider))
            while "wait" not in asked(server):
                await asyncio.sleep(0.01)
            began = time.monotonic()
            hung.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hung
            assert time.monotonic() - began < 3
        assert threads() == 0

    asyncio.run(main())
