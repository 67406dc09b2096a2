"""`stackspot complete`: one prompt in, one answer out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_checks, shared_demands, shared_options
from stackspot_cli.domain import AgentOptions, Question
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.uploads import LocalFile
    from stackspot_cli.commands.shared_templates import Chosen
    from stackspot_cli.conversation.plan import Plan
    from stackspot_cli.domain import Conversation
    from stackspot_cli.network.patience import Patience
    from stackspot_cli.output.present import Demand
    from stackspot_cli.structured.schema import Schema
    from stackspot_cli.terminal.input_reader import InputReader

HELP = _(
    "One prompt in, one answer out; stdin, files, pipes, CI.\n\n"
    "With text on stdin as well, the prompt comes first and stdin after it: git diff | stackspot "
    'complete "What breaks?"'
)


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `complete`, as it was typed."""

    prompt: Annotated[
        str | None, typer.Argument(metavar="PROMPT", help=_("The request; - reads it from stdin."))
    ] = None
    model: shared_options.Model = None
    system: shared_options.System = None
    files: shared_options.Files = ()
    encoding: shared_options.Encoding = None
    temperature: shared_options.Temperature = None
    max_tokens: shared_options.MaxTokens = None
    continue_last: shared_options.Continue = False
    conversation: shared_options.Conversation = None
    uploads: shared_options.Uploads = ()
    require_sources: Annotated[
        bool, typer.Option("--require-sources", help=_("An answer without sources ends with exit code 8."))
    ] = False
    agent: shared_options.Agent = AgentOptions()  # frozen
    template: shared_options.Template = None
    parameters: shared_options.Parameters = ()
    schema: shared_options.Schema = None
    schema_multi: shared_options.SchemaMulti = None
    fail_if: shared_options.FailIf = ()
    fail_unless: shared_options.FailUnless = ()
    format: shared_options.Format = None
    extract: shared_options.Extract = False
    extract_last: shared_options.ExtractLast = False
    output: shared_options.Output = None
    no_stream: shared_options.NoStream = False
    raw: shared_options.Raw = False
    usage: shared_options.Usage = False
    timeout: shared_options.Timeout = None
    deadline: shared_options.Deadline = None
    retries: shared_options.Retries = None
    no_stdin: shared_options.NoStdin = False
    send_secrets: shared_options.SendSecrets = False
    no_history: shared_options.NoHistory = False
    dry_run: shared_options.DryRun = False


def run(options: Options, app: App) -> None:
    """Raises StackSpotError."""
    from stackspot_cli.settings.settings import Overrides

    began = app.now()
    check(options)
    app.override(
        Overrides(
            timeout=options.timeout,
            deadline=options.deadline,
            retries=options.retries,
            history=False if options.no_history else None,
            send_secrets=options.send_secrets or None,
        )
    )
    chosen = _chosen(options, app)
    if chosen is not None:
        options = with_head(options, chosen)
        check(options)
    files = shared_checks.looked_at(options.uploads)
    ends = app.ends(began)  # one deadline for stdin, uploads, token and answer
    request = decide(options, app, ends, chosen)
    if options.dry_run:
        _show_request(options, app, request.plan)
        return
    if request.plan.note:
        app.terminal.note(request.plan.note)
    patience = app.client.patience().another(ends=ends)
    if files:
        request = _with_uploads(files, app, request, patience)
    _answer(options, app, request, patience)


# --- what was typed --------------------------------------------------------------------------------


def check(options: Options) -> None:
    """Refuses options that contradict one another, before anything is read or sent."""
    shared_checks.check_extract(
        first=options.extract,
        last=options.extract_last,
        format_=options.format,
        path=".choices[0].message.content",
    )
    shared_checks.check_output(options.output)
    shared_demands.check_schema(
        one=options.schema, many=options.schema_multi, extract=options.extract or options.extract_last
    )
    shared_checks.check_conversation(options.continue_last, options.conversation, options.prompt)


def _chosen(options: Options, app: App) -> Chosen | None:
    """The prompt of `-T`."""
    if options.template is not None:
        from stackspot_cli.commands import shared_templates  # deferred: most prompts are typed

        return shared_templates.choose(app, options.template)
    if options.parameters:
        raise UsageError(
            _("-p gives a parameter of a prompt, and no prompt was chosen"),
            _("choose one with -T: `stackspot prompts list`")
            if any("=" in one for one in options.parameters)
            else _("a prompt of your own stands without an option: stackspot complete {prompt}").format(
                prompt=_quoted(options.parameters[0])
            ),
        )
    return None


def _quoted(text: str) -> str:
    import shlex  # deferred: only a mistake needs it

    from stackspot_cli.safe_text import safe_line

    return shlex.quote(safe_line(text, 200))


def with_head(options: Options, chosen: Chosen) -> Options:
    """What the prompt's head says counts where no option says it; its files come before those of the options."""
    head = chosen.template
    own_schema = options.schema is not None or options.schema_multi is not None
    return replace(
        options,
        model=options.model if options.model is not None else chosen.model,
        temperature=options.temperature if options.temperature is not None else head.temperature,
        max_tokens=options.max_tokens if options.max_tokens is not None else head.max_tokens,
        files=(*chosen.files, *options.files),
        uploads=(*chosen.uploads, *options.uploads),
        schema=options.schema if own_schema else chosen.schema,
        fail_if=options.fail_if or head.fail_if,
        fail_unless=options.fail_unless or head.fail_unless,
    )


# --- what is asked ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that is known before something is sent.

    again: plans what is said next in the conversation as it stands then.
    """

    plan: Plan
    schema: Schema | None
    demands: tuple[Demand, ...]
    again: Callable[[Conversation, str], Plan]


def decide(options: Options, app: App, ends: float | None, chosen: Chosen | None = None) -> Request:
    """The model, the conversation, the text, and what the answer has to be. ends: see `App.ends`."""
    from stackspot_cli.commands import owner
    from stackspot_cli.terminal.encodings import checked
    from stackspot_cli.terminal.input_reader import InputReader
    from stackspot_cli.terminal.prompt_input import refuse_unsendable

    conversation = owner.conversation_to_go_on_with(
        app, options.continue_last, options.conversation, command=owner.COMPLETE
    )
    model = shared_checks.model_to_ask(app, options.model, conversation, may_ask=not options.dry_run)
    shared_checks.check_settings(app, model, options.temperature, options.max_tokens, options.agent)
    refuse_unsendable(options.system or "", _("the text after -s"))
    reader = InputReader(
        app.terminal, app.terminal.note, ends=ends, now=app.now, encoding=checked(options.encoding)
    )
    schema = shared_demands.schema_asked(options.schema, options.schema_multi, reader.file)
    demands = shared_demands.demands(options.fail_if, options.fail_unless)
    if not options.dry_run:
        shared_checks.expect(app, model.route.service)
    from stackspot_cli.commands import answer  # deferred: a connection is on its way meanwhile

    text, system = _prompt(options, app, reader, chosen)
    question = Question(text, options.temperature, options.max_tokens, agent=options.agent)
    if schema is not None:
        from stackspot_cli.structured.fitting import instruction

        question = replace(question, instruction=instruction(schema))

    def plan(conversation: Conversation, question: Question, system: str | None) -> Plan:
        return answer.planned(app, conversation, question, model, system)

    return Request(
        plan(conversation or answer.new_conversation(app, model), question, system),
        schema,
        demands,
        lambda conversation, text: plan(conversation, replace(question, text=text, instruction=""), None),
    )


def _prompt(options: Options, app: App, reader: InputReader, chosen: Chosen | None) -> tuple[str, str | None]:
    """The text, and the instructions before it."""
    from stackspot_cli.terminal import prompt_input

    given = prompt_input.Given(
        options.prompt, options.files, no_stdin=options.no_stdin, may_be_empty=chosen is not None
    )
    if chosen is None:
        return prompt_input.assemble(given, reader, app.terminal.stdin_kind), options.system
    from stackspot_cli.commands import shared_templates

    parameters = shared_templates.read_parameters(options.parameters, reader.file)
    chosen.template.check(parameters)  # before stdin is waited for
    parts = prompt_input.read_parts(given, reader, app.terminal.stdin_kind)
    input_ = "\n\n".join(part for part in (parts.request, parts.stdin) if part)
    shared_templates.refuse_without_input(chosen, (input_, *parts.files))
    text, system = chosen.text(parameters, input_, parts.files)
    return text, system if options.system is None else options.system


def _show_request(options: Options, app: App, plan: Plan) -> None:
    from stackspot_cli.output.present import named_uploads, put_object

    prompt = replace(plan.prompt, upload_ids=named_uploads(options.uploads))
    request = app.client.described(app.client.call_for(plan.model, prompt))
    put_object(app.terminal, request, options.output, indent=2)


def _with_uploads(files: tuple[LocalFile, ...], app: App, request: Request, patience: Patience) -> Request:
    from stackspot_cli.terminal.progress import progress_line

    with progress_line(app.terminal, app.now) as line:
        ids = tuple(app.new_uploads().upload_all(files, line.show, patience))

    def named(plan: Plan) -> Plan:
        return replace(plan, prompt=replace(plan.prompt, upload_ids=ids))

    def again(conversation: Conversation, text: str) -> Plan:
        plan = request.again(conversation, text)
        return named(plan) if plan.whole else plan

    return replace(request, plan=named(request.plan), again=again)


# --- what comes ------------------------------------------------------------------------------------


def _answer(options: Options, app: App, request: Request, patience: Patience) -> None:
    from stackspot_cli.commands import answer
    from stackspot_cli.output.present import Presentation

    presentation = Presentation(
        format=options.format.value if options.format else None,
        extract=shared_checks.extracted(first=options.extract, last=options.extract_last),
        output=options.output,
        stream=not options.no_stream,
        raw=options.raw,
        usage=options.usage,
        require_sources=options.require_sources,
        demands=request.demands,
    )
    plan = request.plan
    if request.schema is not None:
        answer.show_value(app, plan, presentation, request.schema, request.again, patience)
    else:
        answer.show(app, answer.answering(app, plan, presentation, patience, goes_on=False), presentation)
