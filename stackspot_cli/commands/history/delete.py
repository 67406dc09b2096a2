"""`stackspot history delete`: conversations go for good, after a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options, shell_values
from stackspot_cli.commands.history.choice import chosen, named_profile, none_yet
from stackspot_cli.commands.shared_checks import deletion_confirmed
from stackspot_cli.errors import UsageError
from stackspot_cli.history.typed_lines import TypedLines
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    ids: Annotated[
        tuple[str, ...],
        typer.Argument(
            metavar="ID…", help=_("Beginnings of ids."), autocompletion=shell_values.conversations
        ),
    ] = ()
    all: Annotated[bool, typer.Option("--all", help=_("Every conversation."))] = False
    yes: shared_options.Yes = False


def run(options: Options, app: App) -> None:
    """Asks first, unless yes. Raises UsageError for an id that is none or where nobody can answer, LocalError."""
    if bool(options.ids) == options.all:
        raise UsageError(
            _("say which: either ids or --all"),
            _("`stackspot history list` shows the conversations there are"),
        )
    if options.all:
        ids = app.history.ids(named_profile(app))
    else:
        ids = list(dict.fromkeys(chosen(app, id_).id for id_ in options.ids))
    everything = options.all and named_profile(app) is None
    typed = TypedLines(app.settings.places.data_dir)
    if options.all and not ids and not (everything and (app.history.put_aside() or typed.files)):
        app.terminal.note(none_yet(app))
        return
    if not options.yes and not deletion_confirmed(app.terminal, question(app, ids)):
        return
    said = () if everything else said_in(app, ids)
    count = app.history.delete_all() if everything else app.history.delete(ids)
    if not everything:
        typed.forget(said)
    else:
        typed.forget_all()
        from stackspot_cli.review.memory import FOLDER, Memory

        Memory(
            app.settings.places.data_dir / FOLDER
        ).forget()  # what was found in reviews quotes what was sent
    app.terminal.note(_("conversations deleted: {count}").format(count=count))
    for left in app.history.put_aside():
        app.terminal.note(
            _("a damaged history of before may hold the words, too: {path}; --all deletes it").format(
                path=left
            )
        )


def said_in(app: App, ids: Sequence[str]) -> list[str]:
    """What a person may have typed for these conversations."""
    prompts = {
        prompt: None
        for conversation in app.history.conversations(ids)
        for prompt in (conversation.system or "", *(turn.prompt for turn in conversation.turns))
    }
    return list(prompts)


def question(app: App, ids: Sequence[str]) -> str:
    if len(ids) == 1:
        return _("Delete “{title}” for good?").format(title=safe_line(app.history.find(ids[0]).title, 60))
    profile = named_profile(app)
    if profile is not None:
        return _("Delete {count} conversations of profile {profile} for good?").format(
            count=len(ids), profile=safe_line(profile, 60)
        )
    return _("Delete {count} conversations for good?").format(count=len(ids))
