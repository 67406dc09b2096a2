"""`stackspot chat`: an interactive conversation, or each line of stdin a turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.shared_options import AnswerFormat as Format
from stackspot_cli.domain import AgentOptions
from stackspot_cli.errors import UsageError
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.commands.chat.session import Session
    from stackspot_cli.domain import Conversation


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `chat`, as it was typed."""

    model: str | None = None
    system: str | None = None
    files: tuple[str, ...] = ()
    uploads: tuple[str, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    continue_last: bool = False
    conversation: str | None = None
    agent: AgentOptions = field(default_factory=AgentOptions)
    format: Format | None = None
    stream: bool = True
    raw: bool = False
    usage: bool = False
    vi: bool = False
    timeout: float | None = None
    deadline: float | None = None
    retries: int | None = None
    history: bool = True


HELP = _(
    "An interactive conversation. /help lists its commands; Ctrl-D leaves.\n\n"
    "From a pipe each line is a turn: printf 'first question\\nsecond question\\n' | stackspot chat\n\n"
    "The first turn that fails ends it, with its exit code."
)


def command(
    ctx: typer.Context,
    model: shared_options.Model = None,
    system: Annotated[
        str | None,
        typer.Option(
            "-s", "--system", metavar="TEXT", help=_("Instructions placed before the conversation.")
        ),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(
            "-f",
            "--file",
            metavar="PATH",
            help=_("Add a text file to the first message; repeatable, globs allowed."),
        ),
    ] = None,
    upload: shared_options.Upload = None,
    temperature: shared_options.Temperature = None,
    max_tokens: shared_options.MaxTokens = None,
    continue_: shared_options.Continue = False,
    conversation: shared_options.Conversation = None,
    knowledge: shared_options.Knowledge = None,
    stackspot_knowledge: shared_options.StackSpotKnowledge = False,
    deep_search: shared_options.DeepSearch = False,
    agent_version: shared_options.AgentVersion = None,
    select_model: shared_options.SelectModel = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help=_("Of each answer; default: markdown on a terminal, text elsewhere.")),
    ] = None,
    no_stream: shared_options.NoStream = False,
    raw: shared_options.Raw = False,
    usage: Annotated[
        bool, typer.Option("--usage", help=_("Token counts on stderr after each answer."))
    ] = False,
    vi: Annotated[
        bool, typer.Option("--vi", help=_("Keys as in vi; `vi: true` in the config does it always."))
    ] = False,
    timeout: shared_options.Timeout = None,
    deadline: Annotated[
        float | None,
        typer.Option("--deadline", metavar="S", help=_("Longest time for one turn; default none.")),
    ] = None,
    retries: shared_options.Retries = None,
    no_history: Annotated[
        bool, typer.Option("--no-history", help=_("Keep nothing on disk, what you type included."))
    ] = False,
) -> None:
    run(
        Options(
            model=model,
            system=system,
            files=tuple(file or ()),
            uploads=tuple(upload or ()),
            temperature=temperature,
            max_tokens=max_tokens,
            continue_last=continue_,
            conversation=conversation,
            agent=AgentOptions(
                tuple(knowledge or ()), stackspot_knowledge, deep_search, agent_version, select_model
            ),
            format=format_,
            stream=not no_stream,
            raw=raw,
            usage=usage,
            vi=vi,
            timeout=timeout,
            deadline=deadline,
            retries=retries,
            history=not no_history,
        ),
        ctx.obj,
    )


def run(options: Options, app: App) -> None:
    """Raises StackSpotError: what makes a chat impossible, and on a pipe the first failed turn."""
    if options.continue_last and options.conversation is not None:
        raise UsageError(_("-c and --conversation exclude one another"), _("choose one"))
    app.override(
        timeout=options.timeout,
        deadline=options.deadline,
        retries=options.retries,
        history=None if options.history else False,
        vi=True if options.vi else None,
    )
    session = begin(options, app)
    if app.terminal.stdin_kind == "terminal":
        _with_a_person(session)
    else:
        from stackspot_cli.commands.chat.loop import follow_lines

        follow_lines(session)


def begin(options: Options, app: App) -> Session:
    """The session as the options want it; nothing is sent but uploads."""
    from stackspot_cli.commands.chat.session import Session
    from stackspot_cli.conversation.limits import check_agent_options, check_limits
    from stackspot_cli.output.present import Presentation
    from stackspot_cli.terminal.prompt_input import refuse_unsendable

    found = _conversation(options, app)
    model = app.settings.find_model(options.model or (found.model if found else app.settings.model.value))
    check_limits(model, options.temperature, options.max_tokens)
    check_agent_options(model, options.agent)
    if not model.tunable and (options.temperature is not None or options.max_tokens is not None):
        app.terminal.note(
            _("{name} takes no temperature or length: they belong to its own set-up").format(name=model.name)
        )
    refuse_unsendable(options.system or "", _("the text after -s"))
    session = Session(
        app,
        model,
        app.new_conversation(model),
        system=options.system,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        agent=options.agent,
        presentation=Presentation(
            format=options.format.value if options.format else None,
            stream=options.stream,
            raw=options.raw,
            usage=options.usage,
        ),
    )
    if found is not None:
        session.go_on(found)
        session.system = found.system if options.system is None else options.system
    if options.files:
        session.attach(options.files)
    if options.uploads:
        session.upload(options.uploads)
    return session


def _conversation(options: Options, app: App) -> Conversation | None:
    if not options.continue_last and options.conversation is None:
        return None
    from stackspot_cli.conversation.past import resume

    return resume(app.history, profile=app.settings.profile.value, wanted=options.conversation)


def _with_a_person(session: Session) -> None:
    from contextlib import nullcontext

    from stackspot_cli.commands.chat.loop import PlainReader, converse
    from stackspot_cli.commands.chat.slash_commands import last_words, opened

    terminal = session.app.terminal
    conversation = session.conversation
    terminal.say(_("{model}: /help lists the commands, Ctrl-D leaves").format(model=session.model.name))
    if conversation.turns:
        terminal.say(opened(conversation.id, conversation.title, len(conversation.turns)))
        prompt, answer = last_words(session)
        terminal.say("\n".join(prompt))
        session.show_again(answer)
    if terminal.dumb or not (terminal.stdout_is_terminal or terminal.stderr_is_terminal):
        converse(session, PlainReader(terminal), nullcontext)
    else:
        _with_keys(session)
    app = session.app
    if session.told and app.keeps_answers:
        terminal.say(_("go on later: stackspot chat --conversation {id}").format(id=session.conversation.id))


def _with_keys(session: Session) -> None:
    from stackspot_cli.commands.chat.keyboard import Keyboard
    from stackspot_cli.commands.chat.loop import bottom_line, converse
    from stackspot_cli.commands.chat.slash_commands import offers

    app = session.app
    terminal = app.terminal

    def show(text: str) -> None:
        if terminal.stdout_is_terminal:
            terminal.write(text)
            terminal.flush()
        else:
            terminal.write_stderr(text)

    with Keyboard(show) as keyboard:
        from stackspot_cli.commands.chat.line_editor import (
            LineEditor,  # deferred: prompt_toolkit, for a terminal alone
        )
        from stackspot_cli.commands.chat.typed_lines import FILE_NAME, InputHistory

        keep = app.settings.history_enabled.value
        editor = LineEditor(
            keyboard,
            InputHistory(app.settings.data_dir / FILE_NAME if keep else None, note=terminal.note),
            offers=lambda line: offers(session, line),
            bottom_line=lambda: bottom_line(session.status()),
            vi=app.settings.vi.value,
            color=terminal.color,
        )
        converse(session, editor, keyboard.lent)
