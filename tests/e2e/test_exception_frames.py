"""Whoever logs an exception with the locals of its frames logs no secret: none is in them."""

import asyncio
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fault_server import (
    CLOSE,
    CLOSE_HEAD,
    PAGE,
    RESET,
    TOKEN,
    FaultServer,
    chunk,
    delta,
    reply,
    stream,
    token_reply,
)
from program import CLIENT_ID, CLIENT_KEY, shapes

from stackspot_cli import StackSpot, StackSpotError, StackSpotProvider

SHAPES = [shape.decode() for secret in (CLIENT_KEY, TOKEN) for shape in shapes(secret)]
JUNK = token_reply(TOKEN + "\n")
BROKEN: list[Any] = [CLOSE_HEAD, chunk(delta("Hi")), RESET]
SCENES: dict[str, tuple[Any, Any]] = {
    "token refused": (reply(401, {"error": "invalid_client"}), None),
    "token service failing": (reply(500, "oh"), None),
    "token service echoing": (reply(400, {"error_description": f"no {CLIENT_KEY}"}), None),
    "token that is no JSON": (reply(200, f"token={TOKEN}"), None),
    "token with a line break": (JUNK, None),
    "token from a portal": (reply(200, PAGE), None),
    "token service hanging up": ([CLOSE], None),
    "token service resetting": ([RESET], None),
    "token service redirecting": (reply(302, "", [("Location", "https://evil.example/")]), None),
    "chat refused": (None, reply(401, {"details": "no"})),
    "chat forbidden": (None, reply(403, {"details": "no"})),
    "chat failing": (None, reply(500, "oh")),
    "chat echoing": (None, reply(400, {"details": f"Bearer {TOKEN}"})),
    "chat from a portal": (None, reply(200, PAGE)),
    "chat hanging up": (None, [CLOSE]),
    "chat broken off": (None, BROKEN),
    "chat with an error in it": (None, stream(delta("Hi"), b'event: error\ndata: {"message": "no"}\n\n')),
    "no HTTP": (None, [b"SSH-2.0-OpenSSH_9.6\r\n", CLOSE]),
}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: FaultServer) -> FaultServer:
    for name, value in {
        "STACKSPOTAI_HOME": str(tmp_path / "home"),
        "STACKSPOTAI_CLIENT_ID": CLIENT_ID,
        "STACKSPOTAI_CLIENT_KEY": CLIENT_KEY,
        "STACKSPOTAI_ENDPOINT_URL": server.url,
        "STACKSPOTAI_RETRY_WAIT": "0",
    }.items():
        monkeypatch.setenv(name, value)
    return server


def seen_in(ask: Callable[[], object]) -> str:
    """All that a log with locals shows of the exception, from the caller's own frame on."""
    try:
        ask()
    except StackSpotError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(shown.format())
    raise AssertionError("it was to fail")


def completion() -> object:
    with StackSpot(retries=0) as client:
        return client.completion([{"role": "user", "content": "Say hi"}])


def streamed() -> object:
    with StackSpot(retries=0) as client:
        return list(client.stream("Say hi"))


def awaited() -> object:
    async def ask() -> object:
        async with StackSpotProvider(retries=0) as provider:
            return [event async for event in provider.stream("Say hi")]

    return asyncio.run(ask())


@pytest.mark.parametrize("ask", [completion, streamed, awaited])
@pytest.mark.parametrize("scene", SCENES)
def test_no_frame_holds_key_or_token(account: FaultServer, scene: str, ask: Callable[[], object]) -> None:
    token, chat = SCENES[scene]
    if token is not None:
        account.token(token)
    if chat is not None:
        account.api(chat)
    shown = seen_in(ask)
    assert "StackSpotError" in shown or "stackspot_cli.errors" in shown
    assert [shape for shape in SHAPES if shape in shown] == []


@pytest.mark.parametrize("ask", [completion, streamed, awaited])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("STACKSPOTAI_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("STACKSPOTAI_ENDPOINT_URL", "https://127.0.0.1:9"),
        ("STACKSPOTAI_MODEL", "agent:nobody"),
        ("STACKSPOTAI_TIMEOUT", "soon"),
        ("HTTP_PROXY", "junk://"),
    ],
)
def test_nor_where_nothing_could_be_sent(
    account: FaultServer,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    ask: Callable[[], object],
) -> None:
    if variable == "HTTP_PROXY":
        monkeypatch.setenv("STACKSPOTAI_ENDPOINT_URL", "http://192.0.2.1:9")
    monkeypatch.setenv(variable, value)
    shown = seen_in(ask)
    assert [shape for shape in SHAPES if shape in shown] == []


@pytest.mark.parametrize("rest", ["timeout: [", "timeout: soon", "providers: 3", "deadline: ${A b}"])
def test_nor_of_a_config_file_with_the_key_in_it(
    account: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    monkeypatch.delenv("STACKSPOTAI_CLIENT_KEY")
    path = tmp_path / "config.yaml"
    path.write_text(f"providers:\n  stackspot:\n    api_key: '{CLIENT_KEY}'\n{rest}\n")
    monkeypatch.setenv("STACKSPOTAI_CONFIG", str(path))
    shown = seen_in(completion)
    assert [shape for shape in SHAPES if shape in shown] == []
