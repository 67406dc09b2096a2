"""The program: argv to a command's options, the command, and the one place that says how the process ends.

A command ends by returning, which is 0, or by raising; `status` alone returns its exit code, for its report stands
on stdout by then. What each error's code is, `ExitCode.of` knows.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import tree
from stackspot_cli.errors import ExitCode, Refused, StackSpotError, Terminated
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _

COMPLETION_VARIABLE = "_STACKSPOT_COMPLETE"


def run_process(arguments: Sequence[str]) -> int:
    """One run of the program in this process, with its real streams, environment and signals."""
    if COMPLETION_VARIABLE in os.environ:
        return _complete_in_shell(arguments)
    terminal = Terminal.of_process(os.environ)
    for name in ("SIGTERM", "SIGHUP", "SIGQUIT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, partial(_terminate, terminal))
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, partial(_interrupt, terminal))
    return run(arguments, os.environ, terminal)


def _complete_in_shell(arguments: Sequence[str]) -> int:
    """Answers a shell's TAB, by Typer's own protocol (`completions/` has the shells' side)."""
    from stackspot_cli.commands import shell_completion

    shell_completion.register()
    try:
        tree.build().main(
            args=list(arguments),
            prog_name="stackspot",
            complete_var=COMPLETION_VARIABLE,
            standalone_mode=False,
        )
    except BrokenPipeError:  # the shell looks no longer
        Terminal.of_process(os.environ).abandon()
        return ExitCode.BROKEN_PIPE
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ExitCode.OK
    return ExitCode.OK


def _interrupt(terminal: Terminal, _number: int, _frame: object) -> None:
    terminal.hurry()
    raise KeyboardInterrupt


def _terminate(terminal: Terminal, number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough: what follows is tidying up
    terminal.hurry()
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
            terminal.finish()
        finally:
            app.close()
    except BaseException as error:  # noqa: BLE001  # the one place where everything becomes an exit code
        code = _report(error, app)
    return code


def parse(arguments: Sequence[str], app: App) -> Any:
    """The `Options` of the command that is called, and what stands before it handed to the app.

    Raises UsageError; typer.Exit where help or the version was all that was asked for.
    """
    root = tree.build()
    try:
        with root.make_context("stackspot", list(arguments), obj=app) as context:
            app.set_options(tree.RootOptions(**context.params))
            options = context.command.invoke(context)
    except typer.TyperException as error:
        from stackspot_cli.commands.wrong_calls import sentences  # deferred: only a mistake needs them

        raise sentences.told(error, arguments, root) from error
    _refuse_equals_after_letter(arguments, root)
    return options


def _refuse_equals_after_letter(arguments: Sequence[str], root: Any) -> None:
    """`-m=NAME` gives the value `=NAME` to Typer, and nobody means that."""
    if any(text[:1] == "-" and text[1:2].isalpha() and text[2:3] == "=" for text in arguments):
        from stackspot_cli.commands.wrong_calls import sentences

        sentences.refuse_equals_after_letter(arguments, root)


def _invoke(arguments: Sequence[str], app: App) -> int:
    options = parse(arguments, app)
    command: Any = sys.modules[type(options).__module__]  # a command is a module with `Options` and `run`
    try:
        code: int | None = command.run(options, app)
    except Refused as refusal:
        if not hasattr(options, "dry_run"):
            # Loaded already: it has made the refusal.
            from stackspot_cli.routes.refusals import without_dry_run

            refusal.hint = without_dry_run(refusal.hint)
        raise
    return ExitCode.OK if code is None else code


def _report(error: BaseException, app: App) -> int:
    """Says what is to be said of it. The exit code."""
    terminal = app.terminal
    match error:
        case typer.Exit():
            try:
                terminal.finish()
            except (LookupError, StackSpotError, BrokenPipeError) as late:
                return _report(late, app)
            return error.exit_code
        case typer.Abort():
            return ExitCode.of(KeyboardInterrupt())
        case KeyboardInterrupt() | Terminated():
            pass
        case BrokenPipeError():
            terminal.abandon()
        case _:
            if app.options.debug and error.__traceback__ is not None:
                _show_trace(error, app)
            terminal.error(error if isinstance(error, StackSpotError) else _bug(error))
    return ExitCode.of(error)


def _bug(error: BaseException) -> StackSpotError:
    return StackSpotError(
        _("this is a bug in stackspot ({kind})").format(kind=type(error).__name__),
        _("run it again with --debug and open an issue on GitHub with what it prints"),
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
