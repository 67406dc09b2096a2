"""What became of one line, and the line of OUT that says so. Pure.

Knows OUT's two forms, ours and OpenAI's, both ways. Refuses to know files.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from stackspot_cli.batch.ids import Id
from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.openai_completion import completion
from stackspot_cli.domain import Usage
from stackspot_cli.errors import ExitCode, StackSpotError
from stackspot_cli.exact_json import dumps, with_written
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.structured.json_text import Found
from stackspot_cli.translation import untranslated
from stackspot_cli.ulid import new_ulid


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One prompt of a batch, answered or not.

    id: the prompt's. answer: its text, or what came of it; None where nothing came, or a value was asked for and
    is there. parsed: that value. error: why there is no whole answer, or none as it was wanted; None where all is
    well. usage, attempts: of all that was asked for it. seconds: from its beginning.
    """

    id: Id
    answer: str | None = None
    parsed: Any = None
    error: StackSpotError | None = None
    usage: Usage = Usage()  # frozen
    conversation_id: str | None = None
    seconds: float = 0.0
    attempts: int = 0

    @property
    def ok(self) -> bool:
        return self.error is None


class Came(NamedTuple):
    """A result with what only OUT is told. found: the value as it was written. answer, start: of the last answer."""

    result: BatchResult
    found: Found | None
    answer: Answer
    start: Start
    openai: bool


def out_line(came: Came) -> str:
    """One line of OUT, without its end."""
    return _openai(came) if came.openai else _ours(came)


def _ours(came: Came) -> str:
    result = came.result
    line: dict[str, Any] = {"id": result.id, "ok": result.ok}
    place = new_ulid()
    if came.found is not None:
        line["parsed"] = place
    elif result.answer is not None:
        line["answer"] = result.answer
    if result.error is not None:
        line["error"] = error_fields(result.error)
    line["usage"] = result.usage.counts()
    line["conversation_id"] = result.conversation_id
    line["seconds"] = round(result.seconds, 3)
    line["attempts"] = result.attempts
    return dumps(line) if came.found is None else with_written(line, place, came.found.text)


def error_fields(error: StackSpotError) -> dict[str, object]:
    return {
        "code": error.code,
        "exit_code": int(ExitCode.of(error)),
        "message": untranslated(error.message),
    }


def _openai(came: Came) -> str:
    """As OpenAI's output file has it (its "Batch API reference", "The request output object")."""
    result = came.result
    line: dict[str, Any] = {"id": f"batch_req_{came.start.answer_id}", "custom_id": result.id}
    if result.error is None:
        body: dict[str, Any] = {**completion(came.answer, came.start)}
        if came.found is not None:
            body["choices"][0]["message"]["content"] = came.found.text
        body["usage"] = result.usage.counts()
        line["response"] = {"status_code": 200, "request_id": came.start.answer_id, "body": body}
        line["error"] = None
        return dumps(line)
    said = error_fields(result.error)
    line["response"] = None
    if result.error.status is not None:
        body = {
            "error": {"message": said["message"], "type": said["code"], "param": None, "code": said["code"]}
        }
        line["response"] = {
            "status_code": result.error.status,
            "request_id": came.start.answer_id,
            "body": body,
        }
    line["error"] = said
    return dumps(line)


class Recorded(NamedTuple):
    """What a line of OUT says."""

    id: Id
    ok: bool


class NotAnOutLine(ValueError):
    """The text is no line of an OUT."""


def read_out_line(data: bytes) -> Recorded:
    """Raises NotAnOutLine."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotAnOutLine from error
    match value:
        case {"custom_id": str() | int() | float() as id_, "response": dict() | None, "error": error}:
            return Recorded(id_, error is None)
        case {"id": str() | int() | float() as id_, "ok": bool(ok)}:
            return Recorded(id_, ok)
    raise NotAnOutLine
