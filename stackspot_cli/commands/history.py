"""`stackspot history`: what was said on this machine, shown, found, exported and deleted.

Knows how lists and conversations look; refuses to know how they are kept. Loads SQLite when a command runs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shell_values
from stackspot_cli.commands.shared_options import ListingFormat as Format
from stackspot_cli.errors import UsageError
from stackspot_cli.safe_text import LogCommandGuard, in_ci, pipe_text, safe_line, safe_text
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.domain import Conversation, TurnState
    from stackspot_cli.history.store import Hit, Summary

USUAL_LIMIT = 20

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="rich" if sys.stdout is not None and sys.stdout.isatty() else None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    help=_("What was said: list, show, search, export and delete it."),
)


class ExportFormat(StrEnum):
    md = "md"
    json = "json"
    jsonl = "jsonl"


FormatOption = Annotated[Format, typer.Option("--format", help=_("text, or json for scripts."))]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, help=_("At most so many."))]


@app.callback()
def root(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit


# --- looking ---------------------------------------------------------------------------------------


@app.command("list", help=_("The newest conversations, newest first."))
def list_(ctx: typer.Context, limit: Limit = USUAL_LIMIT, format_: FormatOption = Format.text) -> None:
    run_list(ctx.obj, limit, format_)


def run_list(app: App, limit: int, format_: Format) -> None:
    summaries = app.history.summaries(limit)
    if format_ is Format.json:
        put_json(app, [summary_object(summary) for summary in summaries])
    elif summaries:
        put(app, table(summaries, width(app)))
    else:
        app.terminal.note(_("no conversations yet"))


@app.command(help=_("One conversation, every word of it."))
def show(
    ctx: typer.Context,
    id_: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help=_("The beginning of an id; the last conversation otherwise."),
            autocompletion=shell_values.conversations,
        ),
    ] = None,
    format_: FormatOption = Format.text,
) -> None:
    run_show(ctx.obj, id_, format_)


def run_show(app: App, id_: str | None, format_: Format) -> None:
    conversation = found(app, id_)
    if format_ is Format.json:
        from stackspot_cli.history.export import as_object

        put_json(app, as_object(conversation))
    else:
        put(app, shown(conversation))


@app.command(help=_("The conversations in which all the words were said, newest first."))
def search(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORDS…", help=_("All of them, or how they begin."))],
    limit: Limit = USUAL_LIMIT,
    format_: FormatOption = Format.text,
) -> None:
    run_search(ctx.obj, words, limit, format_)


def run_search(app: App, words: Sequence[str], limit: int, format_: Format) -> None:
    wanted = [word for argument in words for word in argument.split()]
    if not wanted:
        raise UsageError(_("no word to search for"), _("stackspot history search factorial"))
    hits = app.history.search(wanted, limit)
    if format_ is Format.json:
        put_json(app, [{**summary_object(hit.conversation), "excerpt": hit.excerpt} for hit in hits])
    elif hits:
        put(app, hit_lines(hits, width(app)))
    else:
        app.terminal.note(_("nothing found"))


@app.command(help=_("Where the history is kept."))
def path(ctx: typer.Context) -> None:
    run_path(ctx.obj)


def run_path(app: App) -> None:
    put(app, f"{app.history_path}\n")


# --- taking out ------------------------------------------------------------------------------------


@app.command(help=_("Conversations as Markdown, JSON or JSON Lines."))
def export(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID…",
            help=_("Beginnings of ids; the last conversation otherwise."),
            autocompletion=shell_values.conversations,
        ),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help=_("Every conversation, oldest first."))] = False,
    format_: Annotated[
        ExportFormat, typer.Option("--format", help=_("Markdown, one JSON array, or JSON Lines."))
    ] = ExportFormat.md,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help=_("Write it there."))
    ] = None,
) -> None:
    run_export(ctx.obj, ids or [], all_=all_, format_=format_, output=output)


def run_export(
    app: App, ids: Sequence[str], *, all_: bool, format_: ExportFormat, output: str | None
) -> None:
    from pathlib import Path

    from stackspot_cli.history.export import export as export_text
    from stackspot_cli.output.file import WholeFile

    if ids and all_:
        raise UsageError(_("--all exports everything, and an id was given too"), _("choose one"))
    if all_:
        conversations = app.history.conversations(app.history.ids())
    else:  # all are found before anything is written
        conversations = iter([found(app, id_) for id_ in ids] or [found(app, None)])
    to_file = output not in (None, "-")
    ascii_only = not to_file and not is_utf8(app)
    texts = export_text(conversations, format_.value, ascii_only=ascii_only)
    if output is None or output == "-":
        for text in texts:
            put(app, text) if format_ is ExportFormat.md else app.terminal.write(text)
        return
    with WholeFile(Path(output), app.terminal.note) as file:
        for text in texts:
            file.write(text)


# --- deleting --------------------------------------------------------------------------------------


@app.command(help=_("Delete conversations for good: their words leave the file."))
def delete(
    ctx: typer.Context,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID…", help=_("Beginnings of ids."), autocompletion=shell_values.conversations
        ),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help=_("Every conversation."))] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help=_("Do not ask."))] = False,
) -> None:
    run_delete(ctx.obj, ids or [], all_=all_, yes=yes)


def run_delete(app: App, ids: Sequence[str], *, all_: bool, yes: bool) -> None:
    if bool(ids) == all_:
        raise UsageError(
            _("say which: either ids or --all"),
            _("`stackspot history list` shows the conversations there are"),
        )
    wanted = app.history.ids() if all_ else list(dict.fromkeys(found(app, id_).id for id_ in ids))
    if all_ and not wanted and not app.history.put_aside():
        app.terminal.note(_("there is no conversation to delete"))
        return
    if not yes and not confirmed(app, question(app, wanted)):
        app.terminal.note(_("nothing was deleted"))
        return
    count = app.history.delete_all() if all_ else app.history.delete(wanted)
    app.terminal.note(_("conversations deleted: {count}").format(count=count))
    for left in app.history.put_aside():
        app.terminal.note(
            _("a damaged history of before may hold the words, too: {path}; --all deletes it").format(
                path=left
            )
        )


def question(app: App, wanted: Sequence[str]) -> str:
    if len(wanted) == 1:
        return _("Delete “{title}” for good?").format(title=safe_line(app.history.find(wanted[0]).title, 60))
    return _("Delete {count} conversations for good?").format(count=len(wanted))


def confirmed(app: App, question: str) -> bool:
    """Asks on stderr, for stdout is no place for questions. UsageError where nobody can answer."""
    terminal = app.terminal
    if terminal.stdin_kind != "terminal" or terminal.stdin is None:
        raise UsageError(
            _("deleting asks first, and stdin is not a terminal"), _("add --yes to delete without asking")
        )
    return terminal.confirm(question)


# --- how it looks ----------------------------------------------------------------------------------


def found(app: App, id_: str | None) -> Conversation:
    """The conversation of this id, or the profile's last."""
    if id_ is not None:
        return app.history.find(id_)
    last = app.history.last(app.settings.profile.value)
    if last is None:
        raise UsageError(_("there is no conversation yet"), _("`stackspot history list` lists all profiles'"))
    return last


def put(app: App, text: str) -> None:
    """Stored words on stdout: shown, never obeyed, by a terminal or by a build log."""
    if in_ci(app.environ):
        guard = LogCommandGuard()
        text = guard.feed(text) + guard.finish()
    app.terminal.write(safe_text(text) if app.terminal.stdout_is_terminal else pipe_text(text))


def put_json(app: App, value: object) -> None:
    app.terminal.write_json(value)


def is_utf8(app: App) -> bool:
    return app.terminal.encoding.lower().replace("-", "") == "utf8"


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
