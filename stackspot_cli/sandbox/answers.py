"""What the sandbox says: deterministic Markdown that suits the prompt and tells what was received.

Pure: facts in, text out. Refuses to know how a request or a frame is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stackspot_cli.sandbox import reviews
from stackspot_cli.sandbox.json_answers import json_answer
from stackspot_cli.sandbox.snippets import Snippet, snippet_for, words_of

CHARACTERS_PER_TOKEN = 4  # the usual rule of thumb for English prose
_SHOWN = 60  # characters of a quotation
_READ_FOR_INTENT = 2_000  # characters: what a person asks for stands at the beginning

_GREETINGS = {
    *("hi", "hello", "hey", "ping", "thanks", "morning", "test", "testing"),
    *("oi", "olá", "ola", "bom", "obrigado", "obrigada", "teste"),
}
_PORTUGUESE = {"oi", "olá", "ola", "bom", "obrigado", "obrigada", "teste"}
_GREETING_WORDS = 5  # more than that is a question
_SYSTEM = {"system", "instruction", "instructions", "sistema", "instrução", "instruções"}
# A line with nothing but a role and rules around it: how a transcript in one text tells who speaks.
_ROLE_LINE = re.compile(
    r"^[^\w\n]*(?:user|assistant|human|usu[aá]rio)[^\w\n]*$", re.MULTILINE | re.IGNORECASE
)

_FENCED = re.compile(r"(?ms)(?:(?<=\n\n)[^\n`]+\n)?^(`{3,}|~{3,}).*?(?:^\1[`~]*\s*$|\Z)")
_LIKE_CODE = re.compile(
    r"^[ \t]*(?:(?:async )?def \w+\(|class \w+.*[:{]$|import [\w.]+;?$|from [\w.]+ import |#include\b"
    r"|(?:export )?(?:async )?function \w*\(|func \w+\(|(?:const|let|var) \w+ ?=|public (?:static )?\w+ "
    r"|package [\w.]+;?$|diff --git |@@ -\d)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Received:
    """What arrived with a prompt.

    served_by: ("model", name) or ("agent", name). Others are None, or empty, where nothing was sent.
    turn: 1 for the first of a conversation. earlier: the user's message before this one.
    attachments: names of uploaded files. sources: names of the knowledge that the answer leans on.
    """

    prompt: str
    served_by: tuple[str, str]
    turn: int = 1
    earlier: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    attachments: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def estimate_tokens(text: str) -> int:
    """About how many tokens: one for every four characters, and at least one."""
    return max(1, -(-len(text) // CHARACTERS_PER_TOKEN))


def deltas(text: str) -> list[str]:
    """The text in word-like pieces; joined they are the text."""
    return re.findall(r"\s*\S+|\s+$", text)


def answer(received: Received) -> str:
    """The answer, as Markdown; as JSON where a list of findings, or a value of a schema, is asked for."""
    if reviews.is_asked(received.prompt):
        return reviews.findings(received.prompt)
    value = json_answer(received.prompt)
    if value is not None:
        return value
    request = _last_message(received.prompt)
    snippet = snippet_for(_outside_fences(request)[:_READ_FOR_INTENT], brings_code=_brings_code(request))
    if snippet:
        text = _with_code(received, snippet)
    elif _is_greeting(request):
        text = _short(received)
    else:
        text = _prose(received)
    return text.rstrip("\n")  # as models do: no newline at the end


def _last_message(prompt: str) -> str:
    """What is asked now: all of the prompt, or what follows the last heading of a transcript."""
    return _ROLE_LINE.split(prompt)[-1].strip()


def _is_greeting(prompt: str) -> bool:
    words = words_of(prompt[:80])
    return len(prompt) <= 60 and len(words) <= _GREETING_WORDS and not _GREETINGS.isdisjoint(words)


def _names_system(prompt: str) -> bool:
    """Whether the prompt opens with a heading such as `System:`, as clients of this service write it."""
    return not _SYSTEM.isdisjoint(words_of(prompt[:40])[:1])


def _outside_fences(text: str) -> str:
    """Without the blocks, and without the file's name that may stand above one."""
    return _FENCED.sub("", text)


def _brings_code(request: str) -> bool:
    """Whether there is code already, in a block or as it was piped: what is asked then is hardly more of it."""
    return _FENCED.search(request) is not None or _LIKE_CODE.search(request) is not None


def _short(received: Received) -> str:
    facts = [f"{name} {value}" for name, value in _facts(received)]
    portuguese = not _PORTUGUESE.isdisjoint(words_of(received.prompt))
    parts = [
        "Oi!" if portuguese else "Hi!",
        f"The sandbox received: {', '.join(facts)}.",
        *_earlier(received),
    ]
    return " ".join(parts)


def _with_code(received: Received, snippet: Snippet) -> str:
    return (
        f"## {snippet.title}\n\n"
        f"```{snippet.language}\n{snippet.code}```\n\n"
        "Sent by the sandbox, an emulated StackSpot on this machine.\n\n"
        f"{_what_arrived(received)}"
    )


def _prose(received: Received) -> str:
    return (
        "# Hello from the sandbox\n\n"
        "This is an emulated StackSpot: the sockets, the token and the event stream are **real**, "
        "the wisdom is not. Nothing left this machine.\n\n"
        f"{_what_arrived(received)}"
        "## What to try next\n\n"
        "1. **Code**: ask for a *factorial function in Python*.\n"
        "2. **Context**: pipe a file in, and watch the count of characters grow.\n"
        "3. **Conversation**: ask again, and see the turn count up.\n"
        "4. **A bad day**: `stackspot sandbox --fault rate-limit`.\n"
    )


def _what_arrived(received: Received) -> str:
    rows = "".join(f"| {name} | {value} |\n" for name, value in _facts(received))
    said = "".join(f"{sentence}\n\n" for sentence in (*_ends(received.prompt), *_earlier(received)))
    return f"## What arrived\n\n| what | value |\n|:-----|:------|\n{rows}\n{said}"


def _facts(received: Received) -> list[tuple[str, str]]:
    kind, name = received.served_by
    facts = [(kind, _quoted(name, _SHOWN))]
    if received.temperature is not None:
        facts.append(("temperature", f"{received.temperature:g}"))
    if received.max_tokens is not None:
        facts.append(("max tokens", str(received.max_tokens)))
    facts.append(("prompt", _size(received.prompt)))
    if _names_system(received.prompt):
        facts.append(("system text", "seen"))
    told = len(_ROLE_LINE.findall(received.prompt))
    if told:
        facts.append(("transcript", _count(told, "message")))
    if received.attachments:
        facts.append(("attachments", ", ".join(_quoted(name, _SHOWN) for name in received.attachments)))
    if received.sources:
        facts.append(("knowledge", ", ".join(_quoted(name, _SHOWN) for name in received.sources)))
    facts.append(("conversation", f"turn {received.turn}"))
    return facts


def _size(text: str) -> str:
    lines = len(text.splitlines())
    return f"{_count(len(text), 'character')} in {_count(lines, 'line')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _ends(prompt: str) -> list[str]:
    """How the prompt begins and, where that is not all of it, ends: instructions first, the request last."""
    line = " ".join(prompt.split())
    begins = [f"Your prompt begins: {_quoted(line, _SHOWN)}"]
    return (
        begins if len(line) <= _SHOWN else [*begins, f"It ends: {_quoted('…' + line[1 - _SHOWN :], _SHOWN)}"]
    )


def _earlier(received: Received) -> list[str]:
    return [] if received.earlier is None else [f"Before that you said: {_quoted(received.earlier, _SHOWN)}"]


def _quoted(text: str, limit: int) -> str:
    """The text's beginning on one line as Markdown's inline code, where nothing in it is markup."""
    line = " ".join(text.split()).replace("`", "'").replace("|", "\u00a6").replace("<tool_call", "<tool call")
    return f"`{line if len(line) <= limit else line[: limit - 1] + '…'}`"
