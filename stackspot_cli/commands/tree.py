"""The command tree: every command's name, module and summary, and what may stand before a command.

A command's module is loaded when it is called: the tree itself knows names and one-line descriptions. Refuses to
know what a command does; it gives back the command's `Options`, and `cli` runs them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter, Signature
from typing import Annotated, Any, TypeAlias

import typer
from typer.core import TyperCommand, TyperGroup

from stackspot_cli.commands import shell_values
from stackspot_cli.commands.parameters import hidden, parameters, reader
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.settings.calling import GlobalOptions
from stackspot_cli.translation import _

# name -> (module under `commands`, or the commands below; what it does). The order is the help's.
Table: TypeAlias = "Mapping[str, tuple[str | Table, str]]"

COMMANDS: Table = {
    "complete": ("complete", _("One prompt in, one answer out; stdin, files, pipes, CI.")),
    "models": ("models", _("List the models and what each can do.")),
    "chat": ("chat.command", _("Talk: an interactive conversation, or each line of stdin a turn.")),
    "history": (
        {
            "list": ("history.list", _("The newest conversations, newest first.")),
            "show": ("history.show", _("One conversation, every word of it.")),
            "search": (
                "history.search",
                _("The conversations in which all the words were said, newest first."),
            ),
            "path": ("history.path", _("Where the history is kept.")),
            "export": ("history.export", _("Conversations as Markdown, JSON or JSON Lines.")),
            "delete": ("history.delete", _("Delete conversations for good: their words leave the file.")),
        },
        _("List, show, search, export and delete what was said."),
    ),
    "login": ("login.command", _("Store the credentials, after proving them.")),
    "logout": ("logout", _("Forget the stored credentials and their tokens.")),
    "status": ("status.command", _("Find out what is wrong: credentials, network, files.")),
    "config": (
        {
            "show": ("config.show", _("Every setting, and where it came from; the client key as dots.")),
            "get": ("config.get", _("One value: as the config file has it, else the one that applies.")),
            "set": (
                "config.set",
                _("Change one value in the config file; comments, order and quotes stay."),
            ),
            "unset": ("config.unset", _("Remove one value from the config file.")),
            "path": ("config.path", _("Where the config file is, or would be.")),
            "edit": ("config.edit", _("Open the config file in $EDITOR; what is broken is not kept.")),
            "import": (
                "config.importing",
                _("Take over a .aider.litellm.yml; keys written out in it move to the keyring."),
            ),
        },
        _("Show and change the settings."),
    ),
    "prompts": (
        {
            "list": ("prompts.list", _("The prompts there are, and where each comes from.")),
            "show": ("prompts.show", _("One prompt, as its file says it.")),
            "new": ("prompts.new", _("Begin a prompt: in the project, else in your own folder.")),
            "edit": ("prompts.edit", _("Open a prompt in $EDITOR; what cannot be read is not kept.")),
            "path": ("prompts.path", _("Where a prompt is, or where prompts are looked for.")),
        },
        _("List, show, write and edit prompts that live in files."),
    ),
    "run": ("run", _("Run a remote quick command and follow it to its result.")),
    "batch": (
        "batch.command",
        _("Many prompts, one quota: JSON Lines in, a line an answer out; goes on where it ended."),
    ),
    "agents": ("agents", _("List the agents of the account.")),
    "knowledge": (
        {
            "list": ("knowledge.list", _("List the knowledge sources.")),
            "show": ("knowledge.show", _("Show one knowledge source and what is in it.")),
            "create": ("knowledge.create", _("Create a knowledge source.")),
            "add": (
                "knowledge.add",
                _("Upload files into a knowledge source and wait until they can be found."),
            ),
            "clear": (
                "knowledge.clear",
                _(
                    "Delete everything in a knowledge source; the source itself stays. Asks first, unless --yes."
                ),
            ),
        },
        _("List, show, create, fill and clear knowledge sources."),
    ),
    "review": ("review.command", _("Findings about a change, for people and for pipelines.")),
    "sandbox": ("sandbox.command", _("Serve a local StackSpot to try things on, no account needed.")),
    "serve": ("serve", _("Serve StackSpot to coding agents and other tools.")),
}
HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}


class _Helpful:
    """Shows our help page, on our streams."""

    params: list[Any]

    def get_help(self, ctx: Any) -> str:
        from stackspot_cli.commands import help_page  # deferred: most calls ask for no help

        return help_page.page(ctx)

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]  # of the command that this stands before
        option.callback = _show_help
        return option


class Command(_Helpful, TyperCommand):
    """One that is called."""


class Group(_Helpful, TyperGroup):
    """Commands are loaded when they are called; a listing sees their names and summaries alone."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.table: Table = {}

    def fill(self, table: Table) -> None:
        self.table = table
        for name, (_module, summary) in table.items():
            self.commands[name] = TyperCommand(
                name,
                help=summary,
                short_help=summary,  # Typer cuts a help of its own after 45 characters
                rich_markup_mode=self.rich_markup_mode,
            )

    def load(self, name: str) -> Any:
        """The command of this name, with all its options."""
        self.commands[name] = command = _command(name, *self.table[name])
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] == "help" and args[0] not in self.table:  # `help NAME` is `NAME --help`
            _show_help(ctx, None, asked=len(args) == 1)
            args = [*args[1:], "--help"]
        if args and args[0] in self.table:
            self.load(args[0])
        return super().resolve_command(ctx, args)


def _show_help(ctx: Any, _option: object, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from stackspot_cli.commands import help_page  # deferred: most calls ask for no help

        help_page.show(ctx)
        raise typer.Exit


def _colour_nothing(ctx: typer.Context, asked: bool) -> bool:
    if asked and ctx.obj is not None:
        ctx.obj.terminal.no_color = True
    return asked


def _show_version(ctx: typer.Context, asked: bool) -> bool:
    if asked:
        ctx.obj.terminal.write(f"stackspot {ctx.obj.version}\n")
        raise typer.Exit
    return asked


@dataclass(frozen=True, slots=True)
class RootOptions(GlobalOptions):
    """What may stand before the command, as Typer reads it."""

    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="NAME",
            help=_("Use this profile of the config file."),
            autocompletion=shell_values.profiles,
        ),
    ] = None
    config: Annotated[
        str | None, typer.Option("--config", metavar="FILE", help=_("Read this config file instead."))
    ] = None
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help=_("Talk to an emulated StackSpot; no account needed."))
    ] = False
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help=_("Tell on stderr what is happening."))] = (
        False
    )
    debug: Annotated[
        bool, typer.Option("--debug", help=_("Like -v, with the wire (secrets as dots) and tracebacks."))
    ] = False
    no_color: Annotated[
        bool,
        typer.Option("--no-color", help=_("No colours."), callback=_colour_nothing, is_eager=True),
    ] = False  # eager: it counts for a help page, too
    version: Annotated[
        bool,
        typer.Option(
            "-V",
            "--version",
            help=_("Show the version and exit."),
            callback=_show_version,
            is_eager=True,
        ),
    ] = False


def build() -> Group:
    """The whole tree. Its `invoke` gives the `Options` of the command that was called."""
    summary = _("The command-line client for StackSpot AI.")
    return _group(COMMANDS, summary, parameters(RootOptions))


def _group(table: Table, summary: str, options: Iterable[Parameter] = ()) -> Group:
    def show_help(ctx: typer.Context, **_options: object) -> None:
        if ctx.invoked_subcommand is None:
            from stackspot_cli.commands import help_page  # deferred: most calls ask for no help

            help_page.show(ctx)
            raise typer.Exit

    context = Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    show_help.__signature__ = Signature([context, *options])  # type: ignore[attr-defined]  # PEP 362
    tree = _typer(cls=Group, invoke_without_command=True)
    tree.callback(help=summary)(show_help)
    group: Group = typer.main.get_command(tree)  # type: ignore[assignment]  # of the class that was asked for
    group.fill(table)
    return group


def _command(name: str, what: str | Table, summary: str) -> Any:
    """A module's command, or a group. The module has `Options`, `run`, and where the summary says too little HELP."""
    if not isinstance(what, str):
        command: Any = _group(what, summary)
    else:
        module = importlib.import_module(f"stackspot_cli.commands.{what}")
        tree = _typer()
        tree.command(
            name,
            cls=Command,
            help=getattr(module, "HELP", summary),
            short_help=summary,
            context_settings=getattr(module, "CONTEXT", None),
        )(_reader(module.Options))
        command = typer.main.get_command(tree)
    command.name = name
    return command


def _reader(options: type) -> Callable[..., Any]:
    """Of a command's options, and of those that may stand before it and are understood after it, too."""
    read: Callable[..., Any] = reader(options)
    own = list(parameters(options))
    globally = list(hidden(parameters(RootOptions), beside=own))

    def read_options(ctx: typer.Context, **typed: Any) -> Any:
        said = {one.name: typed.pop(one.name) for one in globally}
        if ctx.obj is not None:
            ctx.obj.set_options(_together(ctx.obj.options, said))
        return read(**typed)

    context = Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    read_options.__signature__ = Signature([context, *own, *globally])  # type: ignore[attr-defined]  # PEP 362
    return read_options


def _together(before: GlobalOptions, after: Mapping[str, Any]) -> GlobalOptions:
    """What was said before the command, and after it; the latter counts where both name something."""
    return replace(before, **{name: value for name, value in after.items() if value})


def _typer(**more: Any) -> typer.Typer:
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,  # the help page is ours
        pretty_exceptions_enable=False,
        context_settings=dict(HELP_OPTIONS),
        **more,
    )
