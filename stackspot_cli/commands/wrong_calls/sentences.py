"""What Typer refuses, in our words and the reader's language, with a line to paste where one can be told.

Knows Typer's errors by what they hold. Decides nothing and runs nothing: what somebody may have meant is said, and
never done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stackspot_cli.commands.wrong_calls import lines
from stackspot_cli.commands.wrong_calls.typed import Line, read
from stackspot_cli.errors import UsageError
from stackspot_cli.nearest import nearest
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _, either

LONGEST_SHOWN = 200


def told(error: Any, arguments: Sequence[str], root: Any) -> UsageError:
    """error: a typer.TyperException, which shows its kind by what it holds. root: the whole tree.

    The error as ours; its hint can be followed.
    """
    line = read(arguments, root)
    if hasattr(error, "possibilities"):
        return _unknown_option(error.option_name, line, root)
    if hasattr(error, "param_type"):
        return _missing(error, line)
    if hasattr(error, "option_name"):
        return _value_or_none(error, line)
    if getattr(error, "param", None) is not None:
        return _bad_value(error, line)
    if line.unknown is not None:
        return _unknown_command(line, root)
    if _places(line.command) >= 0 and len(line.words) > _places(line.command):
        return _too_many(line)
    return UsageError(error.format_message().rstrip("."), _help(line))


def refuse_equals_after_letter(arguments: Sequence[str], root: Any) -> None:
    """Raises UsageError where a single letter's value begins with an equals sign in the same argument."""
    for one in read(arguments, root).tokens:
        if one.option is not None and one.text[2:3] == "=" and one.value == one.text[2:]:
            letter, value = one.text[:2], one.text[3:]
            raise UsageError(
                _("the value of {option} stands behind it, without an equals sign").format(option=letter),
                lines.did_you_mean([letter, value]),
            )


# --- commands --------------------------------------------------------------------------------------


def _unknown_command(line: Line, root: Any) -> UsageError:
    word = line.unknown or ""
    message = _("there is no command {name}").format(name=_shown(" ".join([*line.path, word])))
    return UsageError(message, lines.for_unknown_command(line, root) or _commands(line))


def _commands(line: Line) -> str:
    names = ", ".join(line.command.table)
    return _("`{command}` has {names}").format(command=line.called, names=names)


def _too_many(line: Line) -> UsageError:
    extra = line.words[_places(line.command) :]
    if line.path == ("login",):  # one of them may be a key
        return UsageError(
            _("`{command}` takes no words beside its options").format(command=line.called), _help(line)
        )
    message = _("arguments that have no place here: {words}").format(words=_shown(" ".join(extra)))
    return UsageError(message, lines.for_words_too_many(line) or _help(line))


def _places(command: Any) -> int:
    """How many words a command takes; -1 for any number."""
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    return -1 if any(one.nargs == -1 for one in arguments) else len(arguments)


# --- options ---------------------------------------------------------------------------------------


def _unknown_option(name: str, line: Line, root: Any) -> UsageError:
    typed = lines.prompt_with_a_dash(name, line)
    message = _("there is no option {name}").format(name=_shown(name if typed is None else typed))
    return UsageError(message, lines.for_unknown_option(name, line, root) or _help(line))


def _missing(error: Any, line: Line) -> UsageError:
    name = lines.name_of(error.param)
    return UsageError(_("{name} is missing").format(name=name), _help(line))


def _value_or_none(error: Any, line: Line) -> UsageError:
    """An option without the value that it needs, or with one that it does not take."""
    name = error.option_name
    flag = any(name in one.opts and one.is_flag for one in line.command.params)
    if flag:
        return UsageError(_("{option} takes no value").format(option=name), _help(line))
    return UsageError(_("{option} needs a value").format(option=name), _help(line))


def _bad_value(error: Any, line: Line) -> UsageError:
    parameter, kind = error.param, error.param.type
    name = lines.name_of(parameter)
    value = line.value_of(parameter)
    if value is None:  # a word of its own, or nothing that was typed
        return UsageError(_("{name}: not a value that it can have").format(name=name), _help(line))
    shown = _shown(value)
    choices = [str(getattr(one, "value", one)) for one in getattr(kind, "choices", ())]
    if choices:
        message = _("{name} is {choices}, not {value}").format(
            name=name, choices=either(choices), value=shown
        )
        near = nearest(value, choices, most=1, also_called=lines.FORMATS)
        return UsageError(message, lines.did_you_mean([name, near[0]]) if near else _help(line))
    least, most = getattr(kind, "min", None), getattr(kind, "max", None)
    if least is not None and most is not None:
        message = _("{name} is a whole number from {least} to {most}, not {value}").format(
            name=name, least=least, most=most, value=shown
        )
    elif least is not None:
        message = _("{name} is a whole number from {least}, not {value}").format(
            name=name, least=least, value=shown
        )
    elif kind.name.startswith("int"):
        message = _("{name} is a whole number, not {value}").format(name=name, value=shown)
    else:
        message = _("{name} is a number, not {value}").format(name=name, value=shown)
    return UsageError(message, lines.for_number(name, value) or _help(line))


def _help(line: Line) -> str:
    return _("`{command} --help` shows what is possible").format(command=line.called)


def _shown(text: str) -> str:
    return safe_line(text, LONGEST_SHOWN)
