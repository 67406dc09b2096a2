"""A schema said in a few words: `name, line int, why: the reason`. Pure.

Fields are divided by commas, or by newlines where there are any; each is `name [str|int|float|bool] [: description]`,
and all of them are required. The form is that of the program `llm`.
"""

from __future__ import annotations

import re
from typing import Any

from stackspot_cli.translation import _

TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_NAME = re.compile(r"[^\s:,{}\[\]\"']+")


class NotASchema(ValueError):
    """str() says what is wrong, and where."""


def read_short_form(text: str) -> dict[str, Any]:
    """The JSON Schema of an object with these fields. Raises NotASchema."""
    properties: dict[str, Any] = {}
    fields = [field for field in text.split("\n" if "\n" in text.strip() else ",") if field.strip()]
    for number, field in enumerate(fields, 1):
        head, has_description, description = field.partition(":")
        words = head.split()
        where = _("field {number}").format(number=number)
        if not 1 <= len(words) <= 2 or not _NAME.fullmatch(words[0]):
            raise NotASchema(
                _("{where}, {field}: a field is `name [str|int|float|bool] [: description]`").format(
                    where=where, field=repr(field.strip())
                )
            )
        if len(words) == 2 and words[1] not in TYPES:
            raise NotASchema(
                _("{where}: the type is one of {types}, not {given}").format(
                    where=where, types=", ".join(TYPES), given=repr(words[1])
                )
            )
        if words[0] in properties:
            raise NotASchema(_("{where}: {name} is there already").format(where=where, name=words[0]))
        properties[words[0]] = {"type": TYPES[words[1]] if len(words) == 2 else "string"}
        if has_description and description.strip():
            properties[words[0]]["description"] = description.strip()
    if not properties:
        raise NotASchema(_("it names no field"))
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
