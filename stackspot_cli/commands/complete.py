"""`stackspot complete`: one prompt in, one answer out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_checks, shared_options
from stackspot_cli.domain import AgentOptions, Question
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.uploads import LocalFile
    from stackspot_cli.conversation.plan import Plan
    from stackspot_cli.network.patience import Patience

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
    temperature: shared_options.Temperature = None
    max_tokens: shared_options.MaxTokens = None
    continue_last: shared_options.Continue = False
    conversation: shared_options.Conversation = None
    uploads: shared_options.Uploads = ()
    require_sources: Annotated[
        bool, typer.Option("--require-sources", help=_("An answer without sources ends with exit code 8."))
    ] = False
    agent: shared_options.Agent = AgentOptions()  # noqa: RUF009  # frozen
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
    no_history: shared_options.NoHistory = False
    dry_run: shared_options.DryRun = False


def run(options: Options, app: App) -> None:
    """Raises StackSpotError."""
    from stackspot_cli.settings.settings import Overrides

    began = app.now()
    check(options)
    files = shared_checks.looked_at(options.uploads)
    app.override(
        Overrides(
            timeout=options.timeout,
            deadline=options.deadline,
            retries=options.retries,
            history=False if options.no_history else None,
        )
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
    from stackspot_cli.commands import answer
    from stackspot_cli.terminal import prompt_input
    from stackspot_cli.terminal.input_reader import InputReader

    conversation = shared_checks.conversation_to_go_on_with(app, options.continue_last, options.conversation)
    model = shared_checks.model_to_ask(app, options.model, conversation)
    shared_checks.check_settings(app, model, options.temperature, options.max_tokens, options.agent)
    prompt_input.refuse_unsendable(options.system or "", _("the text after -s"))
    given = prompt_input.Given(options.prompt, options.files, no_stdin=options.no_stdin)
    reader = InputReader(app.terminal, app.terminal.note, ends=ends, now=app.now)
    text = prompt_input.assemble(given, reader, app.terminal.stdin_kind)
    question = Question(text, options.temperature, options.max_tokens, agent=options.agent)
    conversation = conversation or answer.new_conversation(app, model)
    return answer.planned(app, conversation, question, model, options.system)


def check(options: Options) -> None:
    """Refuses options that contradict one another, before anything is read or sent."""
    shared_checks.check_extract(
        first=options.extract,
        last=options.extract_last,
        format_=options.format,
        path=".choices[0].message.content",
    )
    shared_checks.check_conversation(options.continue_last, options.conversation)


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
        ids = tuple(app.new_uploads().upload_all(files, line.show, patience))
    return replace(plan, prompt=replace(plan.prompt, upload_ids=ids))


def _answer(options: Options, app: App, plan: Plan, patience: Patience) -> None:
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
    )
    answer.show(app, answer.answering(app, plan, presentation, patience, goes_on=False), presentation)
