"""What is left out of an inquiry that is too long, in which order, and how it is said. Pure.

What a person would miss least goes first: formalities of the tools, old results, the middle of large ones, old calls,
old turns. System texts, the names and required parameters of tools, the user's last message and the last turn stay.
Only where nothing else is left does a result of the last turn lose its middle: the model is told, and can ask for
the rest, while a refusal would end the session of most clients.

Sizes are characters. Refuses to know tokens and models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.tools import offer
from stackspot_cli.tools.inquiry import Call, Inquiry, Item, Result, Said
from stackspot_cli.tools.prompt_text import PromptText, compose

COMFORTABLE = 0.85
"""Of what fits: where something has to go, so much goes that an answer's token count leaves the client at its ease.
Above 87.5 % (opencode) or 90 % (Codex) of the window they compact after each answer."""
RECENT_RESULTS = 4  # before the last turn: they lose their middle before they go
LEAST_CHARACTERS, LEAST_OF_LAST = 1_000, 2_000  # of a result that loses its middle


@dataclass(frozen=True, slots=True)
class LeftOut:
    """detail: see `offer`. results: without their text. middles: results without their middle. calls: with their
    results. turns: messages."""

    detail: int = offer.WHOLE
    results: int = 0
    middles: int = 0
    calls: int = 0
    turns: int = 0

    def __bool__(self) -> bool:
        return self != LeftOut()

    def parts(self) -> Iterator[str]:
        """What is missing, for a log and a header: ASCII, in English."""
        if self.detail:
            yield f"tools step {self.detail} of {offer.FEWEST_WORDS}"
        for name in ("results", "middles", "calls", "turns"):
            count = getattr(self, name)
            if count:
                yield f"{name} {count}"


@dataclass(frozen=True, slots=True)
class Fitted:
    prompt: PromptText
    left_out: LeftOut


def last_turn(items: Sequence[Item]) -> frozenset[int]:
    """The places that stay: system texts, the user's last message, and what came after the assistant's last word,
    with the calls that it answers."""
    by_assistant = [
        place
        for place, item in enumerate(items)
        if isinstance(item, Call) or (isinstance(item, Said) and item.role == "assistant")
    ]
    if by_assistant and by_assistant[-1] == len(items) - 1 and isinstance(items[-1], Said):
        by_assistant.pop()  # the beginning of the answer that is asked for
    start = by_assistant[-1] + 1 if by_assistant else 0
    kept = set(range(start, len(items)))
    answered = {item.call_id for item in items[start:] if isinstance(item, Result)}
    by_user = [place for place, item in enumerate(items) if isinstance(item, Said) and item.role == "user"]
    kept.update(by_user[-1:])
    for place, item in enumerate(items):
        if (isinstance(item, Said) and item.role == "system") or (
            isinstance(item, Call) and item.id in answered
        ):
            kept.add(place)
    return frozenset(kept)


def fit(inquiry: Inquiry, most: int, kept: frozenset[int] | None = None) -> Fitted:
    """The prompt in at most so many characters, or as few as may be.

    kept: the places of items that stay whole; by itself `last_turn`.
    """
    draft = _Draft(inquiry, most, last_turn(inquiry.items) if kept is None else kept)
    if draft.excess > 0:
        draft.aim_at(int(most * COMFORTABLE))
        draft.do(draft.say_less_of_tools, draft.leave_out_old_results, draft.leave_out_middles)
        draft.aim_at(most)
        draft.do(draft.leave_out_calls, draft.leave_out_turns, draft.leave_out_last_middles)
    return Fitted(draft.prompt, draft.left_out)


def fixed_characters(inquiry: Inquiry) -> int:
    """How long the system texts and the tools are when all that can be is left out of them."""
    start = next(
        (
            place
            for place, item in enumerate(inquiry.items)
            if not isinstance(item, Said) or item.role != "system"
        ),
        len(inquiry.items),
    )
    return len(compose(replace(inquiry, items=inquiry.items[:start]), offer.FEWEST_WORDS).text)


class _Draft:
    def __init__(self, inquiry: Inquiry, most: int, kept: frozenset[int]) -> None:
        self._inquiry = inquiry
        self._most = most
        self._kept = kept
        self._items: list[Item | None] = list(inquiry.items)
        self._names = {item.id: item.tool.shown for item in inquiry.items if isinstance(item, Call)}
        self._detail = offer.WHOLE
        self._emptied: set[int] = set()  # places of results
        self._halved: set[int] = set()
        self._calls = self._turns = 0
        self.compose()

    def aim_at(self, most: int) -> None:
        self.excess += self._most - most
        self._most = most

    def do(self, *steps: Callable[[], object]) -> None:
        """Each as often as it helps, until nothing is in excess."""
        for step in steps:
            before = None
            while self.excess > 0 and self.left_out != before:
                before = self.left_out
                step()
                self.compose()

    @property
    def left_out(self) -> LeftOut:
        """What is missing of what is left: a result that went with its call is not counted twice."""
        there = {place for place, item in enumerate(self._items) if item is not None}
        return LeftOut(
            self._detail,
            len(self._emptied & there),
            len((self._halved - self._emptied) & there),
            self._calls,
            self._turns,
        )

    def compose(self) -> None:
        items = tuple(item for item in self._items if item is not None)
        gone = self._turns + self._calls
        note = f"[earlier messages and calls left out here, to fit the limit: {gone}]" if gone else ""
        self.prompt = compose(replace(self._inquiry, items=items), self._detail, note)
        self.excess = len(self.prompt.text) - self._most  # then kept by estimate, until the next composing

    def say_less_of_tools(self) -> None:
        usual = len(offer.offer(self._inquiry))
        for detail in range(offer.WITHOUT_FORMALITIES, offer.FEWEST_WORDS + 1):
            if self.excess <= 0 or not self._inquiry.offered:
                return
            saved = usual - len(offer.offer(self._inquiry, detail))
            if saved:
                self._detail = detail
                self.compose()

    def leave_out_old_results(self) -> None:
        old = [place for place, _result in self._results(old=True)]
        for place in old[: max(0, len(old) - RECENT_RESULTS)]:
            if self.excess <= 0:
                return
            result = self._items[place]
            if place in self._emptied or not isinstance(result, Result):
                continue
            name = self._names.get(result.call_id, "a tool")
            words = f"[result of {name} left out, {len(result.text)} characters; call it again if needed]"
            if len(words) < len(result.text):
                self._replace(place, result, words)
                self._emptied.add(place)

    def leave_out_middles(self) -> None:
        self._leave_out_middles(old=True, least=LEAST_CHARACTERS)

    def leave_out_last_middles(self) -> None:
        self._leave_out_middles(old=False, least=LEAST_OF_LAST)

    def _leave_out_middles(self, *, old: bool, least: int) -> None:
        largest = sorted(self._results(old=old), key=lambda found: -len(found[1].text))
        for place, result in largest:
            if self.excess <= 0 or len(result.text) <= least:
                return
            shorter = _without_middle(result.text, max(least, len(result.text) - self.excess - 100))
            if len(shorter) < len(result.text):
                self._replace(place, result, shorter)
                self._halved.add(place)

    def leave_out_calls(self) -> None:
        answers = {item.call_id: place for place, item in enumerate(self._items) if isinstance(item, Result)}
        for place, item in enumerate(self._items):
            if self.excess <= 0:
                return
            if place in self._kept or not isinstance(item, Call | Result):
                continue
            self._remove(place)
            answer = answers.get(item.id) if isinstance(item, Call) else None
            if answer is not None and answer not in self._kept:
                self._remove(answer)
            self._calls += 1

    def leave_out_turns(self) -> None:
        for place, item in enumerate(self._items):
            if self.excess <= 0:
                return
            if place not in self._kept and isinstance(item, Said):
                self._remove(place)
                self._turns += 1

    def _results(self, *, old: bool) -> list[tuple[int, Result]]:
        return [
            (place, item)
            for place, item in enumerate(self._items)
            if isinstance(item, Result) and (place not in self._kept) == old
        ]

    def _replace(self, place: int, result: Result, text: str) -> None:
        self._items[place] = replace(result, text=text)
        self.excess -= len(result.text) - len(text)

    def _remove(self, place: int) -> None:
        item = self._items[place]
        self._items[place] = None
        if item is not None:
            self.excess -= len(item.arguments if isinstance(item, Call) else item.text)


def _without_middle(text: str, most: int) -> str:
    """Head and tail, each to the end of a line where one is near."""
    half = max(0, most - 60) // 2
    head = text[:half]
    tail = text[len(text) - half :]
    head = head[: head.rfind("\n") + 1] if head.rfind("\n") > half // 2 else head
    start = tail.find("\n") + 1
    tail = tail[start:] if 0 < start < half // 2 else tail
    gone = len(text) - len(head) - len(tail)
    return f"{head}\n[{gone} characters left out here, to fit the limit]\n{tail}"
