"""The line that was probably meant: made of the one that was typed, quoted for a shell, and only ever shown.

Returns "" where no guess is good enough: a wrong one costs more than none.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stackspot_cli.commands.wrong_calls import habits
from stackspot_cli.commands.wrong_calls.typed import PROGRAM, Line, tokens_of
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.nearest import nearest
from stackspot_cli.translation import _

FORMATS = {"md": "markdown", "markdown": "md", "txt": "text", "plain": "text", "ndjson": "jsonl"}
_ID = re.compile(
    r"[0-7][0-9A-HJKMNP-TV-Z]{5,25}", re.IGNORECASE
)  # of a conversation, or enough of its beginning
_PERIOD = re.compile(r"([0-9]+(?:[.,][0-9]+)?) ?(ms|s|sec|secs|m|min|mins|h)", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "m": 60.0, "h": 3600.0}


def did_you_mean(words: Sequence[str]) -> str:
    return _("did you mean `{line}`?").format(line=shlex.join(words))


def name_of(parameter: Any) -> str:
    """As it is typed: the longest name of an option, the word that stands for an argument."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or (parameter.name or "").upper())
    return str(max(parameter.opts, key=len))


# --- commands --------------------------------------------------------------------------------------


def for_unknown_command(line: Line, root: Any) -> str:
    word = line.unknown or ""
    rest = [one.text for one in line.tokens]
    start = [PROGRAM, *line.before, *line.path]
    if line.after_help:
        near = nearest(word, line.command.table, most=1)
        return did_you_mean([PROGRAM, "help", *line.path, near[0]]) if near else ""
    if not line.path and word in habits.COMPLETION and (not rest or rest[0] in habits.SHELLS):
        return completion(rest[0] if rest else "")
    typed = " ".join([*line.path, word])
    if rest and f"{typed} {rest[0]}" in habits.COMMANDS:
        return did_you_mean([PROGRAM, *line.before, *habits.COMMANDS[f"{typed} {rest[0]}"].split()])
    if typed in habits.COMMANDS:
        return did_you_mean([PROGRAM, *line.before, *habits.COMMANDS[typed].split(), *_kept(typed, rest)])
    if not line.path and word in habits.ASKING:
        return _asking(line, rest, root)
    near = nearest(word, line.command.table, most=1)
    if near and not (line.path == () and " " in word):
        return did_you_mean([*start, near[0], *rest])
    return "" if line.path else _asking(line, [word, *rest], root)


def completion(shell: str = "") -> str:
    path = Path(sys.prefix) / habits.SHELLS.get(shell, "")
    if path.is_file():
        return _("`source {path}` switches TAB on in this shell; docs/completion.md has the rest").format(
            path=shlex.quote(os.fspath(path))
        )
    return _(
        "TAB is switched on by a file for your shell: see docs/completion.md; pipx and packages install it"
    )


_WITH_THE_REST = (
    *("qc", "exec", "execute", "rqc", "quick-command"),
    *(f"history {word}" for word in ("rm", "remove", "view", "cat", "open", "find", "grep")),
    *(f"config {word}" for word in ("add", "rm", "remove", "delete")),
    *(f"knowledge {word}" for word in ("upload", "new")),
)


def _kept(typed: str, rest: Sequence[str]) -> Sequence[str]:
    """What follows a mistaken name and means the same after the right one: a slug, an id, words to look for."""
    return rest if typed in _WITH_THE_REST else ()


def _asking(line: Line, texts: Sequence[str], root: Any) -> str:
    """The words as one prompt for `complete`, with the options that it has."""
    told = [text for text in texts if text not in habits.PROMPT_OPTIONS]
    tokens = list(tokens_of(told, root.load("complete")))
    if any(one.unknown for one in tokens):  # with a value behind it, which may be a key
        return ""
    options = [one.text for one in tokens if one.option is not None]
    words = [one.text for one in tokens if one.option is None]
    prompt = " ".join(words) if words else "…"
    return did_you_mean([PROGRAM, *line.before, "complete", *options, *_guarded(prompt)])


def _guarded(prompt: str) -> list[str]:
    return ["--", prompt] if prompt.startswith("-") else [prompt]


def for_words_too_many(line: Line) -> str:
    """Words beside the prompt: an id behind `-c`, names of files, or a prompt that lacks its quotes."""
    start = [PROGRAM, *line.before, *line.path]
    if line.path not in (("complete",), ("chat",), ("run",)):
        return ""
    words, options = line.words, line.options
    if line.path != ("run",) and _ID.fullmatch(words[0]) and {"-c", "--continue"} & set(options):
        left = [one for one in options if one not in ("-c", "--continue")]
        rest = words[1:]
        return did_you_mean([*start, *left, "--conversation", words[0], *([" ".join(rest)] if rest else [])])
    kept, words = (words[:1], words[1:]) if line.path == ("run",) else ([], words)
    files = [word for word in words[1:] if Path(word).is_file()]
    if len(files) == len(words) - 1:
        return did_you_mean(
            [*start, *options, *kept, words[0], *(text for one in files for text in ("-f", one))]
        )
    told = did_you_mean([*start, *options, *kept, " ".join(words)])
    return _("words that belong together stand in quotes: {told}").format(told=told)


# --- options ---------------------------------------------------------------------------------------


def prompt_with_a_dash(name: str, line: Line) -> str | None:
    """The argument that was read as options, and can be none: it has blanks, or is a number."""
    if not line.path:
        return None
    if re.match(r"-[0-9.]", name):
        return next((text for text in line.texts if text.startswith(name)), name)
    return next((text for text in line.texts if text.startswith(name) and len(text.split()) > 1), None)


def for_unknown_option(name: str, line: Line, root: Any) -> str:
    prompt = prompt_with_a_dash(name, line)
    if prompt is not None:
        rest = [text for text in line.texts if text not in (prompt, "--")]
        return _("what begins with a dash goes after `--`: {line}").format(
            line=shlex.join([PROGRAM, *line.before, *line.path, *rest, "--", prompt])
        )
    if name in habits.SECRETS:
        return _(
            "a key is no option, for others can read those: pipe it in with `stackspot login --key-stdin`,"
            " or wait for the question"
        )
    if name in habits.UNCHECKED:
        return _(
            "certificates are always checked: where a company has an authority of its own, SSL_CERT_FILE names its "
            "certificate"
        )
    if not line.path:
        return _before_the_command(name, line, root)
    known = [one for parameter in line.command.params for one in parameter.opts]
    early = [text for text in line.before if text.partition("=")[0] == name]
    if early and name in known:
        before = [text for text in line.before if text not in early]
        return _goes_after(name, [PROGRAM, *before, *line.path, *early, *line.texts])
    ours = habits.OPTIONS.get(name, "").split()
    if ours and ours[0] in known:
        return did_you_mean(_instead(line, name, ours))
    if name in habits.PROMPT_OPTIONS and line.path in (("complete",), ("chat",)):
        told = did_you_mean(_instead(line, name, []))
        return _("the prompt is no option: {told}").format(told=told)
    opposite = f"--{name[5:]}" if name.startswith("--no-") else f"--no-{name[2:]}"
    if name in habits.NEEDLESS or (opposite in known and name.startswith("--")):
        return _("it is so without an option: {told}").format(told=did_you_mean(_instead(line, name, [])))
    if name in habits.NOTHING_ALIKE:
        return ""
    near = nearest(name.lstrip("-"), [one.lstrip("-") for one in known if one.startswith("--")], most=1)
    return did_you_mean(_instead(line, name, [f"--{near[0]}"])) if near else ""


def _instead(line: Line, name: str, ours: Sequence[str]) -> list[str]:
    """The line with other words in the place of an option; a value that stood in the same argument stays."""
    words: list[str] = []
    for text in line.texts:
        typed, equals, value = text.partition("=")
        words += [*ours, *([value] if equals else [])] if typed == name else [text]
    return [PROGRAM, *line.before, *line.path, *words]


def _before_the_command(name: str, line: Line, root: Any) -> str:
    """An option that stands before the command and belongs after it, or stands where a command should."""
    if name in habits.COMPLETION:
        return completion()
    texts = [*line.before, *([line.unknown] if line.unknown else []), *(one.text for one in line.tokens)]
    for place in range(len(texts)):
        command, path = _command_at(texts[place:], root)
        if path and not hasattr(command, "table"):
            found = list(tokens_of(texts[:place], command))
            if any(name in one.option.opts for one in found if one.option is not None):
                return _goes_after(name, [PROGRAM, *path, *texts[:place], *texts[place + len(path) :]])
    if line.unknown is None or any(text in root.table for text in texts):
        return ""
    return _asking(replace(line, before=()), texts, root)


def _command_at(texts: Sequence[str], root: Any) -> tuple[Any, list[str]]:
    """The command that these words begin with, and how many of them name it: none where it is no command."""
    command, path = root, list[str]()
    for text in texts:
        if text not in getattr(command, "table", ()):
            break
        command = command.load(text)
        path.append(text)
    return command, path


def _goes_after(name: str, words: Sequence[str]) -> str:
    return _("{option} goes after the command: {line}").format(option=name, line=shlex.join(words))


# --- values ----------------------------------------------------------------------------------------


def for_number(name: str, value: str) -> str:
    """`5m` is 300 seconds."""
    period = _PERIOD.fullmatch(value.strip())
    if period is None:
        return ""
    seconds = float(period[1].replace(",", ".")) * _SECONDS.get(period[2].lower()[:2].removesuffix("i"), 1.0)
    return _("it counts seconds: {line}").format(line=f"{name} {seconds:g}")
