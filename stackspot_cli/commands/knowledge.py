"""`stackspot knowledge`: the account's knowledge sources: listed, shown, created, filled and cleared.

Knows options and how the answers look; refuses to know how files travel and are indexed (`client`).
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands.shared_options import ListingFormat as Format
from stackspot_cli.errors import CommandFailed, Refused, StillRunning, UsageError
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.knowledge import Added, Knowledge, KnowledgeObject, Split
    from stackspot_cli.client.polling import PollPlan

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="rich" if sys.stdout is not None and sys.stdout.isatty() else None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    help=_("Knowledge sources: list, show, create, fill and clear them."),
)


class Kind(StrEnum):
    api = "api"
    snippet = "snippet"
    custom = "custom"


class Strategy(StrEnum):
    none = "none"
    lines = "lines"
    tokens = "tokens"
    characters = "characters"
    syntactic = "syntactic"
    endpoint = "endpoint"


FormatOption = Annotated[Format, typer.Option("--format", help=_("text, or json for scripts."))]
Slug = Annotated[str, typer.Argument(metavar="SLUG", help=_("The knowledge source's slug."))]


@app.callback()
def root(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit


# --- looking ---------------------------------------------------------------------------------------


@app.command("list", help=_("List the knowledge sources."))
def list_(
    ctx: typer.Context,
    visibility: Annotated[
        list[str] | None,
        typer.Option(
            "--visibility", metavar="NAME", help=_("personal, account or another; repeatable. Default: both.")
        ),
    ] = None,
    format_: FormatOption = Format.text,
) -> None:
    run_list(ctx.obj, tuple(visibility or ()), format_)


def run_list(app: App, visibilities: tuple[str, ...], format_: Format) -> None:
    """Raises StackSpotError."""
    from stackspot_cli.client import account
    from stackspot_cli.output.present import put_object
    from stackspot_cli.terminal.progress import progress_line
    from stackspot_cli.terminal.table import aligned

    with progress_line(app.terminal, app.now) as line:
        line.show(_("asking for the knowledge sources"))
        found = account.knowledge_sources(app.client, visibilities or account.VISIBILITIES)
    if format_ is Format.json:
        put_object(app.terminal, [asdict(source) for source in found])
    elif not found:
        app.terminal.note(_("the account has no knowledge sources that this credential may see"))
    else:
        rows = [(_("SLUG"), _("NAME"), _("TYPE"), _("VISIBILITY"), _("DESCRIPTION"))]
        rows += [
            (one.slug, one.name or "", one.type or "", one.visibility or "", one.description or "")
            for one in found
        ]
        app.terminal.write(aligned(rows))


@app.command(help=_("Show one knowledge source and what is in it."))
def show(ctx: typer.Context, slug: Slug, format_: FormatOption = Format.text) -> None:
    run_show(ctx.obj, slug, format_)


def run_show(app: App, slug: str, format_: Format) -> None:
    """Raises StackSpotError."""
    from stackspot_cli.client import knowledge
    from stackspot_cli.output.present import put_object
    from stackspot_cli.terminal.progress import progress_line

    slug = checked(slug)
    with progress_line(app.terminal, app.now) as line:
        line.show(_("asking for the knowledge source"))
        source, objects = knowledge.show(app.client, slug)
    if format_ is Format.json:
        put_object(app.terminal, {**asdict(source), "objects": [asdict(one) for one in objects]})
    else:
        app.terminal.write(details(source, objects))


def details(source: Knowledge, objects: list[KnowledgeObject]) -> str:
    """One knowledge source, a line a fact, then a line an object."""
    from stackspot_cli.safe_text import safe_line

    facts = [
        (_("slug"), source.slug),
        (_("name"), source.name),
        (_("description"), source.description),
        (_("type"), source.type),
        (_("visibility"), source.visibility),
        (_("objects"), str(len(objects))),
    ]
    width = max(len(name) for name, _value in facts)
    lines = [f"{name.ljust(width)}  {safe_line(value) if value else '-'}\n" for name, value in facts]
    for one in objects:
        start = safe_line(one.content or "", 60)
        lines.append(f"- {safe_line(one.name or one.id or '', 100)}{': ' if start else ''}{start}\n")
    return "".join(lines)


# --- changing --------------------------------------------------------------------------------------


@app.command(help=_("Create a knowledge source."))
def create(
    ctx: typer.Context,
    slug: Slug,
    name: Annotated[
        str | None, typer.Option("--name", metavar="TEXT", help=_("Its name; else the slug."))
    ] = None,
    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help=_("What is in it; else its name."))
    ] = None,
    kind: Annotated[Kind, typer.Option("--type", help=_("What it holds."))] = Kind.custom,
    format_: FormatOption = Format.text,
) -> None:
    run_create(ctx.obj, slug, name, description, kind, format_)


def run_create(
    app: App, slug: str, name: str | None, description: str | None, kind: Kind, format_: Format
) -> None:
    """Raises StackSpotError; BadRequest where the slug exists."""
    from stackspot_cli.client import knowledge
    from stackspot_cli.output.present import put_object

    slug = checked(slug)
    shown = name or slug
    made = knowledge.create(app.client, slug, shown, description or shown, kind.value)
    if format_ is Format.json:
        put_object(app.terminal, asdict(made))
    else:
        app.terminal.write(f"{slug}\n")


@app.command(help=_("Upload files into a knowledge source and wait until they can be found."))
def add(
    ctx: typer.Context,
    slug: Slug,
    file: Annotated[list[str], typer.Argument(metavar="FILE...", help=_("Files of up to 10 MB each."))],
    split: Annotated[
        Strategy, typer.Option("--split", help=_("How StackSpot cuts each file into pieces."))
    ] = Strategy.none,
    split_quantity: Annotated[
        int,
        typer.Option("--split-quantity", metavar="N", min=1, help=_("Lines, tokens or characters a piece.")),
    ] = 500,
    split_overlap: Annotated[
        int,
        typer.Option("--split-overlap", metavar="N", min=0, help=_("How many of them two pieces share.")),
    ] = 50,
    wait: Annotated[
        float, typer.Option("--wait", metavar="S", help=_("Longest time to wait for each file."))
    ] = 600.0,
    poll: Annotated[
        float | None,
        typer.Option("--poll", metavar="S", help=_("First time between two questions; default 5.")),
    ] = None,
    format_: FormatOption = Format.text,
) -> None:
    from stackspot_cli.client.knowledge import Split
    from stackspot_cli.client.polling import PollPlan

    if not 0 <= wait < 1e9:
        raise UsageError(_("--wait is a number of seconds, 0 or more"), _("for example --wait 60"))
    if poll is not None and not 0 < poll < 1e9:
        raise UsageError(_("--poll is a number of seconds above 0"), _("for example --poll 5"))
    cut = Split(split.value, split_quantity, split_overlap)
    plan = PollPlan(wait, ctx.obj.poll_seconds if poll is None else poll)
    run_add(ctx.obj, slug, tuple(file), cut, plan, format_)


def run_add(
    app: App, slug: str, names: tuple[str, ...], split: Split, plan: PollPlan, format_: Format
) -> None:
    """Reports each file as it ends. Raises CommandFailed where one could not be added, after trying all."""
    from stackspot_cli.client import knowledge
    from stackspot_cli.client.uploads import look_at_all
    from stackspot_cli.output.present import put_object
    from stackspot_cli.terminal.progress import progress_line

    slug = checked(slug)
    files = look_at_all(names)
    added: list[Added] = []
    late: StillRunning | None = None
    try:
        for file in files:
            try:
                with progress_line(app.terminal, app.now) as line:
                    one = knowledge.add(app.client, app.uploads, file, slug, split, plan, line.show)
            except StillRunning as error:
                late = error
                one = knowledge.Added(file.name, "", "RUNNING", False)
            except Refused as refusal:
                app.terminal.note(f"{file.name}: {refusal.message}")
                one = knowledge.Added(file.name, "", "REFUSED", False)
            added.append(one)
            if format_ is Format.text:
                app.terminal.write(report(one))
                app.terminal.flush()
    finally:
        if format_ is Format.json:
            put_object(app.terminal, [asdict(one) for one in added])
    failed = [one for one in added if not one.indexed]
    if late is not None and len(failed) == sum(one.status == "RUNNING" for one in failed):
        raise late
    if failed:
        raise CommandFailed(
            _("not added to {slug}: {files}").format(
                slug=slug, files=", ".join(f"{one.file} ({one.status})" for one in failed)
            ),
            _("try those again, perhaps with another --split; an empty file cannot be indexed"),
        )


def report(one: Added) -> str:
    """One file's line: its status, then its name."""
    from stackspot_cli.safe_text import safe_line

    return f"{safe_line(one.status, 40)}  {safe_line(one.file)}\n"


@app.command(
    help=_("Delete everything in a knowledge source; the source itself stays. Asks first, unless --yes.")
)
def clear(
    ctx: typer.Context,
    slug: Slug,
    yes: Annotated[bool, typer.Option("-y", "--yes", help=_("Do not ask."))] = False,
) -> None:
    run_clear(ctx.obj, slug, yes=yes)


def run_clear(app: App, slug: str, *, yes: bool) -> None:
    """Asks first, unless yes. Raises StackSpotError; UsageError where nobody can answer."""
    from stackspot_cli.client import knowledge

    slug = checked(slug)
    terminal = app.terminal
    if not yes:
        if terminal.stdin_kind != "terminal" or terminal.stdin is None:
            raise UsageError(
                _("deleting asks first, and stdin is not a terminal"), _("add --yes to delete without asking")
            )
        if not terminal.confirm(_("Delete everything in the knowledge source {slug}?").format(slug=slug)):
            terminal.note(_("nothing was deleted"))
            return
    knowledge.clear(app.client, slug)
    terminal.note(_("{slug} is empty").format(slug=slug))


def checked(slug: str) -> str:
    """Raises UsageError for what is no slug."""
    from stackspot_cli.settings.setting_kinds import SLUG

    slug = slug.strip()
    if not SLUG.fullmatch(slug):
        raise UsageError(
            _("{slug} is no slug: letters, digits, `.`, `_` and `-`").format(slug=repr(slug)),
            _("`stackspot knowledge list` shows the slugs"),
        )
    return slug
