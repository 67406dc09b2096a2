"""`stackspot complete`: one prompt in, one answer out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.shared_options import AnswerFormat as Format
from stackspot_cli.conversation.limits import check_agent_options, check_limits
from stackspot_cli.domain import AgentOptions, Question
from stackspot_cli.errors import UsageError
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.uploads import LocalFile
    from stackspot_cli.conversation.plan import Plan
    from stackspot_cli.domain import Conversation
    from stackspot_cli.network.patience import Patience


MOST_SECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `complete`, as it was typed."""

    prompt: str | None = None
    model: str | None = None
    system: str | None = None
    files: tuple[str, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    continue_last: bool = False
    conversation: str | None = None
    uploads: tuple[str, ...] = ()
    require_sources: bool = False
    agent: AgentOptions = field(default_factory=AgentOptions)
    format: Format | None = None
    extract: bool = False
    extract_last: bool = False
    output: str | None = None
    stream: bool = True
    raw: bool = False
    usage: bool = False
    timeout: float | None = None
    deadline: float | None = None
    retries: int | None = None
    read_stdin: bool = True
    history: bool = True
    dry_run: bool = False


HELP = _(
    "One prompt in, one answer out; stdin, files, pipes, CI.\n\n"
    "With text on stdin as well, the prompt comes first and stdin after it: git diff | stackspot "
    'complete "What breaks?"'
)


def command(
    ctx: typer.Context,
    prompt: Annotated[
        str | None,
        typer.Argument(metavar="PROMPT", help=_("The request; - reads it from stdin.")),
    ] = None,
    model: shared_options.Model = None,
    system: Annotated[
        str | None,
        typer.Option("-s", "--system", metavar="TEXT", help=_("Instructions placed before the prompt.")),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            "-f",
            "--file",
            metavar="PATH",
            help=_("Add a text file; repeatable; globs in quotes: 'src/*.py'; - is stdin."),
        ),
    ] = None,
    temperature: shared_options.Temperature = None,
    max_tokens: shared_options.MaxTokens = None,
    continue_: shared_options.Continue = False,
    conversation: shared_options.Conversation = None,
    upload: shared_options.Upload = None,
    require_sources: Annotated[
        bool, typer.Option("--require-sources", help=_("An answer without sources ends with exit code 8."))
    ] = False,
    knowledge: shared_options.Knowledge = None,
    stackspot_knowledge: shared_options.StackSpotKnowledge = False,
    deep_search: shared_options.DeepSearch = False,
    agent_version: shared_options.AgentVersion = None,
    select_model: shared_options.SelectModel = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help=_("Default: markdown on a terminal, text elsewhere.")),
    ] = None,
    extract: shared_options.Extract = False,
    extract_last: shared_options.ExtractLast = False,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help=_("Write the answer there."))
    ] = None,
    no_stream: shared_options.NoStream = False,
    raw: shared_options.Raw = False,
    usage: Annotated[bool, typer.Option("--usage", help=_("Token counts on stderr at the end."))] = False,
    timeout: shared_options.Timeout = None,
    deadline: shared_options.Deadline = None,
    retries: shared_options.Retries = None,
    no_stdin: shared_options.NoStdin = False,
    no_history: Annotated[
        bool, typer.Option("--no-history", help=_("Keep nothing of this call on disk."))
    ] = False,
    dry_run: shared_options.DryRun = False,
) -> None:
    run(
        Options(
            prompt=prompt,
            model=model,
            system=system,
            files=tuple(file or ()),
            temperature=temperature,
            max_tokens=max_tokens,
            continue_last=continue_,
            conversation=conversation,
            uploads=tuple(upload or ()),
            require_sources=require_sources,
            agent=AgentOptions(
                tuple(knowledge or ()), stackspot_knowledge, deep_search, agent_version, select_model
            ),
            format=format_,
            extract=extract,
            extract_last=extract_last,
            output=output,
            stream=not no_stream,
            raw=raw,
            usage=usage,
            timeout=timeout,
            deadline=deadline,
            retries=retries,
            read_stdin=not no_stdin,
            history=not no_history,
            dry_run=dry_run,
        ),
        ctx.obj,
    )


def run(options: Options, app: App) -> None:
    """Raises StackSpotError."""
    began = app.now()
    check(options)
    files = shared_options.looked_at(options.uploads)
    app.override(
        timeout=options.timeout,
        deadline=options.deadline,
        retries=options.retries,
        history=None if options.history else False,
    )
    ends = app.ends(began)  # one deadline for stdin, uploads, token and answer
    plan = decide(options, app, ends)
    if options.dry_run:
        _show_request(options, app, plan)
        return
    if plan.note:
        app.terminal.note(plan.note)
    patience = app.client.patience().another(ends=ends)
    if files:
        plan = _with_uploads(files, app, plan, patience)
    _answer(options, app, plan, patience)


def decide(options: Options, app: App, ends: float | None) -> Plan:
    """Everything that can be known before something is sent: the model, the conversation, the text.

    ends: see `App.ends`.
    """
    from stackspot_cli.conversation.past import estimate_for
    from stackspot_cli.conversation.plan import plan_turn
    from stackspot_cli.terminal import prompt_input
    from stackspot_cli.terminal.input_reader import InputReader

    conversation = _conversation(options, app)
    kept = app.settings.model.value if conversation is None else conversation.model
    name = kept if options.model is None else options.model
    model = app.settings.find_model(name)
    check_limits(model, options.temperature, options.max_tokens)
    check_agent_options(model, options.agent)
    if not model.tunable and (options.temperature is not None or options.max_tokens is not None):
        app.terminal.note(
            _("{name} takes no temperature or length: they belong to its own set-up").format(name=model.name)
        )
    prompt_input.refuse_unsendable(options.system or "", _("the text after -s"))
    given = prompt_input.Given(options.prompt, options.files, no_stdin=not options.read_stdin)
    reader = InputReader(app.terminal, app.terminal.note, ends=ends, now=app.now)
    text = prompt_input.assemble(given, reader, app.terminal.stdin_kind)
    question = Question(text, options.temperature, options.max_tokens, agent=options.agent)
    return plan_turn(
        conversation or app.new_conversation(model),
        question,
        model,
        scope=app.scope(model),
        fresh_id=app.fresh_id,
        system=options.system,
        estimate=lambda: estimate_for(app.kept_history, model),
    )


def _conversation(options: Options, app: App) -> Conversation | None:
    """The one to go on with, where the options say so."""
    if not options.continue_last and options.conversation is None:
        return None
    from dataclasses import replace

    from stackspot_cli.conversation.past import resume

    found = resume(app.history, profile=app.settings.profile.value, wanted=options.conversation)
    # A turn that is not kept must not be part of what the service has seen of the kept conversation.
    return found if app.kept_history is not None else replace(found, in_sync=False)


def check(options: Options) -> None:
    """Refuses options that contradict one another, before anything is read or sent."""
    if options.extract and options.extract_last:
        raise UsageError(_("-x and --extract-last exclude one another"), _("choose one"))
    if (options.extract or options.extract_last) and options.format in (Format.json, Format.jsonl):
        raise UsageError(
            _("-x prints code, --format {format} an object: choose one").format(format=options.format),
            _("or take the code out of the object: | jq -r '.choices[0].message.content'"),
        )
    if options.continue_last and options.conversation is not None:
        raise UsageError(_("-c and --conversation exclude one another"), _("choose one"))
    for name, value, least in (
        ("--timeout", options.timeout, 0.0),
        ("--deadline", options.deadline, 0.0),
    ):
        if value is not None and not least < value < MOST_SECONDS:
            raise UsageError(
                _("{name} is a number of seconds above 0 and below {most}").format(
                    name=name, most=f"{MOST_SECONDS:,}"
                ),
                _("for example {name} 60").format(name=name),
            )
    if options.retries is not None and not 0 <= options.retries <= 100:
        raise UsageError(_("--retries is a whole number from 0 to 100"), _("for example --retries 5"))


def _show_request(options: Options, app: App, plan: Plan) -> None:
    from dataclasses import replace

    from stackspot_cli.output.present import named_uploads, put_object

    prompt = replace(plan.prompt, upload_ids=named_uploads(options.uploads))
    request = app.client.described(app.client.call_for(plan.model, prompt))
    put_object(app.terminal, request, options.output, indent=2)


def _with_uploads(files: tuple[LocalFile, ...], app: App, plan: Plan, patience: Patience) -> Plan:
    from dataclasses import replace

    from stackspot_cli.terminal.progress import progress_line

    with progress_line(app.terminal, app.now) as line:
        ids = tuple(app.uploads.upload_all(files, line.show, patience))
    return replace(plan, prompt=replace(plan.prompt, upload_ids=ids))


def _answer(options: Options, app: App, plan: Plan, patience: Patience) -> None:
    from stackspot_cli.commands import answer
    from stackspot_cli.output.present import Presentation

    presentation = Presentation(
        format=options.format.value if options.format else None,
        extract="last" if options.extract_last else "first" if options.extract else None,
        output=options.output,
        stream=options.stream,
        raw=options.raw,
        usage=options.usage,
        require_sources=options.require_sources,
    )
    answer.show(app, answer.answering(app, plan, presentation, patience, goes_on=False), presentation)
