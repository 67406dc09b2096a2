"""`stackspot models`: the models and what each can do. Needs no credentials and no network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options, shell_values
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.errors import StackSpotError, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.terminal.listing import listing
from stackspot_cli.terminal.table import FACTS, Column
from stackspot_cli.translation import _, numeral, untranslated

if TYPE_CHECKING:
    from stackspot_cli.client.account import Llm
    from stackspot_cli.model import Model
    from stackspot_cli.terminal.streams import Terminal


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `models`, as it was typed."""

    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help=_("Show this model alone."), autocompletion=shell_values.models),
    ] = None
    format: shared_options.Listing = ListingFormat.text
    remote: Annotated[
        bool, typer.Option("--remote", help=_("Add the LLMs that the account lists, for --select-model."))
    ] = False


def run(options: Options, app: App) -> None:
    """Raises UsageError for an unknown name."""
    name = options.name
    if options.remote and name is not None:
        raise UsageError(_("--remote lists; NAME shows one model"), _("leave out one of the two"))
    models = list(app.settings.models) if name is None else [app.find_model(name)]
    llms = remote_llms(app) if options.remote else []
    if options.format is ListingFormat.json:
        shown = [as_object(model) for model in models] + [llm_object(llm) for llm in llms]
        app.terminal.write_json(shown if name is None else shown[0])
    else:
        terminal = app.terminal
        terminal.write(table(terminal, models, llms) if name is None else details(terminal, models[0]))


def remote_llms(app: App) -> list[Llm]:
    """The account's LLMs; none, with a note, where nobody can tell: our own models are there in any case."""
    from stackspot_cli.client import account
    from stackspot_cli.terminal.progress import progress_line

    try:
        with progress_line(app.terminal, app.now):
            return account.llms(app.client)
    except StackSpotError as error:
        app.terminal.note(_("StackSpot will not tell the account's LLMs: {why}").format(why=error.message))
        return []


def llm_object(llm: Llm) -> dict[str, object]:
    """The same keys as a model's; null where the account's list tells nothing."""
    return {
        "name": llm.name,
        "route": "llm",
        "target": llm.id,
        "description": llm.title or llm.name,
        "best_for": None,
        "max_input_tokens": None,
        "max_output_tokens": None,
        "temperature": None,
        "streaming": None,
        "conversation": None,
    }


def as_object(model: Model) -> dict[str, object]:
    """What `--format json` tells about a model."""
    return {
        "name": model.name,
        "route": model.route.name,
        "target": model.target,
        "description": untranslated(model.description),
        "best_for": untranslated(model.best_for),
        "max_input_tokens": model.max_input_tokens,
        "max_output_tokens": model.max_output_tokens,
        "temperature": {
            "min": model.temperature_min,
            "max": model.temperature_max,
            "default": model.temperature_default,
        },
        "streaming": model.streaming,
        "conversation": True,
    }


def table(terminal: Terminal, models: list[Model], llms: Sequence[Llm] = ()) -> str:
    """A line a model, for people and for `awk`."""
    heads = (_("NAME"), _("ROUTE"), _("BEST FOR"), _("TOKENS IN/OUT"))
    rows = []
    for model in models:
        limits = numeral(f"{model.max_input_tokens:,}/{model.max_output_tokens:,}")
        rows.append((model.name, model.route.name, model.best_for or model.description, limits))
    import shlex  # deferred: only where an account's list is shown

    for llm in llms:
        rows.append(
            (
                llm.name,
                "llm",
                _("an agent, with --select-model {name}").format(name=shlex.quote(selectable(llm))),
                "",
            )
        )
    return listing(terminal, rows, [Column(head) for head in heads])


def selectable(llm: Llm) -> str:
    """What `--select-model` takes: a name with spaces is a title, and then the id is meant."""
    return llm.id if llm.id and any(letter.isspace() for letter in llm.name) else llm.name


def details(terminal: Terminal, model: Model) -> str:
    """One model, a line a fact."""
    facts = [
        (_("name"), model.name),
        (_("route"), f"{model.route.name} ({model.target})"),
        (_("description"), model.description or "–"),
        (_("best for"), model.best_for or "–"),
        (_("input"), _("up to {count} tokens").format(count=numeral(f"{model.max_input_tokens:,}"))),
        (_("output"), _("up to {count} tokens").format(count=numeral(f"{model.max_output_tokens:,}"))),
        (
            _("temperature"),
            _("{least} to {most}, default {default}").format(
                least=model.temperature_min, most=model.temperature_max, default=model.temperature_default
            )
            if model.tunable
            else _("as its own set-up says"),
        ),
        (_("streaming"), _("yes") if model.streaming else _("no")),
        (_("conversation"), _("yes")),
    ]
    return listing(terminal, facts, FACTS)
