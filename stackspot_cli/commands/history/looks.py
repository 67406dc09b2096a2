"""How lists and conversations of the past look. Refuses to know how they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.safe_text import LogCommandGuard, in_ci, pipe_text, safe_line, safe_text
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.domain import Conversation, TurnState
    from stackspot_cli.history.store import Hit, Summary

USUAL_LIMIT = 20
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, help=_("At most so many."))]


def put(app: App, text: str) -> None:
    """Stored words on stdout: shown, never obeyed, by a terminal or by a build log."""
    if in_ci(app.environ):
        guard = LogCommandGuard()
        text = guard.feed(text) + guard.finish()
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
    rows = [
        (
            summary.id,
            moment(summary.updated_at),
            *([safe_line(summary.profile)] if several else []),
            safe_line(summary.model),
            str(summary.turn_count),
            safe_line(summary.title) + mark(summary.state),
        )
        for summary in summaries
    ]
    heads = (_("ID"), _("LAST"), *([_("PROFILE")] if several else []), _("MODEL"), _("TURNS"), _("TITLE"))
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    lines = (
        "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)) for row in (heads, *rows)
    )
    return "".join(fitting(line.rstrip(), columns) + "\n" for line in lines)


def hit_lines(hits: Sequence[Hit], columns: int | None) -> str:
    """Two lines a find: which conversation, and the place in it."""
    lines = []
    for hit in hits:
        conversation = hit.conversation
        lines.append(f"{conversation.id}  {moment(conversation.updated_at)}  {safe_line(conversation.title)}")
        lines.append(f"    {safe_line(hit.excerpt)}")
    return "".join(fitting(line, columns) + "\n" for line in lines)


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


def moment(seconds: float) -> str:
    """Local time, to the minute."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def fitting(line: str, columns: int | None) -> str:
    """The line cut to the terminal's width, in cells: East Asian characters take two."""
    if columns is None or len(line) * 2 <= columns:
        return line
    from unicodedata import east_asian_width

    used = 0
    for place, character in enumerate(line):
        used += 2 if east_asian_width(character) in "WF" else 1
        if used > columns:
            return line[: max(0, place - 1)] + "…"
    return line
