"""Puts text on the clipboard: by the platform's tool where there is one, and by the terminal itself (OSC 52).

Knows the tools and the escape sequence; refuses to know what is copied. Both ways are taken where both exist:
over SSH the tool fills the far machine's clipboard, the terminal the near one's.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from collections.abc import Mapping

from stackspot_cli.errors import LocalError
from stackspot_cli.redaction import without_secrets
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _

OSC_52_BYTES = 74_994
"""Terminals take 100,000 bytes of OSC 52 (hterm's and iTerm's bound): so much text in base64 and its frame."""
TOOL_SECONDS = 3.0

TOOLS: tuple[tuple[str, tuple[str, ...]], ...] = (  # the variable that says it can work, the command
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("DISPLAY", ("xsel", "--clipboard", "--input")),
)


BY_TERMINAL = _("the terminal (OSC 52)")


def copy(text: str, terminal: Terminal, environ: Mapping[str, str]) -> list[str]:
    """The ways that it went, for people: names of tools, and "the terminal (OSC 52)". LocalError: none."""
    ways = []
    for command in commands(environ, sys.platform):
        if _run(command, text, environ):
            ways.append(command[0])
            break
    if _by_terminal(text, terminal):
        ways.append(BY_TERMINAL)
    if not ways:
        raise LocalError(
            _("there is no clipboard within reach"),
            _("install wl-copy, xclip or xsel, or write it to a file with /save FILE"),
        )
    return ways


def osc_52(text: str) -> str:
    """The sequence that asks a terminal to put the text on the clipboard."""
    return f"\x1b]52;c;{base64.b64encode(text.encode('utf-8', 'replace')).decode()}\x07"


def commands(environ: Mapping[str, str], platform: str) -> list[tuple[str, ...]]:
    """The tools that can work here, best first."""
    if platform == "darwin":
        return [("pbcopy",)]
    if platform == "win32":
        return [("clip.exe",)]
    found = [command for variable, command in TOOLS if environ.get(variable)]
    if environ.get("WSL_DISTRO_NAME"):
        found.append(("clip.exe",))
    return found


def _run(command: tuple[str, ...], text: str, environ: Mapping[str, str]) -> bool:
    tool = shutil.which(command[0], path=environ.get("PATH"))
    if tool is None:
        return False
    encoding = "utf-16-le" if command[0] == "clip.exe" else "utf-8"
    try:
        done = subprocess.run(  # noqa: S603  # one of the tools above, without a shell
            [tool, *command[1:]],
            input=text.encode(encoding, "replace"),
            stdout=subprocess.DEVNULL,  # xclip stays behind, and would hold our own streams open
            stderr=subprocess.DEVNULL,
            timeout=TOOL_SECONDS,
            check=False,
            env=without_secrets(environ),
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _by_terminal(text: str, terminal: Terminal) -> bool:
    if terminal.dumb or len(text.encode("utf-8", "replace")) > OSC_52_BYTES:
        return False
    if terminal.stdout_is_terminal:
        terminal.write(osc_52(text))
        terminal.flush()
    elif terminal.stderr_is_terminal:
        terminal.write_stderr(osc_52(text))
    else:
        return False
    return True
