"""The APIs by their paths: a fourth is one file and one row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stackspot_cli.dialects import chat_completions, messages, messages_writer, responses, responses_writer
from stackspot_cli.dialects.asked import Asked
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.dialects.writing import Before, Writer
from stackspot_cli.lean_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Api:
    """name: for the log. call_id: how ids of its calls begin. read: raises FieldError. error: a problem's body."""

    name: str
    path: str
    call_id: str
    read: Callable[[Mapping[str, Any]], Asked]
    writer: Callable[[Before], Writer]
    error: Callable[[Problem], dict[str, Any]]


APIS = (
    Api(
        "chat",
        "/v1/chat/completions",
        "call_",
        chat_completions.read,
        chat_completions.Writer,
        chat_completions.error,
    ),
    Api(
        "responses",
        "/v1/responses",
        "call_",
        responses.read,
        responses_writer.Writer,
        responses_writer.error,
    ),
    Api("messages", "/v1/messages", "toolu_", messages.read, messages_writer.Writer, messages_writer.error),
)
BY_PATH = {api.path: api for api in APIS}


def api_of(path: str) -> Api:
    """Whose errors a path's clients read; OpenAI's where no API has it."""
    return next((api for api in APIS if path == api.path or path.startswith(api.path + "/")), APIS[0])
