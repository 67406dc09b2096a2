"""The command tree, and the one place where an error becomes an exit code.

A command's module is imported when it is called: the tree itself knows names and one-line descriptions.
"""

from __future__ import annotations

import errno
import importlib
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from stackspot_cli import __version__
from stackspot_cli.app import App, GlobalOptions
from stackspot_cli.commands import shell_values
from stackspot_cli.errors import ExitCode, StackSpotError, Terminated, UsageError
from stackspot_cli.terminal.streams import Terminal, cannot_write
from stackspot_cli.translation import _

COMPLETION_VARIABLE = "_STACKSPOT_COMPLETE"
HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}

# name -> (module under `commands`, what it does); the order is the help's.
COMMANDS: dict[str, tuple[str, str]] = {
    "complete": ("complete", _("One prompt in, one answer out; stdin, files, pipes, CI.")),
    "models": ("models", _("List the models and what each can do.")),
    "chat": ("chat.command", _("Talk: an interactive conversation, or each line of stdin a turn.")),
    "history": ("history", _("List, show, search, export and delete what was said.")),
    "login": ("login", _("Store the credentials, after proving them.")),
    "logout": ("logout", _("Forget the stored credentials and their tokens.")),
    "status": ("status", _("Find out what is wrong: credentials, network, files.")),
    "config": ("config.command", _("Show and change the settings.")),
    "run": ("run", _("Run a remote quick command and follow it to its result.")),
    "agents": ("agents", _("List the agents of the account.")),
    "knowledge": ("knowledge", _("List, show, create, fill and clear knowledge sources.")),
    "sandbox": ("sandbox", _("Serve a local StackSpot to try things on, no account needed.")),
    "serve": ("serve", _("Serve StackSpot to Aider and every tool that speaks OpenAI.")),
}


def _load(name: str) -> Any:
    """The command behind a name: a module offers either `command` (a function) with its HELP, or `app` (a Typer)."""
    module_name, summary = COMMANDS[name]
    module = importlib.import_module(f"stackspot_cli.commands.{module_name}")
    tree = getattr(module, "app", None)
    if tree is None:
        tree = typer.Typer(add_completion=False, rich_markup_mode=_markup(), pretty_exceptions_enable=False)
        tree.command(name, help=module.HELP, short_help=summary, context_settings=dict(HELP_OPTIONS))(
            module.command
        )
    command = typer.main.get_command(tree)
    command.name = name
    return command


class _Tree(TyperGroup):
    """Commands are loaded when they are called; a listing sees their names and summaries alone."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (_module, summary) in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=summary, rich_markup_mode=self.rich_markup_mode)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in COMMANDS:
            self.commands[args[0]] = _load(args[0])
        return super().resolve_command(ctx, args)


def _markup() -> Any:
    """Rich's help for a person at a terminal; for a pipe the plain one, which starts in half the time."""
    return "rich" if sys.stdout is not None and sys.stdout.isatty() else None


def _show_version(ctx: typer.Context, wanted: bool) -> None:
    if wanted:
        ctx.obj.terminal.write(f"stackspot {__version__}\n")
        raise typer.Exit


def build() -> Any:
    """The whole tree, as Typer's command object."""
    tree = typer.Typer(
        cls=_Tree,
        add_completion=False,
        rich_markup_mode=_markup(),
        pretty_exceptions_enable=False,
        context_settings=HELP_OPTIONS,
        no_args_is_help=False,
        invoke_without_command=True,
    )

    @tree.callback(help=_("The command-line client for StackSpot AI."), epilog=_EPILOG)
    def _root(
        ctx: typer.Context,
        profile: Annotated[
            str | None,
            typer.Option(
                "--profile",
                metavar="NAME",
                help=_("Use this profile of the config file."),
                autocompletion=shell_values.profiles,
            ),
        ] = None,
        config: Annotated[
            str | None, typer.Option("--config", metavar="FILE", help=_("Read this config file instead."))
        ] = None,
        sandbox: Annotated[
            bool, typer.Option("--sandbox", help=_("Talk to an emulated StackSpot; no account needed."))
        ] = False,
        verbose: Annotated[
            bool, typer.Option("-v", "--verbose", help=_("Tell on stderr what is happening."))
        ] = False,
        debug: Annotated[
            bool, typer.Option("--debug", help=_("Like -v, with the wire (secrets as dots) and tracebacks."))
        ] = False,
        no_color: Annotated[bool, typer.Option("--no-color", help=_("No colours."))] = False,
        version: Annotated[
            bool,
            typer.Option(
                "-V", "--version", help=_("Show the version and exit."), callback=_show_version, is_eager=True
            ),
        ] = False,
    ) -> None:
        if ctx.invoked_subcommand is None:
            ctx.obj.terminal.write(ctx.get_help() + "\n")
            raise typer.Exit
        made: App = ctx.obj
        made.set_options(GlobalOptions(profile, config, sandbox, verbose, debug, no_color))

    return typer.main.get_command(tree)


_EPILOG = _("Try it without an account: stackspot --sandbox complete 'Write a factorial function in Python'")


def run_process(arguments: Sequence[str]) -> int:
    """One run of the program in this process, with its real streams, environment and signals."""
    if COMPLETION_VARIABLE in os.environ:
        return _complete_in_shell(arguments)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _terminate)
    return run(arguments, os.environ, Terminal.of_process(os.environ))


def _complete_in_shell(arguments: Sequence[str]) -> int:
    """Answers a shell's TAB, by Typer's own protocol (`completions/` has the shells' side)."""
    from stackspot_cli.commands import shell_completion

    shell_completion.register()
    try:
        build().main(
            args=list(arguments),
            prog_name="stackspot",
            complete_var=COMPLETION_VARIABLE,
            standalone_mode=False,
        )
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ExitCode.OK
    return ExitCode.OK


def _terminate(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough: what follows is tidying up
    raise Terminated(128 + number)


def run(
    arguments: Sequence[str],
    environ: Mapping[str, str],
    terminal: Terminal,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """One run in a world of the caller's: the exit code."""
    app = App(environ, terminal, now=now, sleep=sleep)
    try:
        try:
            code = _invoke(arguments, app)
            terminal.flush()
        finally:
            app.close()
    except BaseException as error:  # noqa: BLE001  # the one place where everything becomes an exit code
        code = _report(error, app)
    return code


def _invoke(arguments: Sequence[str], app: App) -> int:
    with build().make_context("stackspot", list(arguments), obj=app) as context:
        result = context.command.invoke(context)
    return result if isinstance(result, int) else ExitCode.OK


def _report(error: BaseException, app: App) -> int:
    terminal = app.terminal
    match error:
        case typer.Exit():
            try:
                terminal.flush()
            except (LookupError, StackSpotError, BrokenPipeError) as late:
                return _report(late, app)
            return error.exit_code
        case KeyboardInterrupt() | typer.Abort():
            return ExitCode.INTERRUPTED
        case Terminated():
            return int(error.exit_code)
        case BrokenPipeError():
            terminal.abandon()
            return ExitCode.BROKEN_PIPE
        case StackSpotError():
            if app.options.debug:
                _show_trace(error, app)
            terminal.error(error)
            return error.exit_code
        case typer.TyperException():
            return _report_usage(error, terminal)
        case OSError() if error.errno in _UNWRITABLE:  # Typer's own printing of a help page
            terminal.abandon()
            return _report(cannot_write(error.strerror or str(error)), app)
        case _:
            if app.options.debug:
                _show_trace(error, app)
            terminal.error(
                StackSpotError(
                    _("this is a bug in stackspot ({kind})").format(kind=type(error).__name__),
                    _("run it again with --debug and open an issue on GitHub with what it prints"),
                )
            )
            return ExitCode.INTERNAL


_UNWRITABLE = (errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF)


def _report_usage(error: typer.TyperException, terminal: Terminal) -> int:
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    if context is not None and not isinstance(getattr(error, "message", ""), str):
        message = str(error)
    where = context.command_path if context is not None else "stackspot"
    option = getattr(error, "option_name", None)
    if option in _GLOBAL_OPTIONS and where != "stackspot":
        hint = _("{option} goes before the command: stackspot {option} …").format(option=option)
    elif option and re.match(r"-[0-9.]", option):
        hint = _("a value that starts with a dash goes after `--`: {command} -- …").format(command=where)
    else:
        hint = _("`{command} --help` shows what is possible").format(command=where)
    terminal.error(UsageError(message, hint))
    return ExitCode.USAGE


_GLOBAL_OPTIONS = (
    "--profile",
    "--config",
    "--sandbox",
    "--verbose",
    "-v",
    "--debug",
    "--no-color",
    "--version",
)


def _show_trace(error: BaseException, app: App) -> None:
    """A traceback for `--debug`: code lines without the values in them; causes by their kind."""
    import traceback

    current: BaseException | None = error
    while current is not None:
        for line in traceback.format_tb(current.__traceback__):
            app.terminal.write_stderr(line)
        words = f": {current}" if isinstance(current, StackSpotError) else ""
        app.terminal.say(f"{type(current).__module__}.{type(current).__qualname__}{words}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
