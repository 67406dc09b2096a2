"""What stands between our streams and a build log: lines that its runner would obey are shown instead.

Knows which service reads, and its commands. Refuses to know streams. The guard has a streaming form, for which one
law holds: any slicing gives the same output.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from stackspot_cli.safe_text import LOG_MARKER

_CI_VARIABLES = (
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "TF_BUILD",
    "TEAMCITY_VERSION",
    "JENKINS_URL",
    "BUILDKITE",
)


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether a build service reads our output: one of its variables is set, and not to a no."""
    return any(
        environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off") for name in _CI_VARIABLES
    )


# What could still become such a marker, at the end of what has come.
_MARKER_BEGUN = re.compile(
    r"#(?:#(?:v(?:so?)?|t(?:e(?:a(?:m(?:c(?:i(?:ty?)?)?)?)?)?)?)?)?\Z", re.ASCII | re.IGNORECASE
)
_LINES = re.compile(r"[^\r\n]*[\r\n]|[^\r\n]+")


class LogCommandGuard:
    """Shows the lines that a build log would obey, by one visible backslash inside their marker.

    `::name …::` of GitHub's runner: it trims leading white space, then wants the line to begin with `::` and
    to hold a second `::`. `##[`, `##vso[` (Azure), `##teamcity[`: anywhere in a line, in any case of letters.
    Everything else passes unaltered, and at once: held back is only what could still become a marker, no more
    than a line and no more than `longest_held` characters; a line held that long is treated as a command.
    """

    __slots__ = ("_fresh", "_hashes", "_held", "_longest")

    def __init__(self, longest_held: int = 4096) -> None:
        self._longest = longest_held
        self._hashes = ""  # the beginning of a ## marker
        self._fresh = True  # nothing but white space yet in this line
        self._held = ""  # this line from its first colon on

    def feed(self, text: str) -> str:
        """What can be written now."""
        if self._hashes or "#" in text:
            text = LOG_MARKER.sub(r"#\\#", self._hashes + text)
            begun = _MARKER_BEGUN.search(text, max(0, len(text) - len("##teamcity")))
            self._hashes = begun.group() if begun else ""
            text = text[: len(text) - len(self._hashes)]
        return self._colons(text)

    def finish(self) -> str:
        """What was held back, at the end of the text."""
        out = self._colons(self._hashes) + self._held
        self._hashes = self._held = ""
        self._fresh = True
        return out

    def _colons(self, text: str) -> str:
        if ":" not in text and not self._held:
            if self._fresh or "\n" in text or "\r" in text:
                start = max(text.rfind("\n"), text.rfind("\r")) + 1
                self._fresh = (self._fresh or start > 0) and not text[start:].strip()
            return text
        return "".join([self._line(line) for line in _LINES.findall(text)])

    def _line(self, piece: str) -> str:
        """Part of one line, perhaps with its end; gives what is decided."""
        ended = piece[-1] in "\r\n"
        blank = ""
        if self._fresh and not self._held:
            rest = piece.lstrip()
            blank = piece[: len(piece) - len(rest)]
            if not rest:  # white space alone, or the end of a line of white space
                return piece
            if rest[0] != ":":
                self._fresh = ended
                return piece
            piece = rest
        elif not self._held:
            self._fresh = ended
            return piece
        seen = len(self._held)
        held = self._held + piece
        command = held.startswith("::") and held.find("::", max(2, seen - 1)) >= 0
        if command or (held.startswith("::") and len(held) - ended >= self._longest):
            held = ":\\" + held[1:]
        elif not ended and "::".startswith(held[:2]):
            self._held = held
            return blank
        self._held = ""
        self._fresh = ended
        return blank + held


def guarded(text: str) -> str:
    """A whole text."""
    guard = LogCommandGuard()
    return guard.feed(text) + guard.finish()
