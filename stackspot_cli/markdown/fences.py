"""Fenced code: a fence that fits around a text, and the blocks found in an answer.

Pure. Knows CommonMark's fences through markdown-it, nothing about terminals.
"""

from __future__ import annotations

from dataclasses import dataclass


def fence_for(text: str) -> str:
    """A fence longer than any run of backticks in the text, so that nothing inside can end it."""
    longest = run = 0
    for char in text:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    return "`" * max(3, longest + 1)


def fenced(name: str, text: str) -> str:
    """A file as part of a prompt: headed by its name, between fences."""
    fence = fence_for(text)
    language = name.rpartition(".")[2] if "." in name.rpartition("/")[2] else ""
    info = language if language.isalnum() and language.isascii() else ""
    end = "" if text.endswith("\n") or not text else "\n"
    return f"{name}\n{fence}{info}\n{text}{end}{fence}"


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
