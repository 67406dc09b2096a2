"""A request, whatever API it came by; and its fields, each refused by its name.

Pure. Knows what the APIs have in common. A number that is fine elsewhere and beyond StackSpot's limit is moved to the
limit, because the programs that send it can seldom be told otherwise.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from stackspot_cli.domain import Question
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.model import Model
from stackspot_cli.structured import schema
from stackspot_cli.structured.schema import Schema
from stackspot_cli.structured.short_form import NotASchema
from stackspot_cli.tools.inquiry import Inquiry
from stackspot_cli.translation import _

OPENAI_WARMEST = 2.0
NAME_CHARACTERS = 256  # of a model, a tool
MOST_STOPS, STOP_CHARACTERS = 64, 1_000
DEEPEST = 64  # of a schema


class FieldError(UsageError):
    """A field of a request cannot be served. param: its name."""

    def __init__(self, message: str, *, param: str | None, code: str = "unsupported_value") -> None:
        super().__init__(message)
        self.param = param
        self.api_code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """model: the name that was given, None for the default one. left_out: built-in tools that nobody has here.

    previous: the answer that this goes on from. keep: whether somebody may go on from this one, without the
    instructions, which are the first so many items. body: the request itself, for an API that repeats it.
    """

    inquiry: Inquiry
    model: str | None = None
    stream: bool = False
    temperature: float | None = None
    max_tokens: int | None = None
    include_usage: bool = False
    left_out: tuple[str, ...] = ()
    previous: str | None = None
    keep: bool = False
    instructions: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)


def settings_for(asked: Asked, model: Model) -> Question:
    """Temperature and length within the model's limits; none for a model that takes none."""
    if not model.tunable:
        return Question("")
    temperature, longest = asked.temperature, asked.max_tokens
    if temperature is not None:
        temperature = min(max(temperature, model.temperature_min), model.temperature_max)
    return Question("", temperature, None if longest is None else min(longest, model.max_output_tokens))


# --- fields ----------------------------------------------------------------------------------------


def object_in(body: bytes) -> dict[str, Any]:
    """Raises FieldError."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FieldError(_("the body is not JSON"), param=None, code="invalid_json") from error
    if not isinstance(asked, dict):
        raise FieldError(_("the body is not a JSON object"), param=None, code="invalid_json")
    return asked


def flag(asked: Mapping[str, Any], name: str, usual: bool = False) -> bool:
    given = asked.get(name)
    if given is not None and not isinstance(given, bool):
        raise FieldError(_("`{name}` is true or false").format(name=name), param=name)
    return usual if given is None else given


def model_name(asked: Mapping[str, Any]) -> str | None:
    given = asked.get("model")
    if given is not None and not isinstance(given, str):
        raise FieldError(_("`model` is a name"), param="model")
    if given is not None and len(given) > NAME_CHARACTERS:
        raise FieldError(
            _("`model` is a name of at most {most} characters").format(most=NAME_CHARACTERS), param="model"
        )
    return given or None


def temperature(asked: Mapping[str, Any], warmest: float = OPENAI_WARMEST) -> float | None:
    given = asked.get("temperature")
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= warmest:
        raise FieldError(
            _("`temperature` is a number from {least} to {most}").format(least=0, most=warmest),
            param="temperature",
        )
    return float(given)


def whole_number(asked: Mapping[str, Any], *names: str) -> int | None:
    """The first of these fields that is there."""
    name = next((name for name in names if asked.get(name) is not None), None)
    if name is None:
        return None
    given = asked[name]
    if isinstance(given, float) and math.isfinite(given) and given == int(given):
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise FieldError(_("`{name}` is a whole number from 1").format(name=name), param=name)
    return given


def stop_strings(asked: Mapping[str, Any], name: str) -> tuple[str, ...]:
    given = asked.get(name)
    texts = [given] if isinstance(given, str) else given
    if texts is None:
        return ()
    if (
        not isinstance(texts, list)
        or len(texts) > MOST_STOPS
        or not all(isinstance(text, str) and len(text) <= STOP_CHARACTERS for text in texts)
    ):
        raise FieldError(
            _("`{name}` is a text or a list of up to {most} texts").format(name=name, most=MOST_STOPS),
            param=name,
        )
    return tuple(text for text in texts if text)


def form_of(document: Any, param: str) -> Schema:
    """The schema that an answer must fit. Raises FieldError."""
    if not isinstance(document, dict) or is_too_deep(document):
        raise FieldError(_("`{name}` holds no JSON Schema").format(name=param), param=param)
    document = {key: value for key, value in document.items() if key not in ("$schema", "$id")}
    try:
        return schema.from_document(document)
    except NotASchema as error:
        raise FieldError(
            _("`{name}` holds a schema that cannot be used: {why}").format(name=param, why=error), param=param
        ) from error


def any_object() -> Schema:
    """What OpenAI calls JSON mode."""
    return schema.from_document({"type": "object"})


def is_too_deep(value: Any) -> bool:
    level = [value]
    for _depth in range(DEEPEST):
        level = [
            below
            for one in level
            if isinstance(one, dict | list)
            for below in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def list_of_objects(asked: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    given = asked.get(name)
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise FieldError(_("`{name}` is a list of objects").format(name=name), param=name)
    return given
