"""`stackspot batch`: many prompts in, one line an answer out; goes on where it ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_checks, shared_demands, shared_options
from stackspot_cli.commands.batch.line_options import LineOptions
from stackspot_cli.errors import BatchIncomplete, LocalError, RateLimited, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.batch.tally import Tally
    from stackspot_cli.commands.batch.looking import Prompts, Seen
    from stackspot_cli.commands.batch.out import Out
    from stackspot_cli.commands.batch.preparing import Prepared

HELP = _(
    "Many prompts, one quota: each line of IN is asked, each answer is a line of OUT.\n\n"
    'IN is JSON Lines: {"id": 1, "prompt": "Say hi"}, the parameters of a template with -T, or a batch file of '
    "OpenAI's. OUT has whole lines only: after whatever ended it, --resume goes on and asks nothing twice that was "
    "answered.\n\n"
    "All processes of this machine share the account's quota. Tell it once: "
    "stackspot config set providers.stackspot.quota.per_minute 20"
)
MOST_JOBS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(LineOptions):
    """One call of `batch`, as it was typed."""

    input: Annotated[
        str, typer.Argument(metavar="IN", help=_("JSON Lines, an object with a prompt each; - is stdin."))
    ]
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="OUT", help=_("The file of answers, a line each; - is stdout.")
        ),
    ] = None
    jobs: Annotated[
        int, typer.Option("-j", "--jobs", metavar="N", min=1, max=MOST_JOBS, help=_("So many at once."))
    ] = 4
    resume: Annotated[bool, typer.Option("--resume", help=_("Go on where OUT ends."))] = False
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help=_("Go on, and ask again what failed before."))
    ] = False
    ordered: Annotated[
        bool, typer.Option("--ordered", help=_("OUT in the order of IN, when it is done."))
    ] = False
    max_failures: Annotated[
        int | None, typer.Option("--max-failures", metavar="N", min=1, help=_("Stop after so many failures."))
    ] = None
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help=_("Leave lines out that cannot be asked, and name them."))
    ] = False
    timeout: shared_options.Timeout = None
    deadline: Annotated[
        float | None, shared_options.deadline_option(_("Longest time for one prompt; default none."))
    ] = None
    retries: shared_options.Retries = None
    no_history: shared_options.NoHistory = False
    dry_run: shared_options.DryRun = False


def run(options: Options, app: App) -> None:
    """Raises StackSpotError."""
    import gc

    from stackspot_cli.batch.source import Source
    from stackspot_cli.commands.batch import looking, preparing
    from stackspot_cli.commands.batch.out import open_out
    from stackspot_cli.settings.settings import Overrides
    from stackspot_cli.terminal.encodings import checked

    gc.enable()  # off since the start of the process, which is right for a call and wrong for a long one
    began = app.now()
    check(options)
    app.override(Overrides(timeout=options.timeout, deadline=options.deadline, retries=options.retries))
    prepared = preparing.prepare(options, app, stdin_is_taken=options.input == "-")
    with Source.of(options.input, app.terminal.stdin, checked(options.encoding)) as source:
        prompts = looking.Prompts(source, prepared.wish, prepared.template_parameters)
        seen = prompts.look()
        _tell_what_is_odd(app, seen, source.name, skip=options.skip_bad)
        if options.dry_run:
            _show_requests(app, prompts, seen)
            return
        assert options.output is not None, "check has looked"
        opened = open_out(app, options.output, resume=options.resume, retry_failed=options.retry_failed)
        with opened as out:
            _answer_all(options, app, prepared, prompts, seen, out, began)


def check(options: Options) -> None:
    """Refuses options that contradict one another, and an OUT that is there, before anything is read or sent."""
    shared_checks.check_extract(first=options.extract, last=options.extract_last, format_=None, path="")
    shared_demands.check_schema(
        one=options.schema, many=options.schema_multi, extract=options.extract or options.extract_last
    )
    if options.dry_run:
        return
    if options.output is None:
        raise UsageError(
            _("where do the answers go? -o is missing"),
            _("for example: stackspot batch in.jsonl -o out.jsonl"),
        )
    goes_on = options.resume or options.retry_failed
    if options.output == "-":
        if goes_on or options.ordered:
            raise UsageError(
                _("stdout cannot be gone on with, nor put in order"), _("name a file after -o: -o out.jsonl")
            )
    elif not goes_on and Path(options.output).is_file():
        raise already_there(options.output)


def already_there(output: str) -> UsageError:
    from stackspot_cli.safe_text import safe_line

    return UsageError(
        _("{path} is there already").format(path=safe_line(output)),
        _("add --resume to go on with it, or name another file after -o"),
    )


# --- before anything is sent -------------------------------------------------------------------------


def _tell_what_is_odd(app: App, seen: Seen, name: str, *, skip: bool) -> None:
    """Raises UsageError for bad lines that are not to be left out."""
    from stackspot_cli.commands.batch.looking import tell_bad
    from stackspot_cli.safe_text import safe_line

    if seen.bad:
        tell_bad(seen, name, app.terminal.note, skip=skip)
    if seen.unknown:
        names = ", ".join(safe_line(key, 60) for key in list(seen.unknown)[:10])
        app.terminal.note(_("{name}: keys that mean nothing here: {keys}").format(name=name, keys=names))
    if not seen.digests and not seen.bad:
        app.terminal.note(_("{name} holds no line").format(name=name))


def _show_requests(app: App, prompts: Prompts, seen: Seen) -> None:
    from stackspot_cli.batch.ids import Ids
    from stackspot_cli.batch.questions import Asking
    from stackspot_cli.ulid import new_ulid

    for task in prompts.unanswered(seen, Ids()):
        if isinstance(task, Asking):
            prompt = task.question.within(new_ulid(), task.question.text)
            request = app.client.described(app.client.call_for(task.model, prompt))
            app.terminal.write_json({"id": task.id, **request}, indent=None)


# --- the answers -------------------------------------------------------------------------------------


def _answer_all(
    options: Options, app: App, prepared: Prepared, prompts: Prompts, seen: Seen, out: Out, began: float
) -> None:
    """Raises what ended it; BatchIncomplete where some lines have no answer."""
    from stackspot_cli.batch.tally import Tally
    from stackspot_cli.commands.batch.answering import Batch

    tally = Tally(len(seen.digests), sum(one in out.answered for one in seen.digests), began)
    failed_before, writable = out.failed, True
    try:
        if tally.before < tally.total:
            batch = Batch(app, prepared, out, tally, max_failures=options.max_failures)
            batch.run(prompts.unanswered(seen, out.answered), options.jobs)
    except RateLimited as stopped:
        raise _stopped_by_quota(stopped, tally) from stopped
    except LocalError:
        writable = False
        raise
    finally:
        if options.ordered and writable:
            _put_in_order(out, seen)
        if tally.total:
            app.terminal.say(tally.summary(app.now(), len(seen.bad)))
    _raise_for_failures(tally, failed_before, len(seen.bad))


def _put_in_order(out: Out, seen: Seen) -> None:
    from stackspot_cli.batch.record import Record

    if isinstance(out, Record):
        out.put_in_order(seen.digests)


def _stopped_by_quota(stopped: RateLimited, tally: Tally) -> RateLimited:
    """The same, with what was reached, and how to go on."""
    stopped.message = _("stopped by the quota, {done} of {total} done: {why}").format(
        done=tally.done, total=tally.total, why=stopped.message
    )
    goes_on = _("the same command with --resume goes on then")
    stopped.hint = _("{when}; {goes_on}").format(
        when=stopped.hint or _("come back in a minute"), goes_on=goes_on
    )
    return stopped


def _raise_for_failures(tally: Tally, failed_before: int, left_out: int) -> None:
    failed = tally.failed + failed_before
    if not failed and not left_out and tally.done == tally.total:
        return
    if tally.done < tally.total:  # only --max-failures ends it so
        raise BatchIncomplete(
            _("stopped after {count} failures, {done} of {total} done").format(
                count=tally.failed, done=tally.done, total=tally.total
            ),
            _("see what they have in common, then go on with --retry-failed"),
        )
    if failed:
        raise BatchIncomplete(
            _("{count} of {total} prompts failed").format(count=failed, total=tally.total),
            _("`error` in their lines of OUT says why; --retry-failed asks them again"),
        )
    raise BatchIncomplete(
        _("{count} lines were left out").format(count=left_out), _("correct them, then go on with --resume")
    )
