"""What an exception takes along: the frames that it passed, and in them whatever was at hand, secrets as well.

A log that prints the locals of frames (Sentry does, `pytest -l`, Django's page) would print these. Knows tracebacks;
refuses to know what is secret.
"""

from __future__ import annotations

from types import TracebackType
from typing import TypeVar

from stackspot_cli.errors import StackSpotError

E = TypeVar("E", bound=BaseException)


def without_frames(error: E) -> E:
    """The error, without the frames that it and everything that it was raised from have passed until now."""
    left: list[BaseException | None] = [error]
    seen: list[BaseException] = []
    while left:
        current = left.pop()
        if current is not None and current not in seen:
            seen.append(current)
            current.__traceback__ = None
            left += (current.__cause__, current.__context__)
    return error


class Sealed:
    """A context that an error of ours leaves without its frames: sentence and hint say all that there is to say.

    Any other exception is a mistake of ours, and keeps what tells where it was made.
    """

    def __enter__(self) -> None:
        return

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, StackSpotError):
            without_frames(error)
