"""`stackspot run`: a remote quick command, followed to its result.

Knows the options, the input and where the result goes; refuses to know how an execution is followed (`client`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_checks, shared_demands, shared_options, shell_values
from stackspot_cli.domain import Question
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.output.present import Presentation
    from stackspot_cli.routes.call import Call
    from stackspot_cli.structured.schema import Schema
    from stackspot_cli.terminal.input_reader import InputReader


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
    encoding: shared_options.Encoding = None
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
    schema: shared_options.Schema = None
    schema_multi: shared_options.SchemaMulti = None
    fail_if: shared_options.FailIf = ()
    fail_unless: shared_options.FailUnless = ()
    format: Annotated[Format | None, shared_options.answer_format()] = None
    extract: shared_options.Extract = False
    extract_last: shared_options.ExtractLast = False
    output: shared_options.Output = None
    raw: shared_options.Raw = False
    timeout: shared_options.Timeout = None
    deadline: shared_options.Deadline = None
    retries: shared_options.Retries = None
    no_stdin: shared_options.NoStdin = False
    send_secrets: shared_options.SendSecrets = False
    dry_run: shared_options.DryRun = False


def run(options: Options, app: App) -> None:
    """Raises StackSpotError."""
    from stackspot_cli.commands.run_result import Following, show
    from stackspot_cli.settings.settings import Overrides
    from stackspot_cli.terminal.encodings import checked
    from stackspot_cli.terminal.input_reader import InputReader
    from stackspot_cli.terminal.progress import progress_line

    check(options)
    files = shared_checks.looked_at(options.uploads)
    began = app.now()
    app.override(
        Overrides(
            timeout=options.timeout,
            deadline=options.deadline,
            retries=options.retries,
            send_secrets=options.send_secrets or None,
        )
    )
    _check_ids(options, app)
    ends = app.ends(began)
    reader = InputReader(
        app.terminal, app.terminal.note, ends=ends, now=app.now, encoding=checked(options.encoding)
    )
    schema = shared_demands.schema_asked(options.schema, options.schema_multi, reader.file)
    presentation = presented(options)
    following = Following(app, shared_checks.poll_plan(app, options.wait, options.poll), ends)
    if options.execution is not None:
        shared_checks.expect(app, "api")
        show(following, presentation, schema, options.execution.strip())
        return
    slug = find_slug(app, options.slug or "")
    if not options.dry_run:
        shared_checks.expect(app, "api")
    call = create(options, slug, read_input(app, options, reader), schema)
    if options.dry_run:
        _show_request(app, options, call)
        return
    if files:
        call = following.with_uploads(call, files)
    if options.no_wait:
        with progress_line(app.terminal, app.now):
            id_ = following.start(call)
        _print_id(app, options, id_)
    else:
        show(following, presentation, schema, call, name=slug, may_repair=options.json_input is None)


def _check_ids(options: Options, app: App) -> None:
    """Ids are text, and a conversation of ours is this account's."""
    shared_checks.check_text(options.execution, "--execution")
    shared_checks.check_text(options.conversation, "--conversation")
    if options.conversation is not None:
        from stackspot_cli.commands import owner  # deferred: most calls belong to no conversation

        owner.refuse_strange(app, options.conversation, command=owner.RUN)


def create(options: Options, slug: str, data: Any, schema: Schema | None) -> Call:
    """The call that starts the execution. A text says what the answer has to be; JSON goes as it is."""
    from stackspot_cli.client import quick_commands
    from stackspot_cli.output.present import named_uploads

    if schema is not None and options.json_input is None:
        from stackspot_cli.structured.fitting import instruction

        data = Question(data, instruction=instruction(schema)).instructed
    ids = named_uploads(options.uploads)
    return quick_commands.create(slug, data, conversation_id=options.conversation, upload_ids=ids)


def presented(options: Options) -> Presentation:
    from stackspot_cli.output.present import Presentation

    return Presentation(
        format=options.format.value if options.format else None,
        extract=shared_checks.extracted(first=options.extract, last=options.extract_last),
        output=options.output,
        raw=options.raw,
        demands=shared_demands.demands(options.fail_if, options.fail_unless),
    )


# --- what was typed --------------------------------------------------------------------------------


def check(options: Options) -> None:
    """Refuses options that contradict one another, before anything is read or sent."""
    from stackspot_cli.terminal.prompt_input import refuse_unsendable

    for text, what in (
        (options.slug, _("the slug")),
        (options.conversation, _("the text after --conversation")),
        (options.execution, _("the text after --execution")),
    ):
        refuse_unsendable(text or "", what)
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
    shared_demands.check_schema(
        one=options.schema, many=options.schema_multi, extract=options.extract or options.extract_last
    )
    shared_checks.check_output(options.output)
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


def read_input(app: App, options: Options, reader: InputReader) -> Any:
    """The input: text, or the JSON that was given. Raises UsageError, TimedOut."""
    from stackspot_cli.terminal import prompt_input

    if options.json_input is None:
        handed_in = prompt_input.Given(
            options.input, options.files, no_stdin=options.no_stdin, may_be_empty=True
        )
        return prompt_input.assemble(handed_in, reader, app.terminal.stdin_kind)
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
        from stackspot_cli.structured.json_text import reason  # deferred: only a mistake needs it

        why = reason(error) if isinstance(error, json.JSONDecodeError) else error
        raise UsageError(
            _("{where} is no JSON: {why}").format(where=where, why=why),
            _('quote it for the shell: --json-input \'{"text": "Hello"}\', or give a file: @FILE'),
        ) from error


def _show_request(app: App, options: Options, call: Call) -> None:
    from stackspot_cli.output.present import put_object

    put_object(app.terminal, app.client.described(call), options.output, indent=2)


def _print_id(app: App, options: Options, execution_id: str) -> None:
    from stackspot_cli.safe_text import safe_line

    if options.format is Format.json:
        app.terminal.write_json({"execution_id": execution_id}, indent=None)
    else:
        app.terminal.write(f"{safe_line(execution_id)}\n")
