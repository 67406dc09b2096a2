"""The gateway as a process, and somebody who asks it by each of its APIs."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from stackspot_cli.sandbox import Sandbox

HI = {"messages": [{"role": "user", "content": "Say hi"}]}
AGENT = "agent:01K45T82PF8QC64C9DNHGQWHY2"
CHAT = "/v1/chat/completions"
PLAIN: dict[str, Any] = {"trust_env": False, "verify": False}  # no TLS context is loaded for http
MAIN = [sys.executable, "-c", "from stackspot_cli.__main__ import main; main()"]
CONFIG = """
providers:
  stackspot:
    models:
      reviewer: {agent: 01K45T82PF8QC64C9DNHGQWHY2}
      fast: {model: stackspot-ai-code}
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STACKSPOT")}
    return {
        **kept,
        "STACKSPOTAI_HOME": str(home),
        "STACKSPOTAI_CLIENT_ID": "sandbox-client",
        "STACKSPOTAI_CLIENT_KEY": "sandbox-key-not-a-secret",
        "STACKSPOTAI_REALM": "sandbox",
        "STACKSPOTAI_RETRY_WAIT": "0",
        **more,
    }


@contextmanager
def running(
    environ: dict[str, str], *before: str, port: int = 0
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process, and the address that it printed; killed in the end."""
    process = subprocess.Popen(
        [*MAIN, *before, "serve", "--port", str(port)],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def free_port() -> int:
    """One below the range from which systems take the ports of outgoing connections: nobody takes it between."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


Serve = Callable[..., Sandbox]


def post(url: str, body: object = None, **more: Any) -> httpx.Response:
    return httpx.post(url + CHAT, json=HI if body is None else body, timeout=60, **PLAIN, **more)


def chunks_of(text: str) -> list[Any]:
    """The data of an event stream; comments left out."""
    events = [event for event in text.split("\n\n") if event and not event.startswith(":")]
    assert all(event.startswith("data: ") for event in events)
    return [event[6:] if event == "data: [DONE]" else json.loads(event[6:]) for event in events]


def prompts(server: Sandbox) -> list[Any]:
    return [request.json for request in list(server.requests) if request.path.endswith("/chat")]


def wait_until(true: Callable[[], bool]) -> None:
    """Until it is so; the test's own time limit ends a wait that is in vain."""
    pause = threading.Event()
    while not true():
        pause.wait(0.01)


# --- tools ---

PARAMETERS = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
READ = {"name": "read", "parameters": PARAMETERS}
CALL = '<tool_call>\n{"name": "read", "arguments": {"path": "a.py"}}\n</tool_call>'
BAD_CALL = '<tool_call>\n{"name": "read", "arguments": {"file": "a.py"}}\n</tool_call>'
ASK_CHAT = {**HI, "tools": [{"type": "function", "function": READ}]}
ASK_RESPONSES = {"input": "Say hi", "tools": [{"type": "function", **READ}]}
ASK_MESSAGES = {
    "max_tokens": 100,
    **HI,
    "tools": [{"name": "read", "input_schema": PARAMETERS}],
}


def ask(url: str, path: str, body: object, **headers: str) -> httpx.Response:
    return httpx.post(url + path, json=body, timeout=60, headers=headers, **PLAIN)


def past_call(id_: str) -> dict[str, object]:
    return {"id": id_, "type": "function", "function": {"name": "read", "arguments": "{}"}}


def events_of(text: str) -> list[Any]:
    """The data of an event stream whose events have names."""
    return [json.loads(event.partition("\ndata: ")[2]) for event in text.split("\n\n") if event]
