"""One answer to one inquiry: text as it comes, calls when they are whole and valid, what was wrong asked for once more.

    for event in answer(inquiry, sender, stream, new_id=…): ...      -> Delta…, Source…, Call…, Usage, Finished

Knows when an answer is over. Refuses to know models, sockets, and any API's words. Calls leave together at the end:
a client runs a call at once, and an answer that breaks off after one would have it run twice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from typing import Literal, TypeAlias

from stackspot_cli.domain import Delta, Done, Event, Source, Usage
from stackspot_cli.errors import AnswerLacks
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.structured import fitting
from stackspot_cli.structured.json_text import Found
from stackspot_cli.structured.short_form import NotASchema
from stackspot_cli.tools.call_checks import Checker
from stackspot_cli.tools.call_forms import Broken, Written
from stackspot_cli.tools.call_reader import CallReader, Cut, Piece
from stackspot_cli.tools.inquiry import Call, Inquiry, Said
from stackspot_cli.tools.sending import Sender, Stream
from stackspot_cli.tools.stop_strings import StopStrings
from stackspot_cli.translation import _, untranslated

Reason: TypeAlias = Literal["stop", "length", "calls"]
LONGEST_HELD = 16 * 1024 * 1024  # characters of an answer that is held back for its form
_LENGTH = ("length", "max_tokens")


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is whole. stop: the text that ended it. repairs: how often something was asked for again."""

    reason: Reason
    done: Done
    stop: str | None = None
    repairs: int = 0


AnswerEvent: TypeAlias = Delta | Source | Usage | Call | Finished


class DoesNotFit(AnswerLacks):
    """What was asked for did not come, twice."""


def answer(
    inquiry: Inquiry, sender: Sender, stream: Stream, *, new_id: Callable[[], str]
) -> Generator[AnswerEvent, None, None]:
    """Raises what the service raises, and DoesNotFit."""
    one = _Answer(inquiry, sender, stream, new_id)
    yield from one.first()
    wrong = one.wrong()
    if wrong:
        yield from one.again(wrong)
        left = one.wrong()
        if left:
            raise DoesNotFit(
                _("the answer lacks what was asked for, also when it was asked for again: {why}").format(
                    why="; ".join(left)[:300]
                ),
                _("ask again, ask for less at once, or choose a larger model"),
            )
    yield from one.rest()


class _Answer:
    def __init__(self, inquiry: Inquiry, sender: Sender, stream: Stream, new_id: Callable[[], str]) -> None:
        self._inquiry = inquiry
        self._sender = sender
        self._stream = stream
        self._checker = Checker(inquiry.offered, new_id)
        self._names = frozenset(tool.name.shown for tool in inquiry.offered)
        self._calls: list[Call | Broken] = []
        self._raw: list[str] = []  # the first answer, as it was written
        self._text: list[str] = []  # of an answer that must have a form, until it is whole
        self._held = 0
        self._value: str | None = None  # the JSON that was asked for
        self._unfit: tuple[str, ...] = ()
        self._stop = StopStrings(inquiry.stop)
        self._usage = Usage()
        self._done: Done | None = None
        self._repairs = 0
        self._cut = False  # by us: what still comes is no part of the answer

    # --- the first round ---------------------------------------------------------------------------

    def first(self) -> Generator[AnswerEvent, None, None]:
        """Text as it comes; calls are gathered."""
        inquiry = self._inquiry
        events = self._sender.ask(self._stream, inquiry)
        if not (inquiry.offered or inquiry.form or inquiry.stop or self._rule_matters()):
            yield from self._plain(events)
            return
        reader: CallReader | None = None
        with closing(events):
            for event in events:
                reader = reader or CallReader(self._names, self._sender.rule)
                if isinstance(event, Delta):
                    yield from self._shown(self._taken(reader.feed(event.text)))
                    if self._repairable():
                        self._raw.append(event.text)
                    if self._is_over():
                        break
                elif (passed := self._noted(event)) is not None:
                    yield passed
        if reader is not None:
            yield from self._shown(self._taken(reader.end()))
        rest = self._stop.end()
        if rest:
            yield from self._shown([rest])
        if inquiry.form and not self._calls:
            self._fit("".join(self._text))

    def _plain(self, events: Generator[Event, None, None]) -> Generator[AnswerEvent, None, None]:
        with closing(events):
            for event in events:
                if isinstance(event, Delta):
                    yield event
                elif (passed := self._noted(event)) is not None:
                    yield passed

    def _rule_matters(self) -> bool:
        """Whether the prompt has headings that the model could go on with: several messages have."""
        return len(self._inquiry.items) > 1

    def _repairable(self) -> bool:
        return bool(self._inquiry.offered or self._inquiry.form)

    def _noted(self, event: Event) -> Source | None:
        match event:
            case Usage():
                self._usage = event if not self._repairs else _with_more(self._usage, event)
            case Done():
                self._done = event
            case Source():
                return event
        return None

    def _taken(self, pieces: Iterable[Piece]) -> Iterator[str]:
        """The text among the pieces; the calls are kept."""
        for piece in pieces:
            match piece:
                case str():
                    yield piece
                case Cut():
                    self._cut = True
                case Written():
                    self._calls.append(self._checker.check(piece))
                case Broken():
                    self._calls.append(piece)

    def _shown(self, texts: Iterable[str]) -> Generator[AnswerEvent, None, None]:
        for text in texts:
            sure = self._stop.feed(text)
            if not sure:
                continue
            if self._inquiry.form is None:
                yield Delta(sure)
            else:
                self._text.append(sure)
                self._held += len(sure)

    def _is_over(self) -> bool:
        """Whether nothing that still comes is part of the answer."""
        one_is_enough = not self._inquiry.parallel and any(isinstance(call, Call) for call in self._calls)
        return self._cut or one_is_enough or self._stop.met is not None or self._held > LONGEST_HELD

    # --- what is wrong -----------------------------------------------------------------------------

    def wrong(self) -> list[str]:
        """What has to be asked for again, as sentences for the model; none for a good answer."""
        self._calls = self._wanted()
        wrong = [call.why for call in self._calls if isinstance(call, Broken)]
        if not wrong and self._inquiry.choice == "required" and not self._calls:
            wrong.append(
                f"the tool {self._inquiry.only} must be called"
                if self._inquiry.only
                else "a tool must be called, and none was"
            )
        if self._inquiry.form is not None and self._value is None and not self._calls and not wrong:
            wrong += self._unfit
        return wrong

    def _wanted(self) -> list[Call | Broken]:
        """Without calls of other tools where one is named, and the first alone where one is enough."""
        if self._inquiry.parallel and self._inquiry.only is None:
            return self._calls
        good = [call for call in self._calls if isinstance(call, Call)]
        found: list[Call | Broken] = [*good] if good else self._calls
        return found if self._inquiry.parallel else found[:1]

    def _fit(self, text: str) -> None:
        assert self._inquiry.form is not None, "asked for only where there is a form"
        try:
            found = fitting.fit(text, self._inquiry.form)
        except NotASchema as error:
            self._unfit = (str(untranslated(error)),)
            return
        if isinstance(found, Found):
            self._value = found.text
        else:
            self._unfit = tuple(str(untranslated(complaint.sentence)) for complaint in found.complaints)

    # --- the second round --------------------------------------------------------------------------

    def again(self, wrong: list[str]) -> Generator[AnswerEvent, None, None]:
        """The same, with what was written and what is wrong with it. Only what was missing is taken from it."""
        self._repairs += 1
        inquiry = self._inquiry
        said = "".join(self._raw).strip()
        items = (
            *inquiry.items,
            *((Said("assistant", said),) if said else ()),
            Said("user", self._request(wrong)),
        )
        repair = replace(inquiry, items=items)
        before, self._calls = self._calls, []
        self._done, self._cut = None, False
        text: list[str] = []
        reader: CallReader | None = None
        events = self._sender.ask(self._stream, repair, inquiry)
        with closing(events):
            for event in events:
                reader = reader or CallReader(self._names, self._sender.rule)
                if isinstance(event, Delta):
                    text += self._taken(reader.feed(event.text))
                    if self._is_over():
                        break
                elif (passed := self._noted(event)) is not None:
                    yield passed
        if reader is not None:
            text += self._taken(reader.end())
        self._calls = _mended(before, self._calls)
        if inquiry.form and not self._calls:
            self._fit("".join(text))

    def _request(self, wrong: list[str]) -> str:
        listed = "\n".join(f"- {why}" for why in wrong)
        if any(isinstance(call, Broken) for call in self._calls) or self._inquiry.choice == "required":
            good = sum(isinstance(call, Call) for call in self._calls)
            kept = f" The other {good} you wrote are kept: do not repeat them." if good else ""
            return (
                f"(from the program that reads your calls) This is wrong:\n{listed}\n\n"
                "Write what was wrong again, whole and corrected, in the form of the reminder, without other words."
                f"{kept}"
            )
        return (
            f"(from the program that reads your answers) Your last answer does not fit:\n{listed}\n\n"
            "Write the whole JSON value again, corrected, and nothing else: no words, no code fence."
        )

    # --- the end -----------------------------------------------------------------------------------

    def rest(self) -> Generator[AnswerEvent, None, None]:
        calls = [call for call in self._calls if isinstance(call, Call)]
        if self._inquiry.form is not None:
            text = "".join(self._text) if calls else self._value or ""
            if text:
                yield Delta(text)
        yield from calls
        yield self._usage
        done = self._done or Done()
        reason: Reason = "length" if done.stop_reason.lower() in _LENGTH else "stop"
        yield Finished("calls" if calls else reason, done, self._stop.met, self._repairs)


def _mended(before: list[Call | Broken], found: list[Call | Broken]) -> list[Call | Broken]:
    """What was wrong, replaced by what came for it, in its place; what was good and came again stays one."""
    good = {(call.tool.shown, call.arguments) for call in before if isinstance(call, Call)}
    new = [
        call for call in found if isinstance(call, Broken) or (call.tool.shown, call.arguments) not in good
    ]
    broken = [place for place, call in enumerate(before) if isinstance(call, Broken)]
    if not new and broken:
        return before
    mended: list[Call | Broken] = []
    for place, call in enumerate(before):
        if not isinstance(call, Broken):
            mended.append(call)
        elif place == broken[-1]:
            mended += new
        elif new:
            mended.append(new.pop(0))
    return mended if broken else [*before, *new]


def _with_more(first: Usage, again: Usage) -> Usage:
    """The prompt was the first one; what was written is all of it."""
    if first.completion_tokens is None or again.completion_tokens is None:
        return first
    return Usage(first.prompt_tokens, first.completion_tokens + again.completion_tokens)
