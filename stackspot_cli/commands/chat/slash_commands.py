"""The commands inside a chat: names, arguments, help, what each does, and what completes them.

Knows the table and the session that it works on; refuses to know keys and screens: what must be done outside
the session comes back as an action. Errors: StackSpotError, and the session is as it was.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from stackspot_cli.commands.chat.entries import Entry
from stackspot_cli.commands.chat.session import Action, Copy, Edit, Leave, Nothing, Save, Say, Send, Session
from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.nearest import nearest
from stackspot_cli.safe_text import safe_line
from stackspot_cli.settings import references
from stackspot_cli.translation import _

HISTORY_SHOWN = 20
TITLE_SHOWN = 60
IDS_OFFERED = 100
ID_SHOWN = 10  # a ULID's time: enough of it to tell two conversations apart


@dataclass(frozen=True, slots=True)
class Command:
    """arguments: as the help shows them. offers: (text, meta) of what may follow the word begun."""

    name: str
    arguments: str
    help: str
    run: Callable[[Session, str], Action]
    offers: Callable[[Session, str], Iterator[tuple[str, str]]]


# --- a line ----------------------------------------------------------------------------------------


def handle(session: Session, entry: Entry) -> Action:
    """What an entry leads to. A slash begins a command, two begin a message with a slash."""
    text = entry.text.rstrip()
    if not text.strip():
        return Nothing()
    said = text.lstrip()
    if entry.verbatim or not said.startswith("/"):
        return Send(session.compose(text))
    if said.startswith("//"):
        return Send(session.compose(said[1:]))
    name, *argument = said.split(maxsplit=1)
    command = find(name)
    if argument and not command.arguments:
        raise UsageError(
            _("{command} takes nothing after it, and nothing was done").format(command=command.name),
            _("write {command} alone; // begins a message that starts with a slash").format(
                command=command.name
            ),
        )
    return command.run(session, argument[0] if argument else "")


def find(name: str) -> Command:
    """The command of this name, with or without its slash. UsageError names the nearest."""
    wanted = "/" + name.lstrip("/").lower()
    wanted = ALIASES.get(wanted, wanted)
    for command in COMMANDS:
        if command.name == wanted:
            return command
    near = nearest(wanted, [command.name for command in COMMANDS], most=1)
    raise UsageError(
        _("there is no command {name}, and nothing was sent").format(name=safe_line(name, 60)),
        _("did you mean {nearest}? /help lists them; // begins a message that starts with a slash").format(
            nearest=near[0]
        )
        if near
        else _("/help lists them; // begins a message that starts with a slash"),
    )


# --- what the commands do --------------------------------------------------------------------------


def show_help(_session: Session, argument: str) -> Action:
    if argument:
        command = find(argument)
        return Say(f"{usage(command)}\n    {command.help}")
    wide = max(len(usage(command)) for command in COMMANDS)
    lines = [f"{usage(command).ljust(wide)}  {command.help}" for command in COMMANDS]
    lines += [
        "",
        _("Enter sends. Alt-Enter, Ctrl-J or a backslash at the end goes on in a new line."),
        _('A line """ opens and closes a block. // begins a message that starts with a slash.'),
        _("Ctrl-C stops the answer and keeps what came. Ctrl-D leaves."),
    ]
    return Say("\n".join(lines))


def usage(command: Command) -> str:
    return f"{command.name} {command.arguments}".rstrip()


def choose_model(session: Session, argument: str) -> Action:
    if argument:
        session.use_model(argument)
        return Say(_("model: {name}").format(name=session.model.name))
    lines = [_("model: {name}").format(name=session.model.name)]
    for model in session.app.settings.models:
        lines.append(f"  {model.name}  {safe_line(model.description, TITLE_SHOWN)}".rstrip())
    lines.append("  " + _("also {references}").format(references=references.forms()))
    return Say("\n".join(lines))


def set_system(session: Session, argument: str) -> Action:
    if argument:
        session.system = None if argument == "-" else argument
    if not session.system:
        return Say(_("instructions: none"))
    return Say(_("instructions: {text}").format(text=session.system))


def set_temperature(session: Session, argument: str) -> Action:
    if argument == "-":
        session.use_temperature(None)
    elif argument:
        try:
            value = float(argument.replace(",", "."))
        except ValueError:
            raise UsageError(
                _("the temperature is a number, not {given}").format(given=safe_line(argument, 40)),
                _("for example /temperature 0.2"),
            ) from None
        session.use_temperature(value)
    if not session.model.tunable:
        return Say(
            _("{name} takes no temperature: it belongs to its own set-up").format(name=session.model.name)
        )
    if session.temperature is None:
        return Say(
            _("temperature: {value}, the default").format(value=f"{session.model.temperature_default:g}")
        )
    return Say(_("temperature: {value}").format(value=f"{session.temperature:g}"))


def attach_files(session: Session, argument: str) -> Action:
    if argument == "-":
        session.waiting.clear()
    elif argument:
        session.attach(words(argument))
    if not session.waiting:
        return Say(_("no file waits for the next message"))
    names = ", ".join(safe_line(one.name, 200) for one in session.waiting)
    return Say(_("goes with the next message: {names}").format(names=names))


def upload_files(session: Session, argument: str) -> Action:
    if argument == "-":
        session.forget_uploads()
    elif argument:
        session.upload(words(argument))
    if not session.uploaded:
        return Say(_("nothing is uploaded for this conversation"))
    names = ", ".join(safe_line(one.name, 200) for one in session.uploaded)
    return Say(_("uploaded for this conversation: {names}").format(names=names))


def words(argument: str) -> list[str]:
    """Paths as a shell would read them; a path with spaces that exists stands for itself."""
    whole = os.path.expanduser(argument)  # noqa: PTH111  # a glob is no path
    if os.path.lexists(whole):
        return [whole]
    try:
        found = shlex.split(argument, posix=os.name != "nt")
    except ValueError:
        found = [argument]
    return [os.path.expanduser(word) for word in found]  # noqa: PTH111


def retry(session: Session, _argument: str) -> Action:
    if session.unsent is not None:
        return Send(session.unsent)
    last = session.take_back()
    if last is None:
        raise UsageError(_("there is no message to send again"), _("write one"))
    return Send(last.prompt)


def undo(session: Session, _argument: str) -> Action:
    if session.unsent is not None:
        forgotten, session.unsent = session.unsent, None
    else:
        last = session.take_back()
        if last is None:
            raise UsageError(_("there is nothing to take back"), _("/open ID goes to another conversation"))
        forgotten = last.prompt
    return Say(_("taken back: {message}").format(message=safe_line(forgotten, TITLE_SHOWN)))


def edit(session: Session, argument: str) -> Action:
    turns = session.conversation.turns
    if argument:  # a beginning for a new message
        return Edit(argument, replaces_last=False)
    if session.unsent is not None:
        return Edit(session.unsent, replaces_last=False)
    return Edit(turns[-1].prompt if turns else "", replaces_last=bool(turns))


def begin_anew(session: Session, _argument: str) -> Action:
    session.begin_anew()
    return Say(_("a new conversation"))


def list_history(session: Session, _argument: str) -> Action:
    summaries = session.app.history.summaries(HISTORY_SHOWN)
    if not summaries:
        return Say(_("no conversations yet"))
    lines = []
    for one in summaries:
        mark = "*" if one.id == session.conversation.id else " "
        title = safe_line(one.title, TITLE_SHOWN)
        when = datetime.fromtimestamp(one.updated_at).astimezone().strftime("%Y-%m-%d %H:%M")
        lines.append(f"{mark} {one.id}  {when}  {one.turn_count:>3}  {title}")
    lines.append(_("/open ID goes on with one; the beginning of an id will do"))
    return Say("\n".join(lines))


def open_conversation(session: Session, argument: str) -> Action:
    if not argument:
        raise UsageError(_("which conversation?"), _("/history lists them: /open 01K4"))
    found = session.app.history.find(argument)
    said = [opened(found.id, found.title, len(found.turns))]
    try:
        session.use_model(found.model)
    except (UsageError, ConfigError) as error:
        said.append(_("its model is not known here; going on with {name}").format(name=session.model.name))
        said.append(f"  {error.message}")
    session.go_on(found)
    session.system = found.system
    prompt, answer = last_words(session)
    return Say("\n".join([*said, *prompt]), answer)


def opened(id_: str, title: str, turns: int) -> str:
    return _("conversation {id}, turns: {count}: {title}").format(
        id=id_[:ID_SHOWN], count=turns, title=safe_line(title, TITLE_SHOWN)
    )


def last_words(session: Session) -> tuple[list[str], str]:
    """The last exchange, so that a person sees where they are: the message's first lines, and the answer."""
    if not session.conversation.turns:
        return [], ""
    last = session.conversation.turns[-1]
    return ["> " + line for line in last.prompt.rstrip().split("\n")[:5]], last.answer


def save(_session: Session, argument: str) -> Action:
    if not argument:
        raise UsageError(_("under which name?"), _("/save talk.md writes Markdown, /save talk.json JSON"))
    path = words(argument)
    if len(path) != 1:
        raise UsageError(_("/save takes one name"), _("put quotes around a name with spaces"))
    return Save(path[0])


def copy(session: Session, argument: str) -> Action:
    answer = session.last_answer
    if not answer:
        raise UsageError(_("there is no answer to copy yet"), _("ask something first"))
    if not argument:
        return Copy(answer, _("the answer"))
    if argument != "code":
        raise UsageError(
            _("/copy takes nothing, or the word code"), _("/copy code copies the first code block")
        )
    from stackspot_cli.markdown.fences import code_blocks

    blocks = code_blocks(answer)
    if not blocks:
        raise UsageError(_("the last answer holds no fenced code block"), _("/copy copies the whole answer"))
    if len(blocks) == 1:
        return Copy(blocks[0].code, _("the code block"))
    return Copy(blocks[0].code, _("the first of {count} code blocks").format(count=len(blocks)))


def count_tokens(session: Session, _argument: str) -> Action:
    status = session.status()
    about = "" if status.counted else "~"
    lines = [
        _("used: {used} of {limit} tokens, left: {left}").format(
            used=about + str(status.used),
            limit=session.model.max_input_tokens,
            left=about + str(status.left),
        )
    ]
    counts = [turn.usage for turn in session.conversation.turns]
    told_in = [one.prompt_tokens for one in counts if one.prompt_tokens is not None]
    told_out = [one.completion_tokens for one in counts if one.completion_tokens is not None]
    if told_in or told_out:
        lines.append(
            _("counted by the service in this conversation: {prompt} in, {completion} out").format(
                prompt=sum(told_in), completion=sum(told_out)
            )
        )
    elif counts:
        lines.append(_("the service told no counts; ~ marks our estimate"))
    return Say("\n".join(lines))


def leave(_session: Session, _argument: str) -> Action:
    return Leave()


# --- what completes them ---------------------------------------------------------------------------


def offers(session: Session, line: str) -> tuple[int, list[tuple[str, str]]]:
    """How many characters before the cursor are replaced, and by what. line: all that stands before the cursor."""
    if not line.startswith("/") or line.startswith("//") or "\n" in line:
        return 0, []
    name, blank, argument = line.partition(" ")
    if not blank:
        return len(name), [
            (command.name + (" " if command.arguments else ""), command.help)
            for command in COMMANDS
            if command.name.startswith(name.lower())
        ]
    try:
        command = find(name)
    except UsageError:
        return 0, []
    begun = argument.lstrip()
    if command.offers is _paths:
        begun = last_word(begun)
    return len(begun), list(command.offers(session, begun))


def last_word(text: str) -> str:
    """The word that is being typed, its escaped spaces in it."""
    start = len(text)
    while start and not (text[start - 1] == " " and (start < 2 or text[start - 2] != "\\")):
        start -= 1
    return text[start:]


def _nothing(_session: Session, _begun: str) -> Iterator[tuple[str, str]]:
    return iter(())


def _models(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for model in session.app.settings.models:
        if model.name.startswith(begun):
            yield (model.name, safe_line(model.description, TITLE_SHOWN))
    for prefix in references.prefixes(begun) if begun else ():
        yield (prefix, "")


def _conversations(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for one in session.app.history.summaries(IDS_OFFERED):
        if one.id.startswith(begun.upper()):
            yield (one.id, safe_line(one.title, TITLE_SHOWN))


def _paths(_session: Session, begun: str) -> Iterator[tuple[str, str]]:
    folder, _slash, name = begun.replace("\\ ", " ").rpartition("/")
    shown = folder + "/" if _slash else ""
    place = Path(os.path.expanduser(shown) or ".")  # noqa: PTH111  # `~name/` as a shell reads it
    try:
        found = sorted(os.scandir(place), key=lambda one: one.name)
    except OSError:
        return
    for one in found:
        if one.name.startswith(name) and (name.startswith(".") or not one.name.startswith(".")):
            path = shown + one.name + ("/" if one.is_dir() else "")
            if path.isprintable():  # a name with control characters is no completion
                yield (path.replace(" ", "\\ "), "")


def _code(_session: Session, begun: str) -> Iterator[tuple[str, str]]:
    if "code".startswith(begun):
        yield ("code", "")


def _names(_session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for command in COMMANDS:
        if command.name.startswith("/" + begun.lstrip("/")):
            yield (command.name, command.help)


COMMANDS: tuple[Command, ...] = (
    Command("/help", "[COMMAND]", _("this list, or one command"), show_help, _names),
    Command("/model", "[REF]", _("the model: show, or change"), choose_model, _models),
    Command(
        "/system", "[TEXT]", _("the instructions: show, or change; - takes them away"), set_system, _nothing
    ),
    Command(
        "/temperature", "[N]", _("0.0 to 1.0: show, or change; - is the default"), set_temperature, _nothing
    ),
    Command("/file", "PATH…", _("add text files to the next message; - forgets them"), attach_files, _paths),
    Command(
        "/upload",
        "PATH…",
        _("attach files by upload, documents too; - forgets them"),
        upload_files,
        _paths,
    ),
    Command("/retry", "", _("send the last message again, in place of its answer"), retry, _nothing),
    Command("/undo", "", _("take the last message and its answer back"), undo, _nothing),
    Command("/edit", "[TEXT]", _("the last message, or a new one, in $EDITOR; then send it"), edit, _nothing),
    Command("/new", "", _("begin a new conversation"), begin_anew, _nothing),
    Command("/history", "", _("list the newest conversations"), list_history, _nothing),
    Command("/open", "ID", _("go on with a conversation"), open_conversation, _conversations),
    Command("/save", "FILE", _("write the conversation as Markdown, or as JSON to FILE.json"), save, _paths),
    Command("/copy", "[code]", _("copy the last answer, or its first code block"), copy, _code),
    Command("/tokens", "", _("tokens used and left"), count_tokens, _nothing),
    Command("/exit", "", _("leave"), leave, _nothing),
)
ALIASES = {"/quit": "/exit"}
