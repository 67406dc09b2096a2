"""What one line of IN asks: our own form, a template's parameters, or a line of OpenAI's batch files. Pure.

Knows the keys. Refuses to know models, files and templates' texts: a line that is read may still ask for what there
is not. Raises UsageError for what is no line at all.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import field
from typing import Any

from stackspot_cli.batch.ids import Id
from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.domain import Message
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

SETTINGS = ("model", "system", "temperature", "max_tokens", "files", "params")
KEYS = ("id", "prompt", *SETTINGS)
_OPENAI_URL = "/v1/chat/completions"
_OPENAI_LENGTHS = ("max_completion_tokens", "max_tokens")


@dataclass(frozen=True, slots=True)
class Line:
    """id: as it was given; the line's number where none was. messages: of OpenAI's form, in the place of `prompt`.

    temperature, max_tokens: as they were given, whatever that is. unknown: keys that mean nothing.
    """

    number: int
    id: Id
    prompt: str = ""
    messages: tuple[Message, ...] = ()
    model: str | None = None
    system: str | None = None
    temperature: object = None
    max_tokens: object = None
    files: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    openai: bool = False
    schema: Any = None
    unknown: tuple[str, ...] = ()


def read(data: bytes, number: int, parameters: Collection[str] | None = None) -> Line:
    """parameters: of the template that all lines are for; None without one."""
    return of_object(_parsed(data), number, parameters)


def of_object(value: object, number: int, parameters: Collection[str] | None = None) -> Line:
    """What `read` makes of the JSON of a line."""
    if not isinstance(value, dict):
        raise UsageError(_("it is no JSON object"))
    if "custom_id" in value and "body" in value:
        if parameters is not None:
            raise UsageError(
                _("a line of OpenAI's batch form holds its messages itself, and no template's parameters")
            )
        return _openai(value, number)
    return _ours(value, number, parameters)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8").rstrip(), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise UsageError(
            _("it is not UTF-8 text (byte {position}): --encoding says what it is").format(
                position=error.start + 1
            )
        ) from error
    except json.JSONDecodeError as error:
        raise UsageError(_("it is no JSON (column {column})").format(column=error.colno)) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(_("it is no JSON: {why}").format(why=error)) from error


def _refuse(word: str) -> None:
    raise ValueError(_("{word} is no JSON").format(word=word))


# --- our own form ------------------------------------------------------------------------------------


def _ours(value: dict[str, Any], number: int, parameters: Collection[str] | None) -> Line:
    flat = {} if parameters is None else {key: value[key] for key in value if key in parameters}
    said = {key: one for key, one in value.items() if key not in flat}
    if parameters is not None and "input" in said and "prompt" not in said:
        said["prompt"] = said.pop("input")  # what a template's `{{input}}` is called
    unknown = tuple(key for key in said if key not in KEYS)
    if parameters is None:
        if "params" in said:
            raise UsageError(_("`params` are for a template: name one with -T"))
        if not isinstance(said.get("prompt"), str) or not said["prompt"].strip():
            raise UsageError(_("it lacks a `prompt`"))
    elif unknown:
        raise UsageError(
            _("the template has no parameter {names}").format(
                names=", ".join(safe_line(key, 60) for key in unknown)
            )
        )
    return Line(
        number,
        _id(value, "id", number),
        _text(said, "prompt") or "",
        model=_text(said, "model"),
        system=_text(said, "system"),
        temperature=said.get("temperature"),
        max_tokens=said.get("max_tokens"),
        files=_files(said.get("files")),
        params=_params(said.get("params")) | _params(flat),
        unknown=unknown,
    )


def _id(value: Mapping[str, Any], key: str, number: int) -> Id:
    match value.get(key):
        case None:
            return number
        case bool():
            pass
        case str() | int() | float() as id_:
            return id_
    raise UsageError(_("`{key}` is a text or a number").format(key=key))


def _text(value: Mapping[str, Any], key: str) -> str | None:
    text = value.get(key)
    if text is None or isinstance(text, str):
        return _sendable(text, key) if text else text
    raise UsageError(_("`{key}` is a text").format(key=key))


def _sendable(text: str, key: str) -> str:
    """Half of a surrogate pair, which JSON can write and UTF-8 cannot, would break the request."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            _("`{key}` is not text (character {position})").format(key=key, position=error.start)
        ) from error
    return text


def _files(value: object) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case str():
            names: tuple[str, ...] = (value,)
        case list() if all(isinstance(name, str) for name in value):
            names = tuple(value)
        case _:
            raise UsageError(_("`files` is a list of names"))
    if "-" in names:
        raise UsageError(_("stdin is no file of one line"))
    return names


def _params(value: object) -> dict[str, str]:
    """Values as texts: what is no text as its JSON; null is a value that nobody gave."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UsageError(_("`params` is an object"))
    return {
        key: _sendable(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False), key)
        for key, one in value.items()
        if one is not None
    }


# --- OpenAI's form -----------------------------------------------------------------------------------


def _openai(value: dict[str, Any], number: int) -> Line:
    """A line as `POST /v1/batches` of OpenAI takes it (its "Batch API reference", "The request input object")."""
    body = value["body"]
    if not isinstance(body, dict):
        raise UsageError(_("`body` is an object"))
    if value.get("method", "POST") != "POST" or value.get("url", _OPENAI_URL) != _OPENAI_URL:
        raise UsageError(_("only `POST {url}` is answered").format(url=_OPENAI_URL))
    if body.get("tools") or body.get("functions"):
        raise UsageError(_("StackSpot takes no tools"))
    if body.get("n") not in (None, 1):
        raise UsageError(_("`n` is 1: StackSpot gives one answer"))
    messages = read_messages(body.get("messages"))
    for message in messages:
        _sendable(message.text, "messages")
    return Line(
        number,
        _id(value, "custom_id", number),
        messages=messages,
        model=_text(body, "model"),
        temperature=body.get("temperature"),
        max_tokens=next((body[key] for key in _OPENAI_LENGTHS if body.get(key) is not None), None),
        openai=True,
        schema=_schema(body.get("response_format")),
    )


def _schema(wanted: object) -> Any:
    """What `response_format` asks: a JSON Schema, any JSON object, or nothing of the kind."""
    match wanted:
        case None | {"type": "text"}:
            return None
        case {"type": "json_object"}:
            return {"type": "object"}
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return schema
    raise UsageError(_("`response_format` is one of {kinds}").format(kinds="text, json_object, json_schema"))
