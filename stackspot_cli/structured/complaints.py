"""What does not fit a schema, as sentences with a place. Pure.

Knows the keywords of JSON Schema. A sentence is for a person and for a model alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.nearest import nearest
from stackspot_cli.translation import _, joined

LONGEST_VALUE = 80  # characters of a value that is quoted


@dataclass(frozen=True, slots=True)
class Complaint:
    """path: names and numbers from the whole value to the part that does not fit."""

    path: tuple[str | int, ...]
    reason: str

    @property
    def place(self) -> str:
        """A JSON pointer (RFC 6901); empty for the whole value."""
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self.path)

    @property
    def sentence(self) -> str:
        return joined("", (f"{self.place}: ", self.reason)) if self.path else self.reason


def complaint_of(error: Any, before: Sequence[str | int] = ()) -> Complaint:
    """A `jsonschema.ValidationError` in our words. before: the path to the value that was looked at."""
    sentence = _SENTENCES.get(str(error.validator))
    reason = sentence(error) if sentence else _("it does not fit `{keyword}`").format(keyword=error.validator)
    return Complaint((*before, *error.absolute_path), reason)


TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
_ALSO_CALLED = {
    **dict.fromkeys(("str", "text"), "string"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    **dict.fromkeys(("int", "long"), "integer"),
    **dict.fromkeys(("list", "tuple", "set"), "array"),
    **dict.fromkeys(("dict", "map"), "object"),
    **dict.fromkeys(("none", "nil", "undefined"), "null"),
    "bool": "boolean",
}


def complaint_of_schema(error: Any) -> Complaint:
    """A `jsonschema.SchemaError`. Where the schema of schemas offers a choice, the words are ours."""
    path = (*error.absolute_path,)
    if error.validator != "anyOf":
        return complaint_of(error)
    if path[-1:] == ("type",):
        return Complaint(path, _no_type(error.instance))
    reason = _("{found} is no schema: that is an object, true or false").format(found=_shown(error.instance))
    return Complaint(path, reason)


def _no_type(written: Any) -> str:
    said = _("{found} is no type: that is one of {types}, or a list of some of them, each once").format(
        found=_shown(written), types=", ".join(TYPES)
    )
    words = written if isinstance(written, list) else [written]
    wrong = next((word for word in words if isinstance(word, str) and word not in TYPES), "")
    meant = ", ".join(nearest(wrong, TYPES, most=1, also_called=_ALSO_CALLED))
    return joined("; ", filter(None, (said, meant and _("did you mean {names}?").format(names=meant))))


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def _values(values: Any) -> str:
    return ", ".join(_shown(value) for value in values)


def _types(wanted: Any) -> str:
    return wanted if isinstance(wanted, str) else ", ".join(wanted)


def _says(template: str) -> Callable[[Any], str]:
    """A sentence of what was found (`is`) and what the keyword asks (`asks`)."""

    def sentence(error: Any) -> str:
        return template.format(found=_shown(error.instance), asks=_shown(error.validator_value))

    return sentence


def _not_required(error: Any) -> str:
    names = [name for name in error.validator_value if name not in error.instance]
    missing = next(
        (name for name in names if error.message.startswith(repr(name))), names[0] if names else ""
    )
    return _("{name} is missing").format(name=_shown(missing))


def _not_allowed(error: Any) -> str:
    known = error.schema.get("properties", {})
    extra = [name for name in error.instance if name not in known]
    return _("it has no place for {names}").format(names=_values(extra[:5]))


def _needs_more(error: Any) -> str:
    return _("it needs {names} beside what it has").format(names=_values(error.validator_value.values()))


_SENTENCES: dict[str, Callable[[Any], str]] = {
    "type": lambda error: _("{found} is not of type {types}").format(
        found=_shown(error.instance), types=_types(error.validator_value)
    ),
    "required": _not_required,
    "additionalProperties": _not_allowed,
    "unevaluatedProperties": _not_allowed,
    "enum": lambda error: _("{found} is none of {values}").format(
        found=_shown(error.instance), values=_values(error.validator_value)
    ),
    "const": _says(_("{found} is not {asks}")),
    "pattern": _says(_("{found} does not match the pattern {asks}")),
    "format": _says(_("{found} is no {asks}")),
    "minimum": _says(_("{found} is less than {asks}")),
    "maximum": _says(_("{found} is more than {asks}")),
    "exclusiveMinimum": _says(_("{found} is not more than {asks}")),
    "exclusiveMaximum": _says(_("{found} is not less than {asks}")),
    "multipleOf": _says(_("{found} is no multiple of {asks}")),
    "minLength": _says(_("{found} is shorter than {asks} characters")),
    "maxLength": _says(_("{found} is longer than {asks} characters")),
    "minItems": _says(_("the list has fewer than {asks} items")),
    "maxItems": _says(_("the list has more than {asks} items")),
    "uniqueItems": _says(_("the list has an item twice")),
    "contains": _says(_("the list has no item that fits {asks}")),
    "minProperties": _says(_("the object has fewer than {asks} fields")),
    "maxProperties": _says(_("the object has more than {asks} fields")),
    "dependentRequired": _needs_more,
    "dependencies": _needs_more,
    "propertyNames": _says(_("{found} is not allowed as a name")),
    "anyOf": _says(_("{found} fits none of {asks}")),
    "oneOf": _says(_("{found} fits none, or more than one, of {asks}")),
    "not": _says(_("{found} fits {asks}, and must not")),
    "prefixItems": _says(_("the list does not begin as {asks}")),
    "items": _says(_("the list has an item too many: {found}")),
}
