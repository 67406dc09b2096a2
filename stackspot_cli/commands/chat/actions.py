"""What an input leads to, as a value, and how it is done.

Knows what has to be done outside the session: the editor, the clipboard, a file. Refuses to know how commands are
spelled and what a turn sends.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from stackspot_cli.app import App
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from stackspot_cli.commands.chat.session import Session
    from stackspot_cli.structured.schema import Schema


@dataclass(frozen=True, slots=True)
class Send:
    """A turn. text: the whole message, its files in it. schema: what this answer has to be."""

    text: str
    schema: Schema | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """Something for the person, not for the service. The texts in it may come from outside.

    answer: one that was given before, and is shown again.
    """

    text: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text for the editor, and then a turn. replaces_last: it takes the place of the last message."""

    text: str
    replaces_last: bool


@dataclass(frozen=True, slots=True)
class Copy:
    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Save:
    path: str


@dataclass(frozen=True, slots=True)
class Leave:
    pass


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


Action: TypeAlias = Send | Say | Edit | Copy | Save | Leave | Nothing


def perform(
    session: Session,
    action: Action,
    ask: Callable[[str], None],
    lend: Callable[[], AbstractContextManager[None]] | None = None,
) -> None:
    """Does what an input led to. Raises what broke it. ask: one turn."""
    app = session.app
    match action:
        case Send(text, schema):
            with session.held_to(schema):
                ask(text)
        case Say(text, answer):
            app.terminal.tell(text)
            session.show_again(answer)
        case Edit():
            if lend is None:
                raise UsageError(_("/edit needs a terminal"), _("write the message itself"))
            with lend():
                text = _edited(app, action.text)
            _send_edited(session, action, text, ask)
        case Copy(text, what):
            _copy(app, text, what)
        case Save(path):
            _save(session, path)
        case Leave() | Nothing():
            pass


def _edited(app: App, text: str) -> str:
    from stackspot_cli.terminal.editor import Draft

    with Draft(text, app.environ) as draft:
        return draft.edit().replace("\r\n", "\n").rstrip()


def _send_edited(session: Session, action: Edit, text: str, ask: Callable[[str], None]) -> None:
    if not text.strip() or text == action.text.rstrip():
        why = _("the text is as it was") if text.strip() else _("the text is empty")
        session.app.terminal.tell(_("{why}, and nothing was sent").format(why=why))
        return
    message = session.compose(text)
    if action.replaces_last:
        session.take_back()
    first, *rest = text.split("\n")
    session.app.terminal.say("\n".join(["> " + first, *(". " + line for line in rest)]))
    ask(message)


def _copy(app: App, text: str, what: str) -> None:
    from stackspot_cli.commands.chat.clipboard import BY_TERMINAL, copy
    from stackspot_cli.safe_text import pipe_text

    ways = copy(pipe_text(text), app.terminal, app.environ)  # what is pasted gives no orders either
    if ways == [BY_TERMINAL]:  # which does not say whether it did
        app.terminal.tell(_("asked {way} to copy {what}").format(way=BY_TERMINAL, what=what))
    else:
        app.terminal.tell(_("copied {what}: {ways}").format(what=what, ways=", ".join(ways)))


def _save(session: Session, name: str) -> None:
    from stackspot_cli.history.export import export, json_document
    from stackspot_cli.output.file import WholeFile
    from stackspot_cli.safe_text import safe_line

    conversation = session.conversation
    if not conversation.turns:
        raise UsageError(_("there is nothing to save yet"), _("ask something first"))
    path = Path(name)
    if path.is_file():
        raise UsageError(
            _("{path} exists already, and nothing was saved").format(path=safe_line(name)),
            _("choose another name"),
        )
    as_json = path.suffix.lower() == ".json"
    with WholeFile(path, session.app.terminal.note) as file:
        for text in [json_document(conversation)] if as_json else export([conversation], "md"):
            file.write(text)
    session.app.terminal.tell(_("saved {path}").format(path=safe_line(name)))
