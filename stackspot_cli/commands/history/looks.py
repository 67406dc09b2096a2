"""How lists and conversations of the past look. Refuses to know how they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.safe_text import pipe_text, safe_line, safe_text
from stackspot_cli.terminal.listing import fitted, listing, short_ids
from stackspot_cli.terminal.table import Column, moment
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.domain import Conversation, TurnState
    from stackspot_cli.history.store import Hit, Summary
    from stackspot_cli.terminal.streams import Terminal

USUAL_LIMIT = 20
TITLE_LINES = 2  # on a terminal
LONGEST_CELL = 300  # a title, and how the last answer ended
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, help=_("At most so many."))]


def put(app: App, text: str) -> None:
    """Stored words on stdout."""
    app.terminal.write(safe(app.terminal, text))


def safe(terminal: Terminal, text: str) -> str:
    """Stored words for stdout: shown, never obeyed."""
    return safe_text(text) if terminal.stdout_is_terminal else pipe_text(text)


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


def shown_ids(app: App, ids: Sequence[str]) -> list[str]:
    """For a person, who may type the beginning of an id, as short as they go; for a script whole."""
    return short_ids(ids, app.history.ids()) if app.terminal.stdout_is_terminal else [*ids]


def table(terminal: Terminal, summaries: Sequence[Summary], ids: Sequence[str], *, several: bool) -> str:
    """A line a conversation. ids: as they are shown. several: whether profiles are told, for there are several."""
    heads = (_("ID"), _("LAST"), *([_("PROFILE")] if several else []), _("MODEL"), _("TURNS"))
    rows = [
        (
            id_,
            moment(summary.updated_at),
            *([summary.profile] if several else []),
            summary.model,
            str(summary.turn_count),
            summary.title + mark(summary.state),
        )
        for id_, summary in zip(ids, summaries, strict=True)
    ]
    title = Column(_("TITLE"), most_lines=TITLE_LINES, longest=LONGEST_CELL)
    return listing(terminal, rows, [*map(Column, heads), title], empty="")


def hit_lines(terminal: Terminal, hits: Sequence[Hit], ids: Sequence[str], *, several: bool) -> str:
    """A line a find that names the conversation, and below it the place in it. ids, several: as `table`."""
    lines = []
    for id_, hit in zip(ids, hits, strict=True):
        about = hit.conversation
        cells = [id_, moment(about.updated_at), *([about.profile] if several else []), about.title]
        lines.append(fitted(terminal, "  ".join(map(safe_line, cells)), most_lines=1))
        lines.append(fitted(terminal, f"    {safe_line(hit.excerpt)}", indent=4))
    return "".join(lines)


def shown(conversation: Conversation) -> str:
    """The whole conversation: what the person said is quoted, what came back stands as it is."""
    return "\n\n".join(_parts(conversation, lambda answer: answer.rstrip("\n"), str)) + "\n"


def typeset(terminal: Terminal, conversation: Conversation) -> str:
    """The same with the answers as they stood on this terminal when they came. Everything is safe."""
    from stackspot_cli.output import markdown

    def answer(text: str) -> str:
        return markdown.typeset(terminal, text).rstrip("\n")

    return "\n\n".join(_parts(conversation, answer, safe_text)) + "\n"


def _parts(
    conversation: Conversation, answer: Callable[[str], str], ours: Callable[[str], str]
) -> Iterator[str]:
    """answer: sets what came back. ours: what becomes of everything else."""
    from stackspot_cli.history.export import ending

    yield ours(f"{conversation.id}  {conversation.model}  {moment(conversation.created_at)}")
    if conversation.system:
        yield ours(quoted(conversation.system, "# "))
    for turn in conversation.turns:
        yield ours(quoted(turn.prompt, "> "))
        if text := answer(turn.answer):
            yield text
        if end := ending(turn):
            yield f"[{end}]"


def quoted(text: str, mark: str) -> str:
    return "\n".join((mark + line).rstrip() for line in text.rstrip("\n").split("\n"))


def mark(state: TurnState) -> str:
    """How the last answer ended, where it is not whole."""
    names = {"complete": "", "cut": _("cut"), "interrupted": _("interrupted"), "failed": _("failed")}
    return f" [{names[state]}]" if names[state] else ""
