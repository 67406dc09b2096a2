"""Chats from a pipe, and what arrived of them."""

from typing import Any

from fault_server import (
    FaultServer,
)
from program import Outcome, Program

TOLD = (
    "This is our conversation so far. Answer the last message.\n\n"
    "=== user ===\none\n\n=== assistant ===\nHello{ending}\n\n=== user ===\ntwo"
)


KEEP = {"STACKSPOTAI_HISTORY": "on"}


def chat(program: Program, lines: str, *options: str, **more: Any) -> Outcome:
    """A chat from a pipe whose lines may command."""
    return program.call("chat", "--commands", *options, stdin=lines.encode(), **more)


def history(program: Program, *words: str) -> Outcome:
    return program.call("history", *words, env=KEEP)


def arrived(server: FaultServer) -> list[tuple[str, str]]:
    """Of each request: the id of the conversation and the text."""
    bodies = [request.json for request in server.api_requests]
    return [(body["context"]["conversation_id"], body["user_prompt"]) for body in bodies]


def texts(server: FaultServer) -> list[str]:
    return [text for _id, text in arrived(server)]
