"""What may follow a command inside a chat, as it is being typed: models, conversations, paths.

Each takes the session and the word begun, and gives pairs of a text and what it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from stackspot_cli.commands.chat.effects import TITLE_SHOWN
from stackspot_cli.commands.chat.session import Session
from stackspot_cli.safe_text import safe_line
from stackspot_cli.settings import references

IDS_OFFERED = 100


def last_word(text: str) -> str:
    """The word that is being typed, its escaped spaces in it."""
    start = len(text)
    while start and not (text[start - 1] == " " and (start < 2 or text[start - 2] != "\\")):
        start -= 1
    return text[start:]


def nothing(_session: Session, _begun: str) -> Iterator[tuple[str, str]]:
    return iter(())


def models(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for model in session.app.settings.models:
        if model.name.startswith(begun):
            yield (model.name, safe_line(model.description, TITLE_SHOWN))
    for prefix in references.prefixes(begun) if begun else ():
        yield (prefix, "")


def conversations(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for one in session.app.history.summaries(IDS_OFFERED, session.app.account.profile):
        if one.id.startswith(begun.upper()):
            yield (one.id, safe_line(one.title, TITLE_SHOWN))


def paths(_session: Session, begun: str) -> Iterator[tuple[str, str]]:
    folder, _slash, name = begun.replace("\\ ", " ").rpartition("/")
    shown = folder + "/" if _slash else ""
    place = Path(os.path.expanduser(shown) or ".")  # noqa: PTH111  # `~name/` as a shell reads it
    try:
        found = sorted(os.scandir(place), key=lambda one: one.name)
    except OSError:
        return
    for one in found:
        if one.name.startswith(name) and (name.startswith(".") or not one.name.startswith(".")):
            path = shown + one.name + ("/" if one.is_dir() else "")
            if path.isprintable():  # a name with control characters is no completion
                yield (path.replace(" ", "\\ "), "")


def code(_session: Session, begun: str) -> Iterator[tuple[str, str]]:
    if "code".startswith(begun):
        yield ("code", "")
