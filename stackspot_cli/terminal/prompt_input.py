"""What the user hands in: the argument, files and stdin, made one prompt.

Knows in which order they stand. Refuses to know models, the network, and how bytes are read (`input_reader`).
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.descriptors import StdinKind
from stackspot_cli.terminal.fence import fenced
from stackspot_cli.terminal.file_names import named_in
from stackspot_cli.terminal.input_reader import InputReader
from stackspot_cli.translation import _

STDIN_NAME = "stdin"
STDIN_FILES = ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")  # what it is called for programs without a `-`
_SHOWN = str.maketrans({" ": "\N{SYMBOL FOR SPACE}", "\t": "\N{SYMBOL FOR HORIZONTAL TABULATION}"})


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed in. prompt, or one of the files, may be `-` for stdin.

    may_be_empty: a quick command may want no input.
    """

    prompt: str | None = None
    files: tuple[str, ...] = ()
    no_stdin: bool = False
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """What was handed in, read. files: fenced, each under its name."""

    request: str
    files: tuple[str, ...]
    stdin: str

    @property
    def joined(self) -> str:
        """One prompt: the request, the files, and stdin after a blank line."""
        return "\n\n".join(part for part in (self.request, *self.files, self.stdin) if part)


def assemble(given: Given, reader: InputReader, stdin_kind: StdinKind) -> str:
    """One prompt, see `Parts.joined`. Raises what `read_parts` raises."""
    return read_parts(given, reader, stdin_kind).joined


def read_parts(given: Given, reader: InputReader, stdin_kind: StdinKind) -> Parts:
    """Raises UsageError at once where there is nothing to ask: never a silent wait."""
    names = expand(given.files)
    _refuse_two_uses_of_stdin(given, names)
    prompt_is_stdin = given.prompt == "-"
    names_stdin = prompt_is_stdin or "-" in names  # then a person may type it
    reads_stdin = not given.no_stdin and (stdin_kind != "none" if names_stdin else stdin_kind == "data")
    if names_stdin and reader.stdin_is_closed:
        raise UsageError(
            _("stdin is closed, and `-` names it"), _("leave out the `-`, or give stdin something")
        )
    may_skip = bool(names) or not (given.prompt is None or prompt_is_stdin)
    stdin = reader.stdin(may_skip=None if "-" in names else may_skip) if reads_stdin else ""
    if reads_stdin and not stdin and may_skip:  # a review of an empty diff is nobody's wish
        reader.note(_("stdin was empty"))
    if prompt_is_stdin:
        request, stdin = stdin, ""
    else:
        request = given.prompt or ""
        refuse_unsendable(request, _("the prompt"))
        _note_file_names(request, names, reader)
    texts = [(name, stdin if name == "-" else reader.source(Path(name))) for name in names]
    reader.tell_guesses()
    if "-" in names:
        stdin = ""
    if not (given.may_be_empty or any(text.strip() for text in (request, stdin, *dict(texts).values()))):
        raise UsageError(
            _("there is no prompt"),
            _('give one: stackspot complete "Explain this" < file.py, or pipe it in, or name a file with -f'),
        )
    files = tuple(
        fenced(STDIN_NAME if name == "-" else safe_line(name, 4096), text)
        for name, text in texts
        if text or name != "-"
    )
    return Parts(request, files, stdin if stdin.strip() else "")


def _note_file_names(request: str, given: Sequence[str], reader: InputReader) -> None:
    for name in named_in(request, given=given):
        reader.note(
            _("{name} is a file, and its name is sent, not its text: {option} sends that").format(
                name=safe_line(name), option=f"-f {shlex.quote(safe_line(name))}"
            )
        )


def _refuse_two_uses_of_stdin(given: Given, names: Sequence[str]) -> None:
    if given.prompt == "-" and "-" in names:
        raise UsageError(_("stdin can be the prompt or a file, not both"), _("leave out one of the two `-`"))
    if given.no_stdin and (given.prompt == "-" or "-" in names):
        raise UsageError(_("--no-stdin and `-` for stdin exclude one another"), _("choose one"))


QUOTE = _("check the name; quote a pattern so that it arrives here: -f 'tests/*.py'")


def expand(patterns: Sequence[str], hint: str = QUOTE) -> list[str]:
    """File names for `-f` values: a name that exists stands for itself, else it is a glob. `-` stays, and is what
    stdin's own name becomes.

    Raises UsageError with the hint where nothing matches. Order: as given, matches sorted; each name once.
    """
    names: list[str] = []
    for pattern in patterns:
        if pattern == "-" or pattern in STDIN_FILES:
            found = ["-"]
        elif os.path.lexists(pattern):
            found = [pattern]
        else:
            import glob  # deferred: most files are named

            found = sorted(name for name in glob.glob(pattern, recursive=True) if not Path(name).is_dir())  # noqa: PTH207  # a pattern may be absolute
        if not found:
            raise _missing(pattern, hint)
        names += [name for name in found if name not in names]
    return names


def _missing(pattern: str, hint: str) -> UsageError:
    if pattern.strip() != pattern:  # a list of names with Windows' line ends, mostly: nobody would see it
        return UsageError(
            _("no file {path}").format(path=_with_blanks_shown(pattern)),
            _("the name begins or ends with a blank or a line end, which is shown here"),
        )
    return UsageError(_("no file {path}").format(path=safe_line(pattern)), hint)


def _with_blanks_shown(name: str) -> str:
    """The blanks at both ends as signs; what is between them as everywhere."""
    name = name.replace("\r", "\N{SYMBOL FOR CARRIAGE RETURN}").replace("\n", "\N{SYMBOL FOR NEWLINE}")
    inner = name.strip()
    start = name[: name.index(inner)] if inner else name
    end = name[len(start) + len(inner) :]
    return start.translate(_SHOWN) + safe_line(inner) + end.translate(_SHOWN)


def refuse_unsendable(text: str, what: str) -> None:
    """Raises UsageError for an argument whose bytes were no text in this locale."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(
            _("{what} is not UTF-8 text (character {position})").format(what=what, position=error.start),
            _("set a UTF-8 locale, for example LC_ALL=C.UTF-8"),
        ) from error
