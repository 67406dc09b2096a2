"""What `git diff` writes, read: files, what became of them, and their lines with the numbers of the new file.

Pure: bytes in, values out. Knows git-diff(1)'s patch format; refuses to know git, models and the file system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Literal, TypeAlias

from stackspot_cli.lean_dataclasses import dataclass

Kind: TypeAlias = Literal["added", "removed", "kept"]
Status: TypeAlias = Literal["changed", "new", "deleted", "whole"]
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_KINDS: dict[bytes, Kind] = {b"+": "added", b"-": "removed", b" ": "kept", b"": "kept"}
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_ESCAPED = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


@dataclass(frozen=True, slots=True)
class Line:
    """number: in the new file, from 1; None for a line that is gone. text: without its end."""

    kind: Kind
    number: int | None
    text: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What happened to one file.

    path: its name now, or what it was where it is gone, slashes between its parts. old_path: its name before, where
    that was another one. Names hold surrogates for bytes that are no UTF-8. status: "whole" for a file that is looked
    at as it is. old_mode, new_mode: octal, "" where not told. lines: of all its hunks. binary: git says so, and there
    are no lines then. ends_bare: the new file's last line has no newline.
    """

    path: str
    status: Status = "changed"
    old_path: str | None = None
    old_mode: str = ""
    new_mode: str = ""
    lines: tuple[Line, ...] = ()
    binary: bool = False
    ends_bare: bool = False


@dataclass(slots=True)
class _Reading:
    """One file's part of the patch, as far as it is read."""

    names: bytes  # what stands behind `diff --git `
    status: Status = "changed"
    old: bytes | None = None
    new: bytes | None = None
    renamed: tuple[bytes, bytes] | None = None
    modes: list[str] = field(default_factory=lambda: ["", ""])
    lines: list[tuple[Kind, int | None, bytes]] = field(default_factory=list)
    binary: bool = False
    ends_bare: bool = False

    def done(self) -> FileDiff:
        old, new = self._names()
        path = old if self.status == "deleted" else new
        return FileDiff(
            _name(path),
            self.status,
            _name(old) if old != new else None,
            self.modes[0],
            self.modes[1],
            tuple(_decoded(self.lines)),
            self.binary,
            self.ends_bare,
        )

    def _names(self) -> tuple[bytes, bytes]:
        """Renames say both; a patch with lines says both, or /dev/null; else the first line has the same twice."""
        if self.renamed is not None:
            return self.renamed
        old, new = self.old, self.new
        if old is None and new is None:
            old = new = _same_twice(self.names)
        return old if old is not None else new or b"", new if new is not None else old or b""


def parse(patch: bytes) -> list[FileDiff]:
    """Every file of the patch, in its order."""
    return [reading.done() for reading in _files(patch.split(b"\n"))]


def _files(lines: Sequence[bytes]) -> Iterator[_Reading]:
    reading: _Reading | None = None
    place = 0
    while place < len(lines):
        line = lines[place]
        place += 1
        if line.startswith(b"diff --git "):
            if reading is not None:
                yield reading
            reading = _Reading(line[len(b"diff --git ") :])
        elif reading is None:
            continue  # before the first file: a list of what is unmerged
        elif hunk := _HUNK.match(line):
            place = _read_hunk(reading, lines, place, hunk)
        else:
            _read_header(reading, line)
    if reading is not None:
        yield reading


def _read_hunk(reading: _Reading, lines: Sequence[bytes], place: int, hunk: re.Match[bytes]) -> int:
    """Reads as many lines as the hunk's head promises: what a line says can never end it. The place behind it."""
    old_left, number, new_left = (int(part) if part is not None else 1 for part in hunk.groups())
    while place < len(lines) and (old_left > 0 or new_left > 0):
        line = lines[place]
        if line.startswith(b"\\"):  # the line before has no newline
            place += 1
            continue
        kind = _KINDS.get(line[:1])
        if kind is None:
            return place
        place += 1
        reading.lines.append((kind, None if kind == "removed" else number, line[1:]))
        number += kind != "removed"
        old_left -= kind != "added"
        new_left -= kind != "removed"
    if place < len(lines) and lines[place].startswith(b"\\"):
        place += 1
        reading.ends_bare = bool(reading.lines) and reading.lines[-1][0] != "removed"
    return place


def _read_header(reading: _Reading, line: bytes) -> None:
    word, _space, rest = line.partition(b" ")
    match word, rest.partition(b" ")[0]:
        case (b"new", b"file"):
            reading.status = "new"
            reading.modes[1] = rest.rpartition(b" ")[2].decode()
        case (b"deleted", b"file"):
            reading.status = "deleted"
            reading.modes[0] = rest.rpartition(b" ")[2].decode()
        case (b"old", b"mode"):
            reading.modes[0] = rest.rpartition(b" ")[2].decode()
        case (b"new", b"mode"):
            reading.modes[1] = rest.rpartition(b" ")[2].decode()
        case (b"index", _):
            mode = rest.partition(b" ")[2].decode()
            reading.modes = [mode, mode] if mode else reading.modes
        case (b"rename" | b"copy", b"from"):
            reading.renamed = (_unquoted(rest[len(b"from ") :]), b"")
        case (b"rename" | b"copy", b"to") if reading.renamed:
            reading.renamed = (reading.renamed[0], _unquoted(rest[len(b"to ") :]))
        case (b"---", _):
            reading.old = _side(rest, b"a/")
        case (b"+++", _):
            reading.new = _side(rest, b"b/")
        case (b"Binary", b"files") | (b"GIT", b"binary"):
            reading.binary = True


def _side(name: bytes, prefix: bytes) -> bytes | None:
    """A name of `---` or `+++`; None for no file. A name with a blank in it is followed by a tab."""
    name = _unquoted(name.removesuffix(b"\t"))
    return None if name == b"/dev/null" else name.removeprefix(prefix)


def _same_twice(names: bytes) -> bytes:
    """The name in `a/NAME b/NAME`, both of them quoted or neither."""
    half = names[: len(names) // 2]
    return _unquoted(half).removeprefix(b"a/")


def _unquoted(name: bytes) -> bytes:
    """As git quotes: like a string of C."""
    if not (len(name) > 1 and name.startswith(b'"') and name.endswith(b'"')):
        return name

    def plain(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8) & 0xFF if len(code) == 3 else _ESCAPED[code[0]]])

    return _ESCAPE.sub(plain, name[1:-1])


def _name(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _decoded(lines: Sequence[tuple[Kind, int | None, bytes]]) -> Iterator[Line]:
    """UTF-8 where all of the file is, else Latin-1, which has no wrong bytes. A CR before the newline is its end."""
    encoding = encoding_of(b"\n".join(text for _kind, _number, text in lines))
    for kind, number, text in lines:
        yield Line(kind, number, text.removesuffix(b"\r").decode(encoding))


def encoding_of(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def whole(path: str, content: bytes) -> FileDiff:
    """A file that is looked at as it is: each of its lines is there, and none is gone."""
    texts = content.split(b"\n")
    ends_bare = bool(texts[-1])
    texts = texts if ends_bare else texts[:-1]
    kept: list[tuple[Kind, int | None, bytes]] = [
        ("kept", number, text) for number, text in enumerate(texts, 1)
    ]
    return FileDiff(path, "whole", lines=tuple(_decoded(kept)), ends_bare=ends_bare)
