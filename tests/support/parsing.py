"""What argv means to a command, without running one."""

from __future__ import annotations

from typing import Any

from stackspot_cli.app import App
from stackspot_cli.cli import parse as parse_for
from stackspot_cli.terminal.streams import Terminal


def parse(*argv: str) -> Any:
    """The `Options` of the command that is called."""
    return parse_for(argv, App({}, Terminal.fake()))
