"""Which written calls may leave, and what is wrong with the others. Pure.

A call leaves when its tool is known by name and its arguments are valid by the tool's schema. Refuses to know how it
was written, and what becomes of a complaint.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from stackspot_cli.nearest import nearest
from stackspot_cli.structured import schema
from stackspot_cli.structured.complaints import Complaint
from stackspot_cli.structured.json_text import NotJson
from stackspot_cli.structured.short_form import NotASchema
from stackspot_cli.tools.call_forms import Broken, Written, read_lenient, typed
from stackspot_cli.tools.inquiry import CUSTOM_ARGUMENT, Call, Tool
from stackspot_cli.translation import untranslated

_PREFIXES = ("functions.", "tools.", "tool.", "default_api.")  # what models write before names out of habit


class Checker:
    """The tools of one inquiry. new_id: for each call that leaves."""

    def __init__(self, tools: Sequence[Tool], new_id: Callable[[], str]) -> None:
        self._tools = {tool.name.shown: tool for tool in tools}
        self._new_id = new_id

    def check(self, written: Written) -> Call | Broken:
        tool = self._tool(written.name)
        if tool is None:
            return Broken(written.source, self._unknown(written.name))
        arguments = written.arguments
        if tool.name.kind == "custom":
            text = _text_of(arguments)
            if text is None:
                return Broken(
                    written.source, f"{tool.name.shown} takes one text: {{{json.dumps(CUSTOM_ARGUMENT)}: …}}"
                )
            return Call(self._new_id(), tool.name, text)
        if isinstance(arguments, str):
            try:
                arguments = read_lenient(arguments) if arguments.strip() else {}
            except NotJson as error:
                return Broken(
                    written.source, f"the arguments of {tool.name.shown} are no JSON: {error.args[0]}"
                )
            if not isinstance(arguments, dict):
                return Broken(written.source, f"the arguments of {tool.name.shown} are no JSON object")
        if written.by_tags:
            arguments = typed(arguments, tool.parameters)
        wrong = _complaints(tool, arguments)
        if wrong:
            return Broken(
                written.source, f"the arguments of {tool.name.shown} do not fit: " + "; ".join(wrong)
            )
        try:
            text = json.dumps(arguments, ensure_ascii=False, allow_nan=False)
        except ValueError:
            return Broken(
                written.source, f"a number in the arguments of {tool.name.shown} is beyond all bounds"
            )
        return Call(self._new_id(), tool.name, text)

    def _tool(self, name: str) -> Tool | None:
        """By its name; or by one that can mean no other tool."""
        name = name.strip()
        if name in self._tools:
            return self._tools[name]
        for prefix in _PREFIXES:
            name = name.removeprefix(prefix)
        dotted = name.replace(".", "__").lower()
        found = [
            tool
            for shown, tool in self._tools.items()
            if name.lower() in (shown.lower(), tool.name.own.lower()) or dotted == shown.lower()
        ]
        return found[0] if len(found) == 1 else None

    def _unknown(self, name: str) -> str:
        near = nearest(name[:100], self._tools)
        there_are = ", ".join(near or self._tools)
        return f"there is no tool {json.dumps(name[:100], ensure_ascii=False)}; there are: {there_are}"


def _text_of(arguments: dict[str, Any] | str) -> str | None:
    if isinstance(arguments, str):
        return arguments
    if isinstance(arguments.get(CUSTOM_ARGUMENT), str):
        return str(arguments[CUSTOM_ARGUMENT])
    values = list(arguments.values())
    return values[0] if len(values) == 1 and isinstance(values[0], str) else None


def _complaints(tool: Tool, arguments: dict[str, Any]) -> list[str]:
    """Sentences with their places, in English: a model reads them."""
    if not tool.parameters:
        return []
    try:
        found = schema.from_document(_readable(tool.parameters)).complaints(arguments)
    except NotASchema:  # a caller's schema that nobody can hold against a value: what must be there, at least
        found = _by_hand(tool.parameters, arguments)
    return [str(untranslated(complaint.sentence)) for complaint in found]


def _readable(parameters: Any) -> Any:
    """Without `$schema`: tools of older drafts say the same in all that tools say."""
    return {key: value for key, value in parameters.items() if key not in ("$schema", "$id")}


def _by_hand(parameters: Any, arguments: dict[str, Any]) -> tuple[Complaint, ...]:
    required = parameters.get("required")
    names = required if isinstance(required, list) else []
    return tuple(Complaint((), f"{json.dumps(name)} is missing") for name in names if name not in arguments)
