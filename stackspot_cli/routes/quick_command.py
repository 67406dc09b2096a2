"""`/v1/quick-commands`: an execution is created, then asked how far it is (protocol page, "Remote quick commands").

Pure: knows the field names of both calls. Refuses to know how long to wait between two questions.
"""

from __future__ import annotations

import json
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from stackspot_cli.domain import Progress, Prompt, Source
from stackspot_cli.errors import NotAnAnswer
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.model import Model
from stackspot_cli.routes import fields, frames
from stackspot_cli.routes.call import Call
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

ExecutionState: TypeAlias = Literal["waiting", "running", "completed", "failed"]

_STATES: dict[str, ExecutionState] = {
    "CREATED": "waiting",
    "RUNNING": "running",
    "COMPLETED": "completed",
    "FAILURE": "failed",
    "FAILED": "failed",
}
_LONGEST_ID = 200  # characters; a ULID has 26


@dataclass(frozen=True, slots=True)
class Execution:
    """What one callback says.

    state: "waiting" is CREATED, still in the queue. result: any JSON; None where there is none (yet).
    whole: the service's object, untouched, for `--format json`. odd: what was not understood, for `-v`.
    """

    state: ExecutionState
    progress: Progress
    result: Any = None  # Any: a result may be any JSON
    sources: tuple[Source, ...] = ()
    conversation_id: str | None = None
    whole: Any = None
    odd: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.state in ("completed", "failed")

    @property
    def text(self) -> str:
        """The result for people: text as it is, anything else as JSON."""
        if self.result is None or isinstance(self.result, str):
            return self.result or ""
        return json.dumps(self.result, ensure_ascii=False, indent=2)


def request(model: Model, prompt: Prompt, _version: str) -> Call:
    """The call that starts an answer on `command:SLUG`."""
    return create(
        model.target, prompt.text, conversation_id=prompt.conversation_id, upload_ids=prompt.upload_ids
    )


def create(
    slug: str, input_data: Any, *, conversation_id: str | None = None, upload_ids: tuple[str, ...] = ()
) -> Call:
    """input_data: text or any JSON. Not repeatable: an execution that nobody follows would count all the same."""
    return Call(
        "POST",
        "api",
        f"/v1/quick-commands/create-execution/{quote(slug, safe='')}",
        {"input_data": input_data, "upload_ids": list(upload_ids)},
        query=(("conversation_id", conversation_id),) if conversation_id else (),
        absent=(
            _("there is no quick command {slug} (404)").format(slug=repr(safe_line(slug, 60))),
            _("its slug is in its address in the portal, and it has to be shared with this credential"),
        ),
    )


def callback(execution_id: str) -> Call:
    return Call(
        "GET",
        "api",
        f"/v1/quick-commands/callback/{quote(execution_id, safe='')}",
        headers=(("Cache-Control", "no-cache"),),
        repeatable=True,
        absent=(
            _("there is no execution {id} (404)").format(id=repr(safe_line(execution_id, 60))),
            _("check its id, and that it was started as this account"),
        ),
    )


def execution_id(answer: Any) -> str:
    """The id in the create call's answer: a JSON string, or an object that holds it. Raises NotAnAnswer."""
    if isinstance(answer, dict):
        answer = next((answer[key] for key in ("execution_id", "executionId", "id") if answer.get(key)), None)
    found = answer.strip() if isinstance(answer, str) else ""
    if not found or len(found) > _LONGEST_ID or not found.isprintable():
        raise NotAnAnswer(
            _("StackSpot accepted the quick command but told no execution id"),
            _("run it again with -v; if it stays so, tell StackSpot's support"),
        )
    return found


def read(answer: Any) -> Execution:
    """What a callback's answer says. An unknown status counts as running. Raises NotAnAnswer."""
    if not isinstance(answer, dict):
        raise NotAnAnswer(
            _("StackSpot answered with something that is no execution"),
            _("run it again with -v; if it stays so, tell StackSpot's support"),
        )
    progress = answer.get("progress")
    if not isinstance(progress, dict):
        progress = {}
    status = progress.get("status") or answer.get("status")
    name = status.strip().upper() if isinstance(status, str) else ""
    steps = _steps(answer.get("steps"))
    state = _STATES.get(name, "running")
    if not name and answer.get("result") is not None:
        state = "completed"  # a result without a word about progress
    return Execution(
        state,
        Progress(name or "RUNNING", _fraction(progress.get("execution_percentage")), _last_name(steps)),
        _result(answer.get("result"), steps) if state == "completed" else answer.get("result"),
        _sources(steps),
        fields.text(answer, "conversation_id"),
        answer,
        () if name in _STATES else (f"progress.status {json.dumps(status, ensure_ascii=False)[:80]}",),
    )


def _steps(value: Any) -> list[dict[str, Any]]:
    """The steps so far, in the order of their execution."""
    steps = fields.objects(value)

    def place(step: dict[str, Any]) -> int:
        order = step.get("execution_order")
        return order if isinstance(order, int) else len(steps)

    return sorted(steps, key=place)


def _last_name(steps: list[dict[str, Any]]) -> str | None:
    for step in reversed(steps):
        name = fields.text(step, "step_name", "name")
        if name:
            return name
    return None


def _result(result: Any, steps: list[dict[str, Any]]) -> Any:
    """The result; where the service left it null, the last step's answer is what the command made."""
    if result is not None:
        return result
    for step in reversed(steps):
        step_result = step.get("step_result")
        answer = step_result.get("answer") if isinstance(step_result, dict) else step_result
        if answer is not None:
            return answer
    return None


def _sources(steps: list[dict[str, Any]]) -> tuple[Source, ...]:
    found: list[Source] = []
    for step in steps:
        step_result = step.get("step_result")
        if isinstance(step_result, dict):
            found += [source for source in frames.sources(step_result) if source not in found]
    return tuple(found)


def _fraction(value: Any) -> float | None:
    """0..1. A number above 1 can only be meant in hundredths; a numeric string counts."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if number != number:
        return None
    return min(1.0, max(0.0, number / 100 if number > 1 else number))
