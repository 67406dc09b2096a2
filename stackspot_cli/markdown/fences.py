"""The fenced code blocks of an answer.

Pure. Knows CommonMark's fences through markdown-it, nothing about terminals.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """code: its lines as written. closed: False where the answer ended inside it, perhaps within a line."""

    code: str
    language: str
    closed: bool


def code_blocks(markdown: str) -> list[CodeBlock]:
    """The fenced code blocks of an answer, in order, those in lists and quotes too."""
    from markdown_it import MarkdownIt  # deferred: 20 ms that only `-x` and `/copy code` need

    lines = markdown.split("\n")
    found = []
    for token in MarkdownIt("commonmark").parse(markdown):
        if token.type != "fence" or token.map is None:
            continue
        first, end = token.map
        last = lines[end - 1].lstrip(" >\t-*+") if end - 1 > first and end <= len(lines) else ""
        closed = last.rstrip().startswith(token.markup) and not last.strip().strip(token.markup[0])
        found.append(CodeBlock(token.content, token.info.strip().partition(" ")[0], closed))
    return found
