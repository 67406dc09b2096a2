"""Inline Markdown as a flat list of tokens: emphasis, code, links, breaks.

Knows CommonMark 0.31's inline structure (https://spec.commonmark.org/0.31.2/#phase-2-inline-structure), GitHub's
`~~` and TeX's `$`; refuses to know what any of it looks like. Written out rather than taken from markdown-it: it
costs 45 ms less to load and a third per character, both of which a streamed answer pays while someone waits.
`tests/unit/test_inline_syntax.py` holds it to markdown-it's opinion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["text", "code", "soft", "hard", "html", "math", "image", "open", "close"]

_PLAIN: Final = re.compile(r"[^\\`*_\[\]!<&~$\n]+")
_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_MATH: Final = re.compile(
    r"\$\$.+?\$\$|\$(?![\s$])[^$\n]*?(?<![\s\\])\$(?!\d)|\\\(.+?\\\)|\\\[.+?\\\]", re.DOTALL
)
_REFERENCE: Final = r"&(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});"
_LABEL: Final = r"\[((?:[^\\\[\]]|\\.){0,999})\]"
_TITLE: Final = r"""[ \t\n]+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\))"""
_POINTED: Final = r"<((?:[^<>\n\\]|\\.)*)>"
_AUTOLINK: Final = (
    r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>\x00-\x1f]*"
    r"|[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)>"
)
_ATTRIBUTE: Final = r"""\s+[a-zA-Z_:][\w:.-]*(?:\s*=\s*(?:[^\s"'=<>`]+|'[^']*'|"[^"]*"))?"""
_HTML: Final = (
    rf"<[A-Za-z][A-Za-z0-9-]*(?:{_ATTRIBUTE})*\s*/?>|</[A-Za-z][A-Za-z0-9-]*\s*>|<!---?>|<!--(?:.|\n)*?-->"
    r"|<\?(?:.|\n)*?\?>|<![A-Za-z][^>]*>|<!\[CDATA\[(?:.|\n)*?\]\]>"
)


class Token(NamedTuple):
    """text: what is shown; of `open` and `close`: "em", "strong", "s" or "link".

    mark: the characters it was written with. url: of a link's `open` and `close`, and of an image.
    """

    kind: Kind
    text: str = ""
    mark: str = ""
    url: str = ""


@dataclass(slots=True, eq=False)
class _Node:
    """A token that may still change: a run of `*`, `_` or `~~`, a bracket. left: characters still literal."""

    token: Token
    left: int = 0
    before: list[Token] = field(default_factory=list)  # what it closes
    after: list[Token] = field(default_factory=list)  # what it opens, innermost first


@dataclass(slots=True, eq=False)
class _Run:
    """A delimiter run on the stack. length: as written."""

    node: _Node
    char: str
    length: int
    opens: bool
    closes: bool


@dataclass(slots=True, eq=False)
class _Bracket:
    node: _Node
    place: int  # behind the bracket, in the text
    runs: int  # height of the delimiter stack there
    image: bool
    index: int  # of its node
    active: bool = True


def tokens(text: str, references: Mapping[str, str]) -> list[Token]:
    """The text's tokens in order. references: normalised label -> address."""
    return _Parser(text, references).tokens()


def normalised(label: str) -> str:
    """The form in which two labels of one reference are equal."""
    return " ".join(label.split()).casefold()


@cache
def _pattern(source: str) -> re.Pattern[str]:
    """Compiled when first needed: most answers need few of them."""
    return re.compile(source)


class _Parser:
    def __init__(self, text: str, references: Mapping[str, str]) -> None:
        self._text = text
        self._references = references
        self._at = 0
        self._nodes: list[_Node] = []
        self._runs: list[_Run] = []
        self._brackets: list[_Bracket] = []
        self._unclosed: set[int] = set()  # lengths of backtick runs that nothing closes

    def tokens(self) -> list[Token]:
        text, size = self._text, len(self._text)
        while self._at < size:
            found = _PLAIN.match(text, self._at)
            if found:
                self._add("text", found[0])
                self._at = found.end()
                continue
            match text[self._at]:
                case "\n":
                    self._newline()
                case "\\":
                    self._backslash()
                case "`":
                    self._code()
                case "*" | "_" | "~" as char:
                    self._delimiters(char)
                case "[":
                    self._open(1)
                case "!" if text.startswith("![", self._at):
                    self._open(2)
                case "]":
                    self._close()
                case "<":
                    self._pointed()
                case "&":
                    self._entity()
                case "$":
                    self._math()
                case char:
                    self._literal(char)
        self._emphasis(0)
        return [token for node in self._nodes for token in _written(node)]

    def _add(self, kind: Kind, text: str = "", mark: str = "", url: str = "") -> _Node:
        node = _Node(Token(kind, text, mark, url))
        self._nodes.append(node)
        return node

    def _literal(self, text: str) -> None:
        self._add("text", text)
        self._at += len(text)

    # --- the simple ones -------------------------------------------------------------------------------

    def _newline(self) -> None:
        kind: Kind = "soft"
        if self._nodes and self._nodes[-1].token.kind == "text":
            text = self._nodes[-1].token.text
            if text.endswith("  "):
                kind = "hard"
            self._nodes[-1].token = Token("text", text.rstrip(" "))
        self._add(kind)
        self._at += 1
        while self._text[self._at : self._at + 1] == " ":
            self._at += 1

    def _backslash(self) -> None:
        following = self._text[self._at + 1 : self._at + 2]
        if following in ("(", "[") and self._math():
            return
        if following == "\n":
            self._add("hard")
            self._at += 2
            while self._text[self._at : self._at + 1] == " ":
                self._at += 1
        elif following in _PUNCTUATION:
            self._add("text", following)
            self._at += 2
        else:
            self._literal("\\")

    def _code(self) -> None:
        start = self._at
        end = start
        while self._text[end : end + 1] == "`":
            end += 1
        length = end - start
        if length not in self._unclosed:
            place = end
            while (place := self._text.find("`", place)) >= 0:
                after = place
                while self._text[after : after + 1] == "`":
                    after += 1
                if after - place == length:
                    content = self._text[end:place].replace("\n", " ")
                    if content[0] == content[-1] == " " and content.strip(" "):
                        content = content[1:-1]
                    self._add("code", content, "`" * length)
                    self._at = after
                    return
                place = after
            self._unclosed.add(length)
        self._literal("`" * length)

    def _entity(self) -> None:
        found = _pattern(_REFERENCE).match(self._text, self._at)
        if not found:
            self._literal("&")
            return
        self._add("text", _resolved(found[0]))
        self._at = found.end()

    def _math(self) -> bool:
        """Mathematics stays as it is written: TeX is full of Markdown's marks."""
        found = _MATH.match(self._text, self._at)
        if found:
            self._add("math", " ".join(found[0].split()))
            self._at = found.end()
        elif self._text[self._at] == "$":
            self._literal("$")
        return found is not None

    def _pointed(self) -> None:
        if found := _pattern(_AUTOLINK).match(self._text, self._at):
            url = found[1] if ":" in found[1].partition("@")[0] else "mailto:" + found[1]
            self._add("open", "link", "<", url)
            self._add("text", found[1])
            self._add("close", "link", ">", url)
        elif found := _pattern(_HTML).match(self._text, self._at):
            self._add("html", found[0])
        else:
            self._literal("<")
            return
        self._at = found.end()

    # --- emphasis --------------------------------------------------------------------------------------

    def _delimiters(self, char: str) -> None:
        text, start = self._text, self._at
        end = start
        while text[end : end + 1] == char:
            end += 1
        self._at = end
        node = self._add("text", char * (end - start))
        if char == "~" and end - start != 2:
            return
        before, after = text[start - 1 : start] if start else "\n", text[end : end + 1] or "\n"
        left = not after.isspace() and (not _punctuation(after) or before.isspace() or _punctuation(before))
        right = not before.isspace() and (not _punctuation(before) or after.isspace() or _punctuation(after))
        if char == "_":
            opens = left and (not right or _punctuation(before))
            closes = right and (not left or _punctuation(after))
        else:
            opens, closes = left, right
        if opens or closes:
            node.left = end - start
            self._runs.append(_Run(node, char, end - start, opens, closes))

    def _emphasis(self, bottom: int) -> None:
        """The standard's "process emphasis" for the runs above `bottom`, which then leave the stack."""
        runs = self._runs[bottom:]
        del self._runs[bottom:]
        floors: dict[tuple[str, bool, int], _Run | None] = {}  # below which no opener was found before
        at = 0
        while at < len(runs):
            closer = runs[at]
            if not closer.closes or not closer.node.left:
                at += 1
                continue
            key = (closer.char, closer.opens, closer.length % 3)
            place = self._opener(runs, at, floors.get(key))
            if place is None:
                floors[key] = runs[at - 1] if at else None
                at += 1
                if not closer.opens:
                    del runs[at - 1]
                    at -= 1
                continue
            opener = runs[place]
            del runs[place + 1 : at]
            at = place + 1
            count = 2 if opener.node.left >= 2 and closer.node.left >= 2 else 1
            name = "s" if closer.char == "~" else "strong" if count == 2 else "em"
            mark = closer.char * count
            opener.node.after.append(Token("open", name, mark))
            closer.node.before.append(Token("close", name, mark))
            for run in (closer, opener):
                run.node.left -= count
                if not run.node.left:
                    at -= runs.index(run) < at
                    runs.remove(run)

    @staticmethod
    def _opener(runs: list[_Run], closer_at: int, floor: _Run | None) -> int | None:
        closer = runs[closer_at]
        for place in range(closer_at - 1, -1, -1):
            opener = runs[place]
            if opener is floor:
                return None
            if opener.char != closer.char or not opener.opens:
                continue
            odd = (closer.opens or opener.closes) and (opener.length + closer.length) % 3 == 0
            if not odd or (opener.length % 3 == 0 and closer.length % 3 == 0) or closer.char == "~":
                return place
        return None

    # --- links -----------------------------------------------------------------------------------------

    def _open(self, length: int) -> None:
        node = self._add("text", "![" if length == 2 else "[")
        self._at += length
        self._brackets.append(_Bracket(node, self._at, len(self._runs), length == 2, len(self._nodes) - 1))

    def _close(self) -> None:
        self._at += 1
        if not self._brackets:
            self._add("text", "]")
            return
        bracket = self._brackets.pop()
        label = self._text[bracket.place : self._at - 1]
        url = self._inline_target() if bracket.active else None
        if url is None and bracket.active:
            url = self._referenced(label)
        if url is None:
            self._add("text", "]")
            return
        self._emphasis(bracket.runs)
        if bracket.image:
            inside = [token for node in self._nodes[bracket.index + 1 :] for token in _written(node)]
            shown = "".join(
                " " if t.kind in ("soft", "hard") else t.text
                for t in inside
                if t.kind not in ("open", "close")
            )
            del self._nodes[bracket.index :]
            self._add("image", shown, "", url)
            return
        bracket.node.token = Token("open", "link", "[", url)
        self._add("close", "link", "]", url)
        for outer in self._brackets:
            if not outer.image:
                outer.active = False

    def _inline_target(self) -> str | None:
        """The address in `(address "title")` behind the bracket; moves behind it."""
        if self._text[self._at : self._at + 1] != "(":
            return None
        at = _skipped(self._text, self._at + 1)
        pointed = _pattern(_POINTED).match(self._text, at)
        if pointed:
            url, at = pointed[1], pointed.end()
        else:
            end = _bare_end(self._text, at)
            if end is None:
                return None
            url, at = self._text[at:end], end
        title = _pattern(_TITLE).match(self._text, at)
        at = _skipped(self._text, title.end() if title else at)
        if self._text[at : at + 1] != ")":
            return None
        self._at = at + 1
        return _unescaped(url)

    def _referenced(self, label: str) -> str | None:
        found = _pattern(_LABEL).match(self._text, self._at)
        name = found[1] if found and found[1].strip() else label
        if "[" in name.replace("\\[", "") or not name.strip():
            return None
        url = self._references.get(normalised(name))
        if url is not None and found:
            self._at = found.end()
        elif url is None and found and not found[1]:
            return None
        return url


def _written(node: _Node) -> list[Token]:
    if not node.before and not node.after:
        return [node.token] if node.token.text or node.token.kind != "text" else []
    rest = [Token("text", node.token.text[: node.left])] if node.left else []
    return [*node.before, *rest, *reversed(node.after)]


def _punctuation(char: str) -> bool:
    if char.isascii():
        return char in _PUNCTUATION
    import unicodedata

    return unicodedata.category(char)[0] in "PS"


def _skipped(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\n"):
        at += 1
    return at


def _bare_end(text: str, at: int) -> int | None:
    """Where an address without `<>` ends: parentheses inside it are in pairs."""
    if text[at : at + 1] == "<":
        return None
    depth = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2] in _PUNCTUATION and at + 1 < len(text):
            at += 1
        elif char == "(":
            depth += 1
            if depth > 32:
                return None
        elif char == ")":
            if not depth:
                break
            depth -= 1
        elif char <= " ":
            break
        at += 1
    return None if depth else at


def _unescaped(text: str) -> str:
    if "\\" in text:
        text = _pattern(r"\\([!-/:-@\[-`{-~])").sub(r"\1", text)
    return _pattern(_REFERENCE).sub(lambda found: _resolved(found[0]), text) if "&" in text else text


def _resolved(reference: str) -> str:
    """The character that `&name;` or `&#number;` stands for; an unknown name stays as written."""
    if reference[1] == "#":
        digits = reference[2:-1]
        code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    from html.entities import html5  # deferred: 3 ms, for the few answers that need it

    return html5.get(reference[1:], reference)
