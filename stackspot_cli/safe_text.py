"""What stands between the world's strings and a terminal, a pipe or a build log.

Knows which characters are orders rather than text, and how to show them instead. Knows which lines a build
log would obey. Refuses to know Rich, streams, or who is reading. Each filter has a streaming form, for which
one law holds: any slicing gives the same output.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

Destination: TypeAlias = Literal["terminal", "pipe"]

# C0 and DEL have pictures of their own in Unicode (U+2400 …); the rest is shown as Python would write it.
_CONTROLS = (
    {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"}
    | {0x7F: "\u2421"}
    | {code: f"\\x{code:02x}" for code in range(0x80, 0xA0)}
)
# Bidirectional controls can make a line read otherwise than it is (CVE-2021-42574, "Trojan Source"); the two
# separators end a line in some terminals and viewers.
_BIDIRECTIONAL = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_TERMINAL = _CONTROLS | {code: f"\\u{code:04x}" for code in (*_BIDIRECTIONAL, 0x2028, 0x2029)}
_IN_JSON = {code: f"\\u{code:04x}" for code in (0x7F, *range(0x80, 0xA0), *_BIDIRECTIONAL, 0x2028, 0x2029)}
_TO_SPACE = {ord("\n"): " ", ord("\t"): " "}


def safe_text(text: str) -> str:
    """The text for a terminal: controls are shown, not obeyed; `\\r\\n` becomes a newline.

    Newline and tab pass, as does every joiner that emoji need. Idempotent.
    """
    if _is_plain(text):
        return text
    return mended(text, "backslashreplace").replace("\r\n", "\n").translate(_TERMINAL)


def pipe_text(text: str) -> str:
    """The text for a pipe or a file: C0, DEL and C1 are shown, `\\r\\n` becomes a newline, all else passes.

    Half a surrogate pair, which no encoding can carry, becomes U+FFFD.
    """
    if _is_plain(text):
        return text
    return mended(text).replace("\r\n", "\n").translate(_CONTROLS)


def safe_line(text: str, limit: int = 300) -> str:
    """The text as one line for a message: made safe, and cut after `limit` characters with an ellipsis."""
    line = safe_text(text.strip()).translate(_TO_SPACE)
    return line if len(line) <= limit else line[:limit] + "…"


def safe_json(text: str) -> str:
    """JSON for a terminal or a pipe: its values stay exact, what would be obeyed stands as its `\\u` escape.

    JSON itself escapes C0 alone; DEL, C1 and bidirectional controls may stand in its strings as they are.
    """
    return text if _is_plain(text) else text.translate(_IN_JSON)


def _is_plain(text: str) -> bool:
    """Whether there is surely nothing to show: no control, separator or surrogate is printable. 0.1 us."""
    return text.isprintable() or text.replace("\n", "").isprintable()


def mended(text: str, lone: Literal["backslashreplace", "replace"] = "replace") -> str:
    """Text that every encoding can carry: halves of a surrogate pair that meet are joined (JSON split over two
    frames brings them apart), and a half alone becomes U+FFFD, or shows its code.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        units = text.encode("utf-16-le", "surrogatepass")
        if lone == "replace":
            return units.decode("utf-16-le", "replace")
        return units.decode("utf-16-le", "surrogatepass").encode("utf-8", lone).decode()
    return text


class TextFilter:
    """`safe_text` ("terminal") or `pipe_text` ("pipe") for text that comes in pieces.

    Holds back one character at most: a CR, which may be half a newline, or half a surrogate pair.
    """

    __slots__ = ("_held", "_safe")

    def __init__(self, destination: Destination) -> None:
        self._safe = safe_text if destination == "terminal" else pipe_text
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be shown now."""
        if self._held:
            text = self._held + text
            self._held = ""
        if _is_plain(text):
            return text
        if text[-1] == "\r" or "\ud800" <= text[-1] <= "\udbff":
            self._held = text[-1]
            text = text[:-1]
        return self._safe(text)

    def finish(self) -> str:
        """What was held back, at the end of the text."""
        held, self._held = self._held, ""
        return self._safe(held)


# --- build logs -----------------------------------------------------------------------------------------

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


# Azure's agent and TeamCity take their marker anywhere in a line, and the older form of GitHub's as well.
_MARKER = re.compile(r"##(?=(?:vso|teamcity)?\[)", re.ASCII | re.IGNORECASE)
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
            text = _MARKER.sub(r"#\\#", self._hashes + text)
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
