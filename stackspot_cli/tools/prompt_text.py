"""An inquiry as the one text that the service takes. Pure.

In this order: system texts; how to call, and the tools; the form of the answer; the conversation, oldest first, the
last turn at its end; a reminder. A heading's rule is longer than any line of equals signs inside, so that no file,
result or message can forge one; what stands under a heading is exact to the character.

Refuses to know what is too long (`shortening`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from stackspot_cli.conversation.transcript import CONVERSATION_SO_FAR
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.structured.fitting import instruction
from stackspot_cli.tools import offer
from stackspot_cli.tools.inquiry import CUSTOM_ARGUMENT, Call, Inquiry, Item, Result, Said

# A line that could be taken for a heading, after any kind of line break: equals signs, words, an equals sign.
_LIKE_A_HEADING = re.compile(
    r"(?:^|[\r\v\f\x85\u2028\u2029])[^\S\n]*(=+) (?=[^\n\r\v\f\x85\u2028\u2029]*=)", re.MULTILINE
)
NO_OUTPUT = "(no output)"
END = "end of the conversation"
RESULT_OF = "result of"
_ID_CHARACTERS = 80
_AFTER_A_SYSTEM_TEXT = "This is our conversation so far. Answer the user's last message."
_GO_ON = "This is our conversation so far, under headings. Go on from its end."
_PREFILLED = (
    "The assistant's last message above is yours, and it is not finished: go on exactly where it stops, "
    "and repeat nothing of it."
)
_IN_FORM = "Answer with one JSON value that is valid by the JSON Schema above, and with nothing else."


@dataclass(frozen=True, slots=True)
class PromptText:
    """rule: what stands before and behind the words of a heading; empty where the text has none."""

    text: str
    rule: str


def compose(inquiry: Inquiry, detail: int = offer.WHOLE, left_out: str = "") -> PromptText:
    """detail: how much is told of each tool. left_out: a sentence in the place of turns that are missing."""
    system, said = _divided(inquiry.items)
    front = (*system, offer.offer(inquiry, detail), instruction(inquiry.form) if inquiry.form else "")
    if not inquiry.offered and not inquiry.form and not left_out and _is_plain(said):
        return PromptText(_joined((*front, *(item.text for item in said if isinstance(item, Said)))), "")
    rule = _rule(said)
    blocks = [_heading(rule, words) + body for words, body in _blocks(said, offered=bool(inquiry.offered))]
    tail = _tail(inquiry, said)
    if tail:
        blocks.append(_heading(rule, END) + tail)
    return PromptText(_joined((*front, _opening(inquiry, said), left_out, *blocks)), rule)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _heading(rule: str, words: str) -> str:
    return f"{rule} {words} {rule}\n"


def _divided(items: Sequence[Item]) -> tuple[list[str], list[Item]]:
    """The system texts at the beginning, and the rest, where a later one keeps its place."""
    start = next(
        (place for place, item in enumerate(items) if not isinstance(item, Said) or item.role != "system"),
        len(items),
    )
    system = [item.text for item in items[:start] if isinstance(item, Said) and item.text.strip()]
    said = [item for item in items[start:] if not isinstance(item, Said) or item.text.strip()]
    return system, said


def _is_plain(said: Sequence[Item]) -> bool:
    """One message of the user, or none: it needs no heading."""
    return not said or (len(said) == 1 and isinstance(said[0], Said) and said[0].role == "user")


def _rule(said: Sequence[Item]) -> str:
    """Longer than any that stands in what was said."""
    texts = (item.arguments if isinstance(item, Call) else item.text for item in said)
    runs = (len(run) for text in texts if "=" in text for run in _LIKE_A_HEADING.findall(text))
    return "=" * max(3, 1 + max(runs, default=0))


def _opening(inquiry: Inquiry, said: Sequence[Item]) -> str:
    if not said:
        return ""
    if inquiry.offered or any(not isinstance(item, Said) for item in said):
        return _GO_ON
    last = said[-1]
    if isinstance(last, Said) and last.role == "system":
        return _AFTER_A_SYSTEM_TEXT
    return CONVERSATION_SO_FAR


def _tail(inquiry: Inquiry, said: Sequence[Item]) -> str:
    last = said[-1] if said else None
    prefilled = isinstance(last, Said) and last.role == "assistant"
    in_form = inquiry.form is not None and inquiry.choice != "required"
    return _joined((_PREFILLED if prefilled else "", offer.reminder(inquiry), _IN_FORM if in_form else ""))


# --- the conversation ------------------------------------------------------------------------------


def _blocks(said: Sequence[Item], *, offered: bool) -> Iterator[tuple[str, str]]:
    """What stands under each heading: its words, and the body."""
    names = {item.id: item.tool.shown for item in said if isinstance(item, Call)}
    own: list[str] = []  # of the assistant, until somebody else has the word
    for item in _in_order(said):
        match item:
            case Said("assistant", text):
                own.append(text)
            case Call():
                own.append(_called(item, offered=offered))
            case _:
                if own:
                    yield "assistant", "\n".join(own)
                    own = []
                yield (item.role, item.text) if isinstance(item, Said) else _result(item, names)
    if own:
        yield "assistant", "\n".join(own)


def _in_order(said: Sequence[Item]) -> Iterator[Item]:
    """Results that follow one another in the order of their calls."""
    places = {item.id: place for place, item in enumerate(said) if isinstance(item, Call)}
    run: list[Result] = []
    for item in said:
        if isinstance(item, Result):
            run.append(item)
            continue
        yield from sorted(run, key=lambda result: places.get(result.call_id, len(said)))
        run = []
        yield item
    yield from sorted(run, key=lambda result: places.get(result.call_id, len(said)))


def _called(call: Call, *, offered: bool) -> str:
    """A call that was made: in exactly the form that is asked for, where calls are asked for."""
    if not offered:
        return f"(called {_in_a_line(call.tool.shown)}: {call.arguments})"
    if call.tool.kind == "custom":
        return offer.written(call.tool.shown, {CUSTOM_ARGUMENT: call.arguments})
    return offer.written_raw(call.tool.shown, _as_json(call.arguments))


def _as_json(arguments: str) -> str:
    """As it was written; what is no JSON (a model's mistake that a client handed back) as a string."""
    try:
        json.loads(arguments)
    except (ValueError, RecursionError):
        return json.dumps(arguments, ensure_ascii=False) if arguments.strip() else "{}"
    return arguments.strip()


def _result(result: Result, names: dict[str, str]) -> tuple[str, str]:
    name = names.get(result.call_id)
    words = f"{RESULT_OF} {_in_a_line(name)}," if name else "result,"
    failed = " (error)" if result.is_error else ""
    return (
        f"{words} {_in_a_line(result.call_id)}{failed}",
        result.text if result.text.strip() else NO_OUTPUT,
    )


def _in_a_line(text: str) -> str:
    return " ".join(text.split())[:_ID_CHARACTERS]
