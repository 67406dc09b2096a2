"""Remote quick commands: an execution is created, and moves on with each poll.

Knows the commands of the emulated account and how an execution proceeds; refuses to know time: the first
poll finds CREATED, the second RUNNING, the third the end, however fast they come.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from stackspot_cli.sandbox.replies import (
    bad_request,
    json_reply,
    new_ulid,
    not_found,
    object_in,
    strings,
)
from stackspot_cli.sandbox.script import Script
from stackspot_cli.sandbox.wire import Reply, Request

SLUGS = (
    "translate-english-to-spanish",
    "explain-code",
    "extract-json",  # its result comes inside a JSON fence
    "fails",  # ends in FAILURE
    "never-ends",  # stays RUNNING
    "never-starts",  # stays CREATED: the queue is full
)
_KEPT_EXECUTIONS = 1_000
_SHOWN = 1_000  # characters of the input
_SPANISH = {
    "hello": "hola", "hi": "hola", "world": "mundo", "good": "bueno", "morning": "mañana", "thank": "gracias",
    "you": "tú", "the": "el", "cat": "gato", "dog": "perro", "house": "casa", "is": "es", "and": "y",
    "code": "código", "my": "mi", "friend": "amigo", "yes": "sí", "no": "no", "please": "por favor",
}  # fmt: skip


@dataclass(slots=True)
class Execution:
    id: str
    slug: str
    conversation_id: str
    input_data: Any  # Any: whatever JSON was sent
    attachments: tuple[str, ...]
    started: float  # seconds since the epoch
    told: str | None = None  # the result, where a script says so
    polls: int = 0
    ended: float | None = None


class Executions:
    """Creates executions and tells how far they are.

    uploads: the name of an uploaded file by its id. script: results as told, by the input's text.
    strict: a command that the account lacks is not found, rather than played.
    """

    def __init__(self, uploads: dict[str, str], script: Script, *, strict: bool) -> None:
        self._uploads = uploads
        self._script = script
        self._strict = strict
        self._kept: dict[str, Execution] = {}
        self._lock = Lock()

    def create(self, slug: str, request: Request) -> Reply:
        """POST /v1/quick-commands/create-execution/{slug}: the execution's id as a JSON string."""
        if self._strict and slug not in SLUGS:
            return not_found(f"Quick command {slug} does not exist; the sandbox has {', '.join(SLUGS)}")
        body = object_in(request)
        if isinstance(body, Reply):
            return body
        if "input_data" not in body:
            return bad_request("input_data: is required")
        ids = strings(body.get("upload_ids"))
        if ids is None or not all(upload_id in self._uploads for upload_id in ids):
            return bad_request("upload_ids: an upload that is not known")
        told = self._script.tell(_text(body["input_data"]))
        if told.refusal:
            return told.refusal
        attachments = tuple(self._uploads[upload_id] for upload_id in ids)
        conversation_id = request.query.get("conversation_id") or new_ulid()
        execution = Execution(
            new_ulid(), slug, conversation_id, body["input_data"], attachments, time.time(), told.text
        )
        with self._lock:
            self._kept[execution.id] = execution
            if len(self._kept) > _KEPT_EXECUTIONS:
                del self._kept[next(iter(self._kept))]
        return replace(json_reply(200, execution.id), fault=told.fault)

    def callback(self, execution_id: str) -> Reply:
        """GET /v1/quick-commands/callback/{execution_id}."""
        with self._lock:
            execution = self._kept.get(execution_id)
            if execution is None:
                return not_found(f"Execution {execution_id} does not exist")
            execution.polls += 1
            return json_reply(200, _state(execution))


def _state(execution: Execution) -> dict[str, Any]:
    status, percentage = _progress(execution)
    over = status in ("COMPLETED", "FAILURE")
    if over and execution.ended is None:
        execution.ended = time.time()
    result = _result(execution) if status == "COMPLETED" else None
    return {
        "execution_id": execution.id,
        "quick_command_slug": execution.slug,
        "conversation_id": execution.conversation_id,
        "progress": {
            "start": _timestamp(execution.started),
            "end": None if execution.ended is None else _timestamp(execution.ended),
            "duration": 0 if execution.ended is None else round(execution.ended - execution.started),
            "execution_percentage": percentage,
            "status": status,
        },
        "steps": _steps(execution, status, result),
        "result": result,
    }


def _progress(execution: Execution) -> tuple[str, float]:
    if execution.polls == 1 or execution.slug == "never-starts":
        return "CREATED", 0.0
    if execution.polls == 2 or execution.slug == "never-ends":
        return "RUNNING", 0.5
    return ("FAILURE", 0.5) if execution.slug == "fails" else ("COMPLETED", 1.0)


def _steps(execution: Execution, status: str, result: str | None) -> list[dict[str, Any]]:
    if status == "CREATED":
        return []
    steps = [_step("read-input", 0, f"The input has {len(_text(execution.input_data))} characters.")]
    if result is not None:
        steps.append(_step("answer", 1, result))
    return steps


def _step(name: str, order: int, text: str) -> dict[str, Any]:
    return {
        "step_name": name,
        "execution_order": order,
        "type": "LLM",
        "step_result": {"answer": text, "sources": []},
    }


def _text(input_data: object) -> str:
    return input_data if isinstance(input_data, str) else json.dumps(input_data, ensure_ascii=False)


def _result(execution: Execution) -> str:
    if execution.told is not None:
        return execution.told
    text = _text(execution.input_data)
    if execution.slug == "translate-english-to-spanish":
        return _translated(text)
    if execution.slug == "extract-json":
        facts = {"input": execution.input_data, "characters": len(text), "lines": len(text.splitlines())}
        return f"```json\n{json.dumps(facts, ensure_ascii=False, indent=2)}\n```"
    files = "".join(f"- Attached: `{name}`\n" for name in execution.attachments)
    if execution.slug not in SLUGS:
        return f"## `{execution.slug}`\n\nThe sandbox plays this quick command. Its input was:\n\n{_quoted(text)}\n"
    return (
        "## What the code does\n\n"
        f"- The sandbox received {len(text)} characters in {len(text.splitlines())} lines.\n"
        f"{files}"
        "- A real quick command would explain them here.\n"
    )


def _quoted(text: str) -> str:
    """The input's beginning as a quotation, in which nothing can end it."""
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return "\n".join(f"> {line}" for line in shown.splitlines()) or "> (nothing)"


def _translated(text: str) -> str:
    """Word by word, from a tiny dictionary: unknown words stay."""
    words = []
    for word in text.split(" "):
        bare = word.strip(".,;:!?\n").lower()
        spanish = _SPANISH.get(bare)
        if spanish and bare:
            start = word.lower().index(bare)
            shown = spanish.capitalize() if word[start].isupper() else spanish
            word = word[:start] + shown + word[start + len(bare) :]
        words.append(word)
    return " ".join(words)


def _timestamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
