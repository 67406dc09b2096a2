"""What people, tools and files said in a prompt, without the instructions that this command line puts around it.

Pure. Knows the forms of those instructions, as they arrive: for an answer by a schema, for tools, for a review.
"""

from __future__ import annotations

import json
import re

from stackspot_cli.sandbox import reviews

_SCHEMA = re.compile(
    r"(?:Answer with one JSON value and nothing else: [^\n]*|Answer again with the whole JSON value, [^\n]*)"
    r"It must be valid by this JSON Schema:\s*"
)
_TOOLS = re.compile(
    r"\n?^You have tools\. They run on .*?^The tools, one a line:\n(?:\{\"name\":[^\n]*(?:\n|\Z))*",
    re.MULTILINE | re.DOTALL,
)
_REMINDER = re.compile(r"^(=+) end of the conversation \1\n.*", re.MULTILINE | re.DOTALL)
_OPENING = re.compile(r"^This is our conversation so far[.,] [^\n]*\n\n", re.MULTILINE)
_CHANGE = re.compile(r"^(=== change [0-9a-f]+ ===)\n(.*)^\1$", re.MULTILINE | re.DOTALL)


def said(prompt: str) -> str:
    """The rest, in its order: headings of a conversation stay, they tell who speaks."""
    if reviews.is_asked(prompt):
        title, change = prompt.partition("\n")[0], _CHANGE.search(prompt)
        return f"{title}\n\n{change[2]}" if change else prompt
    text = _without_schema(prompt)
    for form in (_TOOLS, _REMINDER, _OPENING):
        text = form.sub("", text)
    return text.strip()


def _without_schema(prompt: str) -> str:
    asked = _SCHEMA.search(prompt)
    if asked is None:
        return prompt
    try:
        _schema, end = json.JSONDecoder().raw_decode(prompt, asked.end())
    except (ValueError, RecursionError):
        return prompt
    return f"{prompt[: asked.start()].rstrip()}\n\n{prompt[end:].lstrip()}"
