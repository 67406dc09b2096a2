"""Colours code line by line: the colour of a line depends on the lines before it, never on those after.

Knows Pygments' lexers, and carries their state from one line to the next. Refuses to know Markdown.
"""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from functools import cache, lru_cache
from typing import Any, Final

from rich.style import Style
from rich.text import Text

LONGEST: Final = 2_000  # characters; a longer line is data rather than code, and stays uncoloured
# Names that people write after the fence and Pygments does not know.
_ALIASES: Final = (
    "jsonc:json json5:json jsonl:json ndjson:json node:javascript mjs:javascript svelte:html vue:html "
    "python3:python env:bash dotenv:ini hcl:terraform"
)
# Pygments' token types by the sixteen colours, which follow the user's own theme; the longest prefix counts.
_COLORS: Final = {
    "bright_black": "Comment Literal.String.Doc",
    "magenta": "Comment.Preproc Keyword Operator.Word",
    "yellow": "Keyword.Constant Name.Constant Literal.Number Literal.String.Escape Literal.String.Interpol",
    "cyan": "Keyword.Type Name.Attribute Name.Builtin Name.Decorator Name.Exception Name.Variable Generic.Subheading",
    "green": "Literal.String Generic.Inserted",
    "blue": "Name.Function Name.Tag",
    "bold blue": "Name.Class",
    "red": "Generic.Deleted",
    "bold": "Generic.Heading",
}
# What some lexers match in one go, over the ends of lines.
_SPANS: Final = [
    span.split() for span in ("/* */", "<!-- -->", '""" """', "''' '''", "` `", "--[[ ]]", "(* *)")
]


class Highlighter:
    """The colours of one code block, whose lines are given once, in order. A copy can run ahead."""

    def __init__(self, language: str) -> None:
        pair: tuple[Any, Any] = _lexer(language.lower()) if language else (None, None)
        self._lexer, self._context = pair
        self._span: tuple[str, Style] | None = None  # what ends a construct that is open, and its colour

    def line(self, text: str, unknown: Style) -> Text:
        """A line without its newline, in colours; in that of an unknown language where that is so."""
        if self._lexer is None or len(text) > LONGEST:
            return Text(text, unknown if self._lexer is None else "")
        pieces, rest = [], text
        if self._span:
            closing, style = self._span
            head, found, rest = text.partition(closing)
            pieces.append((head + found if found else text + "\n", style))
            self._span = None if found else self._span
        if not self._span:
            pieces += self._opening(rest) or self._lexed(rest + "\n")
        line = Text().append_tokens(pieces)
        line.right_crop(1)  # the newline
        # Lexers exist that drop a character; the code itself is worth more than its colours.
        return line if line.plain == text else Text(text)

    def _opening(self, text: str) -> list[tuple[str, Style]]:
        """The line, where it opens a construct and does not close it: then one token reaches to a closing below."""
        before = self._context
        for opening, closing in (span for span in _SPANS if span[0] in text):
            self._context, place = before, 0
            pieces = self._lexed(f"{text}\n{closing}")
            for index, (value, style) in enumerate(pieces):
                if style and value.startswith(opening) and value.endswith(f"\n{closing}"):
                    self._span = closing, style
                    return [*pieces[:index], (text[place:] + "\n", style)]
                place += len(value)
        self._context = before
        return []

    def _lexed(self, text: str) -> list[tuple[str, Style]]:
        """The text's pieces; the context goes on behind it."""
        from pygments.lexer import ExtendedRegexLexer

        context, tokens = deepcopy(self._context), None
        if context is not None:
            self._context = context
            context.text, context.pos, context.end = text, 0, len(text)
            drive = type(self._lexer) if isinstance(self._lexer, ExtendedRegexLexer) else ExtendedRegexLexer
            with suppress(TypeError):  # from a rule that cannot be driven so: the line is lexed by itself
                tokens = list(drive.get_tokens_unprocessed(self._lexer, None, context))
        if tokens is None:
            tokens = self._lexer.get_tokens_unprocessed(text)
        return [(value, _style(kind)) for _place, kind, value in tokens]


@lru_cache(maxsize=16)
def _lexer(language: str) -> tuple[Any, Any]:
    """Pygments' lexer for the name, and where it begins if it can go on from line to line; None for none."""
    from importlib import import_module

    from pygments.lexer import LexerContext, RegexLexer
    from pygments.lexers import LEXERS

    # Its own search would look through every installed package for plugins.
    language = dict(pair.split(":") for pair in _ALIASES.split()).get(language, language)
    found = ((module, name) for name, (module, _, aliases, _, _) in LEXERS.items() if language in aliases)
    module, name = next(found, ("", ""))
    lexer = getattr(import_module(module), name)() if module else None
    if name == "YamlLexer":
        return lexer, import_module(module).YamlLexerContext("", 0)
    stack = ["root", "php"] if name == "PhpLexer" else ["root"]  # answers leave `<?php` out
    return lexer, LexerContext("", 0, stack) if isinstance(lexer, RegexLexer) else None


@cache
def _style(kind: Any) -> Style:
    name = str(kind).removeprefix("Token.")
    found = (color for color, names in _COLORS.items() if name in names.split())
    return Style.parse(next(found, "")) or (_style(kind.parent) if kind.parent else Style.null())
