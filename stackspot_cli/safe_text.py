"""What stands between the world's strings and a terminal, a pipe or a build log.

Knows which characters are orders rather than text, and how to show them instead. Refuses to know Rich, streams, or
who is reading (`terminal.build_log` knows the lines that a runner would obey). Each filter has a streaming form,
for which one law holds: any slicing gives the same output.
"""

from __future__ import annotations

import re
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
# Azure's agent and TeamCity take their marker anywhere in a line, and the older form of GitHub's as well.
LOG_MARKER = re.compile(r"##(?=(?:vso|teamcity)?\[)", re.ASCII | re.IGNORECASE)
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

    JSON itself escapes C0 alone; DEL, C1 and bidirectional controls may stand in its strings as they are, and so
    may what a build log would obey anywhere in a line.
    """
    if "##" in text:
        text = LOG_MARKER.sub(r"#\\u0023", text)
    return text if _is_plain(text) else text.translate(_IN_JSON)


def _is_plain(text: str) -> bool:
    """Whether there is surely nothing to show: no control, separator or surrogate is printable. 0.1 us."""
    return text.isprintable() or text.replace("\n", "").isprintable()


def mended(text: str, lone: Literal["backslashreplace", "replace"] = "replace") -> str:
    """Text that every encoding can carry: halves of a surrogate pair that meet are joined (JSON split over two
    frames brings them apart), and a half alone becomes U+FFFD, or shows its code.
    """
    if text.isascii():  # without a copy
        return text
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
