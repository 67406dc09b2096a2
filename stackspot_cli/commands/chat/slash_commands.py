"""The commands inside a chat: their names, arguments and help, in one table, and how a line finds its own.

Knows how they are spelled; refuses to know what each does (`effects`) and what completes it (`offers`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stackspot_cli.commands.chat import effects, habits, offers, prompt_commands
from stackspot_cli.commands.chat.actions import Action, Nothing, Say, Send
from stackspot_cli.commands.chat.inputs import Input
from stackspot_cli.commands.chat.session import Session
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.listing import listing
from stackspot_cli.terminal.table import FACTS
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Command:
    """arguments: as the help shows them. offers: (text, meta) of what may follow the word begun."""

    name: str
    arguments: str
    help: str
    run: Callable[[Session, str], Action]
    offers: Callable[[Session, str], Iterator[tuple[str, str]]] = offers.nothing


# --- a line ----------------------------------------------------------------------------------------


def is_command(given: Input) -> bool:
    """Whether a slash begins it, and no second one follows."""
    said = given.text.lstrip()
    return not given.verbatim and said.startswith("/") and not said.startswith("//")


def handle(session: Session, given: Input) -> Action:
    """What an input leads to. A slash begins a command, two begin a message with a slash."""
    text = given.text.rstrip()
    if not text.strip():
        return Nothing()
    said = text.lstrip()
    if not is_command(given):
        return Send(session.compose(text if given.verbatim or not said.startswith("//") else said[1:]))
    name, *argument = said.split(maxsplit=1)
    command = find(name) if names_command(name) else None
    if command is None and (prompt := name.removeprefix("/")) in prompt_commands.names(session):
        return prompt_commands.use(session, prompt, argument[0] if argument else "")
    command = command or find(name)
    if argument and not command.arguments:
        raise UsageError(
            _("{command} takes nothing after it, and nothing was done").format(command=command.name),
            _("write {command} alone; // begins a message that starts with a slash").format(
                command=command.name
            ),
        )
    return command.run(session, argument[0] if argument else "")


def names_command(name: str) -> bool:
    called = "/" + name.lstrip("/").lower()
    return called in ALIASES or any(command.name == called for command in COMMANDS)


def find(name: str) -> Command:
    """The command of this name, with or without its slash. UsageError names the nearest."""
    called = "/" + name.lstrip("/").lower()
    called = ALIASES.get(called, called)
    for command in COMMANDS:
        if command.name == called:
            return command
    near = habits.nearest_command(called, [command.name for command in COMMANDS])
    raise UsageError(
        _("there is no command {name}, and nothing was sent").format(name=safe_line(name, 60)),
        _("did you mean {nearest}? /help lists them; // begins a message that starts with a slash").format(
            nearest=near
        )
        if near
        else _("/help lists them; // begins a message that starts with a slash"),
    )


def show_help(session: Session, argument: str) -> Action:
    if argument:
        command = find(argument)
        return Say(f"{usage(command)}\n    {command.help}")
    lines = [
        listing(
            session.app.terminal,
            [(usage(command), command.help) for command in COMMANDS],
            FACTS,
            said=True,
        ),
        _("Enter sends. Alt-Enter, Ctrl-J or a backslash at the end goes on in a new line."),
        _('A line """ opens and closes a block. // begins a message that starts with a slash.'),
        _("Ctrl-C stops the answer and keeps what came. Ctrl-D leaves."),
    ]
    return Say("\n".join(lines))


def usage(command: Command) -> str:
    return f"{command.name} {command.arguments}".rstrip()


def offered(session: Session, line: str) -> tuple[int, list[tuple[str, str]]]:
    """How many characters before the cursor are replaced, and by what. line: all that stands before the cursor."""
    if not line.startswith("/") or line.startswith("//") or "\n" in line:
        return 0, []
    name, blank, argument = line.partition(" ")
    if not blank:
        return len(name), [
            (command.name + (" " if command.arguments else ""), command.help)
            for command in COMMANDS
            if command.name.startswith(name.lower())
        ] + [
            (text, help_)
            for text, help_ in prompt_commands.offered(session, name)
            if not names_command(text.rstrip())
        ]
    try:
        command = find(name)
    except UsageError:
        return 0, []
    begun = argument.lstrip()
    if command.offers is offers.paths:
        begun = offers.last_word(begun)
    return len(begun), list(command.offers(session, begun))


def _names(_session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for command in COMMANDS:
        if command.name.startswith("/" + begun.lstrip("/")):
            yield (command.name, command.help)


COMMANDS: tuple[Command, ...] = (
    Command("/help", "[COMMAND]", _("this list, or one command"), show_help, _names),
    Command("/model", "[REF]", _("the model: show, or change"), effects.choose_model, offers.models),
    Command(
        "/system", "[TEXT]", _("the instructions: show, or change; - takes them away"), effects.set_system
    ),
    Command(
        "/temperature", "[N]", _("0.0 to 1.0: show, or change; - is the default"), effects.set_temperature
    ),
    Command(
        "/file",
        "PATH…",
        _("add text files to the next message; - forgets them"),
        effects.attach_files,
        offers.paths,
    ),
    Command(
        "/upload",
        "PATH…",
        _("attach files by upload, documents too; - forgets them"),
        effects.upload_files,
        offers.paths,
    ),
    Command("/retry", "", _("send the last message again, in place of its answer"), effects.retry),
    Command("/undo", "", _("take the last message and its answer back"), effects.undo),
    Command(
        "/edit", "[TEXT]", _("the last message, or a new one, in $EDITOR; then send it"), effects.edit_message
    ),
    Command("/new", "", _("begin a new conversation"), effects.begin_anew),
    Command("/history", "", _("list the newest conversations"), effects.list_history),
    Command("/open", "ID", _("go on with a conversation"), effects.open_conversation, offers.conversations),
    Command(
        "/save",
        "FILE",
        _("write the conversation as Markdown, or as JSON to FILE.json"),
        effects.save_conversation,
        offers.paths,
    ),
    Command(
        "/copy",
        "[code]",
        _("copy the last answer, or its first code block"),
        effects.copy_answer,
        offers.code,
    ),
    Command(
        "/schema",
        "[SCHEMA]",
        _("what every answer has to be, as JSON; - takes it away"),
        prompt_commands.hold_to_schema,
    ),
    Command("/prompts", "", _("the prompts in files; /NAME words uses one"), prompt_commands.listed),
    Command("/tokens", "", _("tokens used and left"), effects.count_tokens),
    Command("/exit", "", _("leave"), effects.leave),
)
ALIASES = {"/quit": "/exit", "/bye": "/exit", "/q": "/exit"}
