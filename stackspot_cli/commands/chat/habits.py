"""What people type in a chat out of habit, from other programs, and what does it here.

A guess is only ever shown: nothing is done that was not typed, and no guess names a command that sends something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stackspot_cli.commands.chat.inputs import Input
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.nearest import nearest
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

SENDING = ("/retry", "/edit")
# Alone in a line these are never a message.
ALONE: Mapping[str, str] = {
    **dict.fromkeys(("exit", "quit", "exit()", "quit()", ":q", ":q!", ":wq", ":x", "\\q"), "/exit"),
    **dict.fromkeys(("help", "?", ":help", ":h"), "/help"),
}
COMMANDS: Mapping[str, str] = {
    **dict.fromkeys(("/clear", "/reset", "/restart", "/cls", "/start"), "/new"),
    **dict.fromkeys(("/:q", "/leave", "/logout", "/stop", "/end"), "/exit"),
    **dict.fromkeys(("/resume", "/load", "/continue", "/switch", "/session"), "/open"),
    **dict.fromkeys(("/add", "/read", "/attach", "/include", "/files", "/context", "/f"), "/file"),
    **dict.fromkeys(("/image", "/document", "/pdf"), "/upload"),
    **dict.fromkeys(("/?", "/h", "/commands", "/man"), "/help"),
    **dict.fromkeys(("/list", "/ls", "/sessions", "/conversations", "/chats"), "/history"),
    **dict.fromkeys(("/models", "/m", "/agent", "/agents"), "/model"),
    **dict.fromkeys(("/role", "/persona", "/sys", "/instructions", "/s"), "/system"),
    **dict.fromkeys(("/temp", "/t"), "/temperature"),
    **dict.fromkeys(("/cost", "/usage", "/stats", "/count"), "/tokens"),
    **dict.fromkeys(("/export", "/write", "/dump", "/w"), "/save"),
    **dict.fromkeys(("/yank", "/clip", "/clipboard", "/y"), "/copy"),
    **dict.fromkeys(("/rewind", "/back", "/pop"), "/undo"),
}


def meant(said: Input) -> Input:
    """The same, or the command that a word alone stands for. UsageError for a shell's command, which is not sent."""
    text = said.text.strip()
    if said.verbatim or "\n" in text or said.text.startswith(" "):
        return said
    if len(text) > 1 and text[0] == "!" and not text[1].isspace():
        raise UsageError(
            _("there is no shell in here, and nothing was sent: {line}").format(line=safe_line(text, 60)),
            _("Ctrl-Z or another window has one; a blank before it sends it as a message"),
        )
    command = ALONE.get(text.lower())
    return said if command is None else replace(said, text=command)


def nearest_command(name: str, known: Iterable[str]) -> str | None:
    """name: with its slash, in lower case."""
    if name in COMMANDS:
        return COMMANDS[name]
    names = [one.lstrip("/") for one in known if one not in SENDING]
    near = nearest(name.lstrip("/"), names, most=1)
    return f"/{near[0]}" if near else None
