"""The fenced code blocks of an answer. Knows CommonMark's fences through markdown-it, nothing about terminals."""

from __future__ import annotations

import re

from stackspot_cli.lean_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """code: its lines as written. closed: False where the answer ended inside it, perhaps within a line."""

    code: str
    language: str
    closed: bool


def code_blocks(markdown: str) -> list[CodeBlock]:
    """The fenced code blocks of an answer, in order, those in lists and quotes too."""
    from markdown_it import MarkdownIt  # deferred: 20 ms that only `-x` and `/copy code` need

    found = []
    for token in MarkdownIt("commonmark").parse(markdown):
        if token.type == "fence" and token.map:
            lines = token.content.removesuffix("\n").count("\n") + bool(token.content)
            closed = token.map[1] - token.map[0] == lines + 2
            found.append(CodeBlock(token.content, token.info.strip().partition(" ")[0], closed))
    return found


def as_received(markdown: str, number: int) -> str:
    """The code of one of `code_blocks`, character by character: a parser makes newlines of all line ends, and signs
    of NULs. One inside a list or a quote, whose lines are no lines of the answer, is as the parser gives it."""
    from markdown_it import MarkdownIt

    fences = [
        token for token in MarkdownIt("commonmark").parse(markdown) if token.type == "fence" and token.map
    ]
    token = fences[number]
    first, end = token.map or (0, 0)
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", markdown)
    if token.level or not lines[first].startswith(token.markup):
        return token.content
    written = token.content.removesuffix("\n").count("\n") + bool(token.content)
    return "".join(lines[first + 1 : min(end, first + 1 + written)])
