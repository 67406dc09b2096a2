"""`stackspot chat`: an interactive conversation, or each line of stdin a turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_checks, shared_options
from stackspot_cli.commands.chat.inputs import Input
from stackspot_cli.domain import AgentOptions
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.listener import ignore
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.commands.chat.session import Session


HELP = _(
    "An interactive conversation. /help lists its commands; Ctrl-D leaves.\n\n"
    "From a pipe each line is a turn: printf 'first question\\nsecond question\\n' | stackspot chat\n\n"
    "The first turn that fails ends it, with its exit code."
)


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `chat`, as it was typed."""

    message: Annotated[
        str | None, typer.Argument(metavar="MESSAGE", help=_("The first message; the chat goes on after it."))
    ] = None
    model: shared_options.Model = None
    system: shared_options.System = None
    files: Annotated[
        tuple[str, ...],
        shared_options.file_option(_("Add a text file to the first message; repeatable, globs allowed.")),
    ] = ()
    encoding: shared_options.Encoding = None
    uploads: shared_options.Uploads = ()
    temperature: shared_options.Temperature = None
    max_tokens: shared_options.MaxTokens = None
    continue_last: shared_options.Continue = False
    conversation: shared_options.Conversation = None
    agent: shared_options.Agent = AgentOptions()  # frozen
    format: shared_options.Format = None
    no_stream: shared_options.NoStream = False
    raw: shared_options.Raw = False
    usage: shared_options.Usage = False
    vi: Annotated[
        bool, typer.Option("--vi", help=_("Keys as in vi; `vi: true` in the config does it always."))
    ] = False
    timeout: shared_options.Timeout = None
    deadline: Annotated[
        float | None, shared_options.deadline_option(_("Longest time for one turn; default none."))
    ] = None
    retries: shared_options.Retries = None
    commands: Annotated[
        bool,
        typer.Option(
            "--commands", help=_("From a pipe: obey lines that start with / (they may read and write files).")
        ),
    ] = False
    send_secrets: shared_options.SendSecrets = False
    no_history: shared_options.NoHistory = False


def run(options: Options, app: App) -> None:
    """Raises StackSpotError: what makes a chat impossible, and on a pipe the first failed turn."""
    from stackspot_cli.settings.settings import Overrides

    shared_checks.check_conversation(options.continue_last, options.conversation, options.message)
    app.override(
        Overrides(
            timeout=options.timeout,
            deadline=options.deadline,
            retries=options.retries,
            history=False if options.no_history else None,
            send_secrets=options.send_secrets or None,
            vi=options.vi or None,
        )
    )
    person = app.terminal.stdin_kind == "terminal"
    if person:
        app.credentials  # noqa: B018  # missing ones are told before a message is written, not after
    session = begin(options, app)
    first = None if options.message is None else Input(options.message, verbatim=True)
    if person:
        _with_a_person(session, first)
    else:
        from stackspot_cli.commands.chat.loop import follow_lines

        follow_lines(session, commands=options.commands, first=first)


def begin(options: Options, app: App) -> Session:
    """The session as the options want it; nothing is sent but uploads."""
    from stackspot_cli.commands import owner
    from stackspot_cli.commands.answer import new_conversation
    from stackspot_cli.commands.chat.session import Session
    from stackspot_cli.output.present import Presentation
    from stackspot_cli.terminal.encodings import checked
    from stackspot_cli.terminal.prompt_input import refuse_unsendable

    found = owner.conversation_to_go_on_with(
        app, options.continue_last, options.conversation, command=owner.CHAT
    )
    model = shared_checks.model_to_ask(app, options.model, found)
    shared_checks.check_settings(app, model, options.temperature, options.max_tokens, options.agent)
    refuse_unsendable(options.system or "", _("the text after -s"))
    refuse_unsendable(options.message or "", _("the prompt"))
    session = Session(
        app,
        model,
        new_conversation(app, model),
        system=options.system,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        agent=options.agent,
        encoding=checked(options.encoding),
        presentation=Presentation(
            format=options.format.value if options.format else None,
            stream=not options.no_stream,
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


def _with_a_person(session: Session, first: Input | None) -> None:
    from contextlib import nullcontext

    from stackspot_cli.commands.chat.effects import last_words, opened
    from stackspot_cli.commands.chat.loop import PlainReader, converse
    from stackspot_cli.commands.owner import CHAT

    terminal = session.app.terminal
    conversation = session.conversation
    terminal.tell(_("{model}: /help lists the commands, Ctrl-D leaves").format(model=session.model.name))
    if conversation.turns:
        terminal.tell(opened(conversation.id, conversation.title, len(conversation.turns)))
        prompt, answer = last_words(session)
        terminal.say("\n".join(prompt))
        session.show_again(answer)
    if terminal.dumb or not (terminal.stdout_is_terminal or terminal.stderr_is_terminal):
        converse(session, PlainReader(terminal), nullcontext, first)
    else:
        _with_keys(session, first)
    app = session.app
    if session.turns and app.keeps_answers:
        command = f"{app.options.program} {CHAT.format(id=session.conversation.id)}"
        terminal.tell(_("go on later: {command}").format(command=command))


def _with_keys(session: Session, first: Input | None) -> None:
    from stackspot_cli.commands.chat.keyboard import Keyboard
    from stackspot_cli.commands.chat.loop import bottom_line, converse
    from stackspot_cli.commands.chat.slash_commands import offered

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
        from stackspot_cli.commands.chat.readiness import Readiness
        from stackspot_cli.history.typed_lines import InputHistory, file_name

        keep = app.settings.history_enabled.value
        editor = LineEditor(
            keyboard,
            InputHistory(
                app.settings.places.data_dir / file_name(app.account) if keep else None, note=terminal.note
            ),
            offers=lambda line: offered(session, line),
            bottom_line=lambda: bottom_line(session.status()),
            vi=app.settings.vi.value,
            color=terminal.color,
            # Under -v each step is told, and would be told in the middle of the line that is being written.
            typing=ignore if app.options.verbose or app.options.debug else Readiness(session).heed,
        )
        converse(session, editor, keyboard.lent, first)
