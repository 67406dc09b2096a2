"""`stackspot run`: a remote quick command, followed to its result.

Knows the options, the input and where the result goes; refuses to know how an execution is followed (`client`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_checks, shared_options, shell_values
from stackspot_cli.errors import AnswerLacks, UsageError
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.quick_commands import Execution
    from stackspot_cli.network.patience import Patience


class Format(StrEnum):
    text = "text"
    markdown = "markdown"
    json = "json"


HELP = _(
    "Run a remote quick command and follow it to its result.\n\n"
    "Ctrl-C stops the following, not the command: what it prints follows the execution again."
)


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `run`, as it was typed. wait, poll: seconds; None for what is usual."""

    slug: Annotated[
        str | None,
        typer.Argument(
            metavar="SLUG",
            help=_("The quick command's slug, or its name in the config file."),
            autocompletion=shell_values.quick_commands,
        ),
    ] = None
    input: Annotated[
        str | None, typer.Argument(metavar="INPUT", help=_("Its input; - reads it from stdin."))
    ] = None
    files: shared_options.Files = ()
    json_input: Annotated[
        str | None,
        typer.Option(
            "--json-input", metavar="JSON|@FILE|-", help=_("Input as JSON: itself, a file, or stdin.")
        ),
    ] = None
    uploads: shared_options.Uploads = ()
    conversation: Annotated[
        str | None, typer.Option("--conversation", metavar="ID", help=_("The service's conversation to use."))
    ] = None
    execution: Annotated[
        str | None, typer.Option("--execution", metavar="ID", help=_("Follow this execution again."))
    ] = None
    wait: Annotated[float | None, shared_options.wait_option(_("Longest time to follow; default 600."))] = (
        None
    )
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help=_("Print the execution's id and do not follow it."))
    ] = False
    poll: shared_options.Poll = None
    format: Annotated[Format | None, shared_options.answer_format()] = None
    extract: shared_options.Extract = False
    extract_last: shared_options.ExtractLast = False
    output: shared_options.Output = None
    raw: shared_options.Raw = False
    timeout: shared_options.Timeout = None
    deadline: shared_options.Deadline = None
    retries: shared_options.Retries = None
    no_stdin: shared_options.NoStdin = False
    dry_run: shared_options.DryRun = False


def run(options: Options, app: App) -> None:
    """Raises StackSpotError."""
    from stackspot_cli.client import quick_commands
    from stackspot_cli.settings.settings import Overrides
    from stackspot_cli.terminal.progress import progress_line

    check(options)
    files = shared_checks.looked_at(options.uploads)
    began = app.now()
    app.override(Overrides(timeout=options.timeout, deadline=options.deadline, retries=options.retries))
    alive = options.format is not Format.text
    if options.execution is not None:
        with progress_line(app.terminal, app.now, alive=alive):
            patience = app.client.patience()
            execution = follow(app, options, options.execution.strip(), patience, created_now=False)
        deliver(app, options, execution)
        return
    slug = find_slug(app, options.slug or "")
    ends = app.ends(began)
    data = read_input(app, options, ends)
    if options.dry_run:
        _show_request(app, options, slug, data)
        return
    with progress_line(app.terminal, app.now, alive=alive) as line:
        patience = app.client.patience().another(ends=ends)
        ids = tuple(app.new_uploads().upload_all(files, line.show, patience)) if files else ()
        call = quick_commands.create(slug, data, conversation_id=options.conversation, upload_ids=ids)
        execution_id = quick_commands.start(app.client, call, patience)
        app.step(_("execution {id}").format(id=execution_id))
        if not options.no_wait:
            execution = follow(app, options, execution_id, patience, created_now=True)
    if options.no_wait:
        _print_id(app, options, execution_id)
    else:
        deliver(app, options, execution)


# --- what was typed --------------------------------------------------------------------------------


def check(options: Options) -> None:
    """Refuses options that contradict one another, before anything is read or sent."""
    if options.execution is not None:
        _check_following(options, options.execution)
    elif not (options.slug or "").strip():
        raise UsageError(
            _("which quick command? its slug is missing"),
            _("stackspot run SLUG [INPUT], or stackspot run --execution ID to follow one again"),
        )
    if options.json_input is not None and (options.input is not None or options.files):
        raise UsageError(
            _("--json-input is the whole input: it excludes INPUT and -f"),
            _("put everything into the JSON, or leave --json-input out"),
        )
    if options.no_wait and options.wait is not None:
        raise UsageError(_("--wait and --no-wait exclude one another"), _("choose one"))
    shared_checks.check_extract(
        first=options.extract, last=options.extract_last, format_=options.format, path=".result"
    )
    shared_checks.check_waiting(options.wait, options.poll)


def _check_following(options: Options, execution: str) -> None:
    given = {
        "SLUG": options.slug is not None,
        "-f": options.files,
        "--json-input": options.json_input is not None,
        "--upload": options.uploads,
        "--conversation": options.conversation is not None,
        "--no-wait": options.no_wait,
        "--dry-run": options.dry_run,
    }
    new = [name for name, is_given in given.items() if is_given]
    if new:
        raise UsageError(
            _("--execution follows what runs already; {names} would start something new").format(
                names=", ".join(new)
            ),
            _("leave them out: stackspot run --execution ID"),
        )
    if not execution.strip():
        raise UsageError(
            _("--execution needs the id of an execution"), _("`stackspot run … --no-wait` prints one")
        )


def find_slug(app: App, reference: str) -> str:
    """A slug, `command:SLUG`, or the name of a quick command in the config file. Raises UsageError."""
    return app.settings.find_target("command", reference)


def read_input(app: App, options: Options, ends: float | None) -> Any:
    """The input: text, or the JSON that was given. ends: see `App.ends`. Raises UsageError, TimedOut."""
    from stackspot_cli.terminal import prompt_input
    from stackspot_cli.terminal.input_reader import InputReader

    terminal = app.terminal
    reader = InputReader(terminal, terminal.note, ends=ends, now=app.now)
    if options.json_input is None:
        handed_in = prompt_input.Given(
            options.input, options.files, no_stdin=options.no_stdin, may_be_empty=True
        )
        return prompt_input.assemble(handed_in, reader, terminal.stdin_kind)
    given = options.json_input
    if given == "-":
        return parse_json(reader.stdin(may_skip=False), _("stdin"))
    if given.startswith("@"):
        from pathlib import Path

        from stackspot_cli.safe_text import safe_line

        return parse_json(reader.file(Path(given[1:])), safe_line(given[1:]))
    return parse_json(given, "--json-input")


def parse_json(text: str, where: str) -> Any:
    """Raises UsageError where it is no JSON, NaN and Infinity included (RFC 8259 has none)."""
    import json

    def refuse(word: str) -> None:
        raise ValueError(_("{word} is no JSON").format(word=word))

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            _("{where} is no JSON: {why}").format(where=where, why=error),
            _('quote it for the shell: --json-input \'{"text": "Hello"}\', or give a file: @FILE'),
        ) from error


# --- on its way ------------------------------------------------------------------------------------


def follow(
    app: App, options: Options, execution_id: str, patience: Patience, *, created_now: bool
) -> Execution:
    """The execution when it is over. patience: of the whole command. Raises StackSpotError."""
    from stackspot_cli.client import quick_commands

    plan = shared_checks.poll_plan(app, options.wait, options.poll)
    return quick_commands.follow(app.client, execution_id, plan, patience, created_now=created_now)


def _show_request(app: App, options: Options, slug: str, data: Any) -> None:
    from stackspot_cli.client import quick_commands
    from stackspot_cli.output.present import named_uploads, put_object

    ids = named_uploads(options.uploads)
    call = quick_commands.create(slug, data, conversation_id=options.conversation, upload_ids=ids)
    put_object(app.terminal, app.client.described(call), options.output, indent=2)


# --- what came -------------------------------------------------------------------------------------


def deliver(app: App, options: Options, execution: Execution) -> None:
    """Puts the result where it was wanted. Raises CommandFailed for one that failed, AnswerLacks, LocalError."""
    from stackspot_cli.client import quick_commands
    from stackspot_cli.conversation.answer import Answer, Start, added_up
    from stackspot_cli.domain import Source
    from stackspot_cli.output.present import Presentation, present, put_object

    if options.format is Format.json:
        put_object(app.terminal, execution.whole, options.output)
    if execution.state == "failed":
        raise quick_commands.failure(execution)
    if options.format is Format.json:
        return
    if execution.result is None:
        raise AnswerLacks(
            _("the quick command completed without a result"),
            _("--format json shows all that StackSpot told about it"),
        )
    plain = isinstance(execution.result, str)
    block = shared_checks.extracted(first=options.extract, last=options.extract_last)
    presentation = Presentation(
        format=options.format.value if options.format else None if plain else "text",
        extract=block if plain else None,  # JSON that stands in no fence is unwrapped already
        output=options.output,
        raw=options.raw,
    )
    # The result is what was asked for; what it leans on stands in `--format json`.
    events = [event for event in quick_commands.events(execution) if not isinstance(event, Source)]
    answer, start = Answer(), Start(options.slug or "", execution.conversation_id or "")
    present(app.terminal, presentation, added_up(events, answer), start, answer, now=app.now)


def _print_id(app: App, options: Options, execution_id: str) -> None:
    from stackspot_cli.safe_text import safe_line

    if options.format is Format.json:
        app.terminal.write_json({"execution_id": execution_id}, indent=None)
    else:
        app.terminal.write(f"{safe_line(execution_id)}\n")
