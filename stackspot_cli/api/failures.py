"""How a failure reaches a Python caller: with its hint as a note, so that an uncaught one shows it, too."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from stackspot_cli.errors import StackSpotError
from stackspot_cli.process.frames import Sealed


class Hinted(Sealed):
    """What is raised here carries its hint as a note (PEP 678), once. reaching: see `calling`."""

    def __init__(self, reaching: Callable[[str], str]) -> None:
        self._reaching = reaching

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, StackSpotError) and error.hint:
            error.hint = self._reaching(error.hint)
            note = f"hint: {error.hint}"
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)
        super().__exit__(kind, error, trace)


def keyword(option: str) -> str:
    """The keyword of a command's option: `--agent-version` is agent_version."""
    return option.removeprefix("--").replace("-", "_")
