"""A terminal for code that has none: what the command says on stderr becomes a warning of a logger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, cast

from stackspot_cli.terminal.streams import Terminal


class _Log:
    """A stream that is a logger: a library leaves to its caller what is shown."""

    def __init__(self) -> None:
        import logging

        self._logger = logging.getLogger("stackspot_cli")
        self._logger.addHandler(logging.NullHandler())

    def write(self, data: bytes) -> int:
        text = data.decode("utf-8", "replace").strip()
        if text:
            self._logger.warning(text.removeprefix("note: "))
        return len(data)

    def flush(self) -> None:
        pass


def logged_terminal(environ: Mapping[str, str]) -> Terminal:
    return Terminal(
        None,
        None,
        cast(BinaryIO, _Log()),
        environ,
        stdin_kind="none",
        stdout_is_terminal=False,
        stderr_is_terminal=False,
    )
