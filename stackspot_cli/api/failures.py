"""How a failure reaches a Python caller: with its hint as a note, so that an uncaught one shows it, too."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from stackspot_cli.errors import StackSpotError
from stackspot_cli.process.frames import Sealed
from stackspot_cli.translation import changed

if TYPE_CHECKING:
    import re


class Hinted(Sealed):
    """What is raised here carries its hint as a note (PEP 678), once. reaching: see `calling`."""

    def __init__(self, reaching: Callable[[str], str]) -> None:
        self._reaching = reaching

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, StackSpotError):
            add_note(error, self._reaching)
        super().__exit__(kind, error, trace)


def add_note(error: StackSpotError, reaching: Callable[[str], str]) -> None:
    """The hint, in a Python caller's words, there and as a note."""
    if error.hint:
        error.hint = reaching(in_python(error.hint))
        note = f"hint: {error.hint}"
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)


def in_python(hint: str) -> str:
    """The hint with keywords in the place of a command's options; a command that it names stays as it is typed."""
    if "-" not in hint:
        return hint
    import re  # deferred: only a failure needs it

    def spoken(text: str) -> str:
        pieces = re.split(COMMANDS, text)
        pieces[::2] = [re.sub(OPTIONS, _spoken, piece) for piece in pieces[::2]]
        return "".join(pieces)

    return changed(spoken, hint)


COMMANDS = r"(`[^`]*`|stackspot [a-z].*)"
KEYWORDS = {
    "config": "config=",
    "deadline": "deadline=",
    "knowledge": "knowledge=",
    "profile": "profile=",
    "retries": "retries=",
    "schema": "schema=",
    "timeout": "timeout=",
    "upload": "uploads=",
    "wait": "wait=",
}
OPTIONS = rf"(?<![\w-])(?:--({'|'.join(KEYWORDS)})(?![\w-])|-m ((?:agent|command):\w+))"


def _spoken(option: re.Match[str]) -> str:
    return f'model="{option[2]}"' if option[2] else KEYWORDS[option[1]]


def keyword(option: str) -> str:
    """The keyword of a command's option: `--agent-version` is agent_version."""
    return option.removeprefix("--").replace("-", "_")
