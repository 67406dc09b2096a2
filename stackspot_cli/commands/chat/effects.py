"""What the commands inside a chat do to the session. What must be done outside it comes back as an action.

Errors: StackSpotError, and the session is as it was. Refuses to know how the commands are spelled.
"""

from __future__ import annotations

import os
import shlex

from stackspot_cli.commands.chat.actions import Action, Copy, Edit, Leave, Save, Say, Send
from stackspot_cli.commands.chat.session import Session
from stackspot_cli.commands.owner import CHAT, own
from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.settings import references
from stackspot_cli.terminal.listing import listing, short_ids
from stackspot_cli.terminal.prompt_input import refuse_unsendable
from stackspot_cli.terminal.table import Column, moment
from stackspot_cli.translation import _, numeral

HISTORY_SHOWN = 20
TITLE_SHOWN = 60
ID_SHOWN = 10  # a ULID's time: enough of it to tell two conversations apart


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
        refuse_unsendable(argument, _("the text after /system"))
        session.system = None if argument == "-" else argument
    if not session.system:
        return Say(_("instructions: none"))
    return Say(_("instructions: {text}").format(text=session.system))


def set_temperature(session: Session, argument: str) -> Action:
    if argument == "-":
        session.use_temperature(None)
    elif argument:
        try:
            value = float(argument.replace(",", "."))  # whatever the locale: a person types it
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
            _("temperature: {value}, the default").format(
                value=numeral(f"{session.model.temperature_default:g}")
            )
        )
    return Say(_("temperature: {value}").format(value=numeral(f"{session.temperature:g}")))


def attach_files(session: Session, argument: str) -> Action:
    if argument == "-":
        session.waiting.clear()
    elif argument:
        session.attach(words(argument), _("check the name, or type TAB; `/file tests/*.py` takes many"))
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


def edit_message(session: Session, argument: str) -> Action:
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
    terminal, ids = session.app.terminal, [one.id for one in summaries]
    if terminal.stderr_is_terminal:
        ids = short_ids(ids, session.app.history.ids())
    several = len(session.app.history.profiles()) > 1
    rows = [
        (
            "*" if one.id == session.conversation.id else "",
            id_,
            moment(one.updated_at),
            *([one.profile] if several else []),
            str(one.turn_count),
            safe_line(one.title, TITLE_SHOWN),
        )
        for id_, one in zip(ids, summaries, strict=True)
    ]
    shown = listing(terminal, rows, [Column()] * 5, empty="", said=True)
    return Say(shown + _("/open ID goes on with one; the beginning of an id will do"))


def open_conversation(session: Session, argument: str) -> Action:
    if not argument:
        raise UsageError(_("which conversation?"), _("/history lists them: /open 01K4"))
    found = own(session.app, argument, command=CHAT)
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


def save_conversation(_session: Session, argument: str) -> Action:
    if not argument:
        raise UsageError(_("under which name?"), _("/save talk.md writes Markdown, /save talk.json JSON"))
    path = words(argument)
    if len(path) != 1:
        raise UsageError(_("/save takes one name"), _("put quotes around a name with spaces"))
    return Save(path[0])


def copy_answer(session: Session, argument: str) -> Action:
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
