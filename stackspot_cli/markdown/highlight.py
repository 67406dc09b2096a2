"""Colours code line by line: the colour of a line depends on the lines before it, never on those after.

Knows Pygments' lexers and drives them from one line to the next; refuses to know terminals and Markdown.
A whole-file lexer could not give finished lines while the code still arrives, nor at a constant cost each.
What a lexer finds by one pattern over several lines (comments, mostly) is found by asking it once.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

LONGEST: Final = 2_000  # characters; a longer line is data rather than code, and stays uncoloured

# Names that people write after the fence and Pygments does not know.
_ALIASES: Final = {
    "jsonc": "json",
    "json5": "json",
    "jsonl": "json",
    "ndjson": "json",
    "node": "javascript",
    "mjs": "javascript",
    "python3": "python",
    "env": "bash",
    "dotenv": "ini",
    "svelte": "html",
    "vue": "html",
    "hcl": "terraform",
}
# Pygments' token types to SGR parameters of the sixteen colours, which follow the user's own theme. The
# longest prefix of a type counts.
_STYLES: Final = {
    "Token.Comment": "90",
    "Token.Comment.Preproc": "35",
    "Token.Keyword": "35",
    "Token.Keyword.Constant": "33",
    "Token.Keyword.Type": "36",
    "Token.Operator.Word": "35",
    "Token.Literal.String": "32",
    "Token.Literal.String.Doc": "90",
    "Token.Literal.String.Escape": "33",
    "Token.Literal.String.Interpol": "33",
    "Token.Literal.Number": "33",
    "Token.Literal.Date": "33",
    "Token.Name.Function": "34",
    "Token.Name.Class": "34;1",
    "Token.Name.Decorator": "36",
    "Token.Name.Builtin": "36",
    "Token.Name.Exception": "36",
    "Token.Name.Constant": "33",
    "Token.Name.Tag": "34",
    "Token.Name.Attribute": "36",
    "Token.Name.Variable": "36",
    "Token.Generic.Deleted": "31",
    "Token.Generic.Inserted": "32",
    "Token.Generic.Heading": "1",
    "Token.Generic.Subheading": "36",
}
# Openings and closings of constructs that some lexers match in one go.
_SPANS: Final = (
    ("/*", "*/"),
    ("<!--", "-->"),
    ('"""', '"""'),
    ("'''", "'''"),
    ("`", "`"),
    ("--[[", "]]"),
    ("(*", "*)"),
)
_KEPT: Final = 16  # languages of one process


class Span(NamedTuple):
    """A construct over several lines, and the style of what is inside."""

    opening: str
    closing: str
    style: str


class CodeColours:
    """The colours of one code block. Feed it each line once, in order."""

    __slots__ = ("_context", "_lexer", "_span", "_stack")

    def __init__(self, language: str) -> None:
        self._lexer = _lexer(language.strip().lower()) if language else None
        self._stack: tuple[str, ...] = self._lexer.root if self._lexer else ()
        self._context: Any = None  # what an ExtendedRegexLexer keeps instead of a stack
        self._span: Span | None = None

    @property
    def known(self) -> bool:
        """Whether there is a lexer for the language."""
        return self._lexer is not None

    def copy(self) -> CodeColours:
        """A twin that can run ahead, over a line that has not ended."""
        twin = CodeColours("")
        twin._lexer, twin._stack, twin._span = self._lexer, self._stack, self._span
        twin._context = deepcopy(self._context)
        return twin

    def line(self, text: str) -> list[tuple[str, str]]:
        """(style, text) for a line without its newline; the texts add up to the line."""
        if self._lexer is None or len(text) > LONGEST:
            return [("", text)]
        out: list[tuple[str, str]] = []
        rest = text
        if self._span:
            end = text.find(self._span.closing)
            if end < 0:
                return [(self._span.style, text)]
            end += len(self._span.closing)
            out.append((self._span.style, text[:end]))
            rest, self._span = text[end:], None
        stack = self._stack
        tokens = self._tokens(rest)
        span = _opened(tokens, rest, self._lexer.spans)
        if span:
            at, self._span = span
            self._stack = stack
            tokens = self._tokens(rest[:at])
            tokens.append((self._span.style, rest[at:]))
        for style, value in tokens:
            _add(out, style, value)
        # Lexers exist that drop a character; the code itself is worth more than its colours.
        return out if "".join(value for _style, value in out) == text else [("", text)]

    def _tokens(self, text: str) -> list[tuple[str, str]]:
        """(style, text) as the lexer sees the line; leaves its state for the next one."""
        assert self._lexer
        lexer, line = self._lexer.lexer, text + "\n"
        if self._lexer.kind == "table":
            stack = list(self._stack)
            found = list(_driven(lexer, stack, line))
            self._stack = tuple(stack)
        elif self._lexer.kind == "context":
            if self._context is None:
                self._context = _fresh_context(lexer)
            self._context.text, self._context.pos, self._context.end = line, 0, len(line)
            found = [(kind, value) for _at, kind, value in lexer.get_tokens_unprocessed(None, self._context)]
        else:
            found = [(kind, value) for _at, kind, value in lexer.get_tokens_unprocessed(line)]
        styled = [(_style(kind), value) for kind, value in found]
        if styled and styled[-1][1].endswith("\n"):
            styled[-1] = (styled[-1][0], styled[-1][1][:-1])
        return styled


def _add(out: list[tuple[str, str]], style: str, text: str) -> None:
    if out and (out[-1][0] == style or not text.strip()):
        out[-1] = (out[-1][0], out[-1][1] + text)
    elif text:
        out.append((style, text))


def _opened(tokens: list[tuple[str, str]], text: str, spans: tuple[Span, ...]) -> tuple[int, Span] | None:
    """Where a construct opens that this line does not close, outside strings and comments."""
    best: tuple[int, Span] | None = None
    for span in spans:
        at = text.find(span.opening)
        while at >= 0 and _inside(tokens, at):
            at = text.find(span.opening, at + 1)
        if at >= 0 and text.find(span.closing, at + len(span.opening)) < 0 and (not best or at < best[0]):
            best = at, span
    return best


def _inside(tokens: list[tuple[str, str]], at: int) -> bool:
    """Whether the place lies within a string or a comment."""
    position = 0
    for style, value in tokens:
        position += len(value)
        if at < position:
            return style in (_STYLES["Token.Comment"], _STYLES["Token.Literal.String"])
    return False


# --- lexers ---------------------------------------------------------------------------------------------


class _Lexer(NamedTuple):
    """kind: how the lexer goes from line to line: by its table of states, by its context, or not at all."""

    lexer: Any
    kind: Literal["table", "context", "line"]
    root: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


@lru_cache(maxsize=_KEPT)
def _lexer(language: str) -> _Lexer | None:
    from pygments.lexer import (
        ExtendedRegexLexer,
        RegexLexer,
    )  # deferred: only an answer with code pays for it

    found = _named(_ALIASES.get(language, language))
    if found is None:
        return None
    lexer = found()
    if isinstance(lexer, ExtendedRegexLexer):
        return _Lexer(lexer, "context")
    if not isinstance(lexer, RegexLexer):
        return _Lexer(lexer, "line")
    root = ("root", "php") if found.__name__ == "PhpLexer" else ("root",)  # answers leave `<?php` out
    return _Lexer(lexer, "table", root, _spans(lexer, root))


def _named(language: str) -> Any:
    """Pygments' class for the name. Its own search would look through every installed package for plugins."""
    from importlib import import_module

    from pygments.lexers import LEXERS

    for name, (module, _title, aliases, _patterns, _mimes) in LEXERS.items():
        if language in aliases:
            return getattr(import_module(module), name)
    return None


def _fresh_context(lexer: Any) -> Any:
    from pygments.lexer import LexerContext
    from pygments.lexers.data import YamlLexer, YamlLexerContext

    return YamlLexerContext("", 0) if isinstance(lexer, YamlLexer) else LexerContext("", 0)


def _spans(lexer: Any, root: tuple[str, ...]) -> tuple[Span, ...]:
    """The constructs that the lexer finds by one pattern over two lines; line by line it would miss them."""
    spans: list[Span] = []
    for opening, closing in _SPANS:
        whole = f"{opening} a\nb {closing}"
        found = _driven(lexer, list(root), whole + "\n")
        kind, value = next(((kind, value) for kind, value in found if value), (None, ""))
        if value.startswith(whole) and _style(kind):
            spans.append(Span(opening, closing, _style(kind)))
    return tuple(spans)


@lru_cache(maxsize=512)
def _style(kind: Any) -> str:
    name = str(kind)
    while name:
        if name in _STYLES:
            return _STYLES[name]
        name = name.rpartition(".")[0]
    return ""


def _driven(lexer: Any, stack: list[str], text: str) -> Iterator[tuple[Any, str]]:
    """Pygments' own loop (RegexLexer.get_tokens_unprocessed), except that the stack outlives it."""
    from pygments.token import Text, _TokenType

    position = 0
    rules = lexer._tokens[stack[-1]]
    while position < len(text):
        for match, action, state in rules:
            found = match(text, position)
            if not found:
                continue
            if type(action) is _TokenType:
                yield action, found[0]
            elif action is not None:
                for _at, kind, value in action(lexer, found):
                    yield kind, value
            position = found.end()
            if state is not None:
                _enter(stack, state)
                rules = lexer._tokens[stack[-1]]
            break
        else:
            if text[position] == "\n":
                del stack[1:]
                rules = lexer._tokens[stack[-1]]
            yield Text, text[position]
            position += 1


def _enter(stack: list[str], state: Any) -> None:
    """Moves to a rule's new state: names, `#pop`, `#push`, or a number of states to leave."""
    if isinstance(state, int):
        if abs(state) >= len(stack):
            del stack[1:]
        else:
            del stack[state:]
        return
    for name in (state,) if isinstance(state, str) else state:
        if name == "#pop":
            if len(stack) > 1:
                stack.pop()
        elif name == "#push":
            stack.append(stack[-1])
        else:
            stack.append(name)
