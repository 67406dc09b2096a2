"""How lists and conversations of the past look. Refuses to know how they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.safe_text import pipe_text, safe_line, safe_text
from stackspot_cli.terminal.table import aligned, fitting, moment
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.domain import Conversation, TurnState
    from stackspot_cli.history.store import Hit, Summary

USUAL_LIMIT = 20
LONGEST_CELL = 300  # a title, and how the last answer ended
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, help=_("At most so many."))]


def put(app: App, text: str) -> None:
    """Stored words on stdout: shown, never obeyed."""
    app.terminal.write(safe_text(text) if app.terminal.stdout_is_terminal else pipe_text(text))


def width(app: App) -> int | None:
    """How wide a line may be; a pipe takes any."""
    return app.terminal.size()[0] if app.terminal.stdout_is_terminal else None


def summary_object(summary: Summary) -> dict[str, object]:
    from stackspot_cli.history.export import iso

    return {
        "id": summary.id,
        "title": summary.title,
        "profile": summary.profile,
        "model": summary.model,
        "created_at": iso(summary.created_at),
        "updated_at": iso(summary.updated_at),
        "turns": summary.turn_count,
        "state": summary.state,
    }


def table(summaries: Sequence[Summary], columns: int | None) -> str:
    """A line a conversation; the profile is told where there are several."""
    several = len({summary.profile for summary in summaries}) > 1
    heads = (_("ID"), _("LAST"), *([_("PROFILE")] if several else []), _("MODEL"), _("TURNS"), _("TITLE"))
    rows = [
        (
            summary.id,
            moment(summary.updated_at),
            *([summary.profile] if several else []),
            summary.model,
            str(summary.turn_count),
            summary.title + mark(summary.state),
        )
        for summary in summaries
    ]
    return aligned([heads, *rows], empty="", longest_cell=LONGEST_CELL, columns=columns)


def hit_lines(hits: Sequence[Hit], columns: int | None) -> str:
    """Two lines a find: which conversation, and the place in it."""
    lines = []
    for hit in hits:
        conversation = hit.conversation
        lines.append(f"{conversation.id}  {moment(conversation.updated_at)}  {safe_line(conversation.title)}")
        lines.append(f"    {safe_line(hit.excerpt)}")
    return "".join(f"{line if columns is None else fitting(line, columns)}\n" for line in lines)


def shown(conversation: Conversation) -> str:
    """The whole conversation: what the person said is quoted, what came back stands as it is."""
    from stackspot_cli.history.export import ending

    parts = [f"{conversation.id}  {conversation.model}  {moment(conversation.created_at)}"]
    if conversation.system:
        parts.append(quoted(conversation.system, "# "))
    for turn in conversation.turns:
        parts.append(quoted(turn.prompt, "> "))
        parts += [
            text for text in (turn.answer.rstrip("\n"), f"[{ending(turn)}]" if ending(turn) else "") if text
        ]
    return "\n\n".join(parts) + "\n"


def quoted(text: str, mark: str) -> str:
    return "\n".join((mark + line).rstrip() for line in text.rstrip("\n").split("\n"))


def mark(state: TurnState) -> str:
    """How the last answer ended, where it is not whole."""
    names = {"complete": "", "cut": _("cut"), "interrupted": _("interrupted"), "failed": _("failed")}
    return f" [{names[state]}]" if names[state] else ""
