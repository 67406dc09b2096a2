"""Prompts from files inside a chat: `/NAME words` where no command has that name, and the list of them.

Errors: StackSpotError, and the session is as it was. Refuses to know where prompts lie (`prompts`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from stackspot_cli.commands import shared_demands, shared_templates
from stackspot_cli.commands.chat.actions import Action, Say, Send
from stackspot_cli.commands.chat.session import Session
from stackspot_cli.errors import StackSpotError
from stackspot_cli.prompts import library
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.input_reader import InputReader
from stackspot_cli.terminal.listing import listing
from stackspot_cli.terminal.table import FACTS
from stackspot_cli.translation import _

DESCRIPTION_SHOWN = 80
_PARAMETER = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)=(\S*)(?:\s+|$)")


def names(session: Session) -> list[str]:
    return [entry.name for entry in shared_templates.library(session.app).entries()]


def listed(session: Session, _argument: str) -> Action:
    rows = [(f"/{name}", description) for name, description in _described(session)]
    shown = listing(session.app.terminal, rows, FACTS, said=True)
    return Say("\n".join([shown, _("/NAME words uses one; KEY=VALUE before the words is a parameter")]))


def offered(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    """begun: with its slash."""
    for name, description in _described(session):
        if f"/{name}".startswith(begun):
            yield (f"/{name} ", description)


def _described(session: Session) -> Iterator[tuple[str, str]]:
    for entry in shared_templates.library(session.app).entries():
        try:
            description = library.load(entry).description
        except StackSpotError as error:
            description = error.message
        yield safe_line(entry.name, 60), safe_line(description, DESCRIPTION_SHOWN)


def use(session: Session, name: str, argument: str) -> Action:
    """A turn with this prompt. Its model and its settings are the chat's own; its schema holds for this answer."""
    chosen = shared_templates.choose(session.app, name)
    parameters, words = parameters_and_words(argument, chosen.template.parameters)
    reader = InputReader(session.app.terminal, session.app.terminal.note)
    schema = shared_demands.schema_asked(chosen.schema, None, reader.file)
    chosen.template.check(parameters)
    shared_templates.refuse_without_input(
        chosen, (words, *chosen.files, *(one.name for one in session.waiting))
    )
    if chosen.files:
        session.attach(chosen.files)
    if chosen.uploads:
        session.upload(chosen.uploads)
    text, system = chosen.text(parameters, words, ())
    return Send(session.compose("\n\n".join(part for part in (system, text) if part)), schema)


def parameters_and_words(argument: str, known: dict[str, str | None]) -> tuple[dict[str, str], str]:
    """`KEY=VALUE` at the beginning, of keys that the prompt has; the rest is the input."""
    given: dict[str, str] = {}
    while (match := _PARAMETER.match(argument)) and match[1] in known:
        given[match[1]] = match[2]
        argument = argument[match.end() :]
    return given, argument


def hold_to_schema(session: Session, argument: str) -> Action:
    """Shows, changes or takes away what every answer has to be."""
    if argument == "-":
        session.schema = None
    elif argument:
        reader = InputReader(session.app.terminal, session.app.terminal.note)
        given = os.path.expanduser(argument)  # noqa: PTH111  # it need not be a path
        session.schema = shared_demands.schema_asked(given, None, reader.file)
    if session.schema is None:
        return Say(_("schema: none"))
    from stackspot_cli.exact_json import dumps

    return Say(_("schema: {schema}").format(schema=dumps(session.schema.whole)))
