"""A text file as part of a prompt: headed by its name, between fences that nothing inside can end. Pure."""

from __future__ import annotations


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
