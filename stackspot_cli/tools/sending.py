"""An inquiry on its way to one model: made to fit, sent, made to fit better where the service finds it too long.

Knows what is sent as a prompt, and what was left out of it. Refuses to know sockets and what is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeAlias

from stackspot_cli.domain import Event, Prompt, Question, Usage
from stackspot_cli.errors import Refused, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.model import Model
from stackspot_cli.tools.inquiry import Inquiry
from stackspot_cli.tools.room import Room, TooLong, too_long
from stackspot_cli.tools.shortening import Fitted, fit, fixed_characters, last_turn
from stackspot_cli.translation import _

Stream: TypeAlias = Callable[[Model, Prompt], Generator[Event, None, None]]
"""Gives the events of an answer to a prompt; closing them ends the request."""


class PromptTooLong(UsageError):
    """Also after everything was left out that may be. tokens, limit: both numbers."""

    def __init__(self, model: Model, tokens: int, limit: int) -> None:
        super().__init__(
            _("the prompt has about {count} tokens; {model} takes {limit}").format(
                count=tokens, model=model.name, limit=limit
            ),
            _("send less, begin a new conversation, or choose an agent, which takes more"),
        )
        self.tokens = tokens
        self.limit = limit


class ToolsTooLong(UsageError):
    """The system texts and tools alone leave no room. No shorter conversation would help: its words say nothing of
    one, so that no client goes on shortening it."""

    def __init__(self, model: Model, tokens: int, limit: int) -> None:
        super().__init__(
            _(
                "the instructions and tools of this request come to {count} tokens; {model} has room for {limit}"
            ).format(count=tokens, model=model.name, limit=limit),
            _("switch tools off in the program that asks, or choose an agent, which has more room"),
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """What went to the service last."""

    fitted: Fitted
    conversation_id: str

    @property
    def characters(self) -> int:
        return len(self.fitted.prompt.text)


class Sender:
    """One request of a program."""

    def __init__(
        self,
        model: Model,
        settings: Question,
        room: Room,
        fresh_id: Callable[[], str],
    ) -> None:
        """settings: its text is replaced."""
        self.model = model
        self.room = room
        self._settings = settings
        self._fresh_id = fresh_id
        self._prepared: Sent | None = None
        self.sent: Sent | None = None

    @property
    def rule(self) -> str:
        """What stands around the words of a heading in what was sent last."""
        return self.sent.fitted.prompt.rule if self.sent else ""

    def prepare(self, inquiry: Inquiry) -> Sent:
        """What will be sent first. Raises PromptTooLong, ToolsTooLong where it surely cannot be served."""
        self._prepared = self.sent = self._made_to_fit(inquiry, last_turn(inquiry.items))
        return self._prepared

    def ask(
        self, stream: Stream, inquiry: Inquiry, first: Inquiry | None = None
    ) -> Generator[Event, None, None]:
        """The answer's events. first: what this one repeats, whose last turn stays.

        Raises what the service raises, and the above.
        """
        kept = last_turn(inquiry.items)
        if first is not None:
            kept = last_turn(first.items) | frozenset(range(len(first.items), len(inquiry.items)))
            self._prepared = None
        sent = self._prepared or self._made_to_fit(inquiry, kept)
        told = None
        for attempt in (1, 2):
            self.sent = sent
            began, counted = False, None
            prompt = self._settings.within(sent.conversation_id, sent.fitted.prompt.text)
            try:
                with closing(stream(self.model, prompt)) as events:
                    for event in events:
                        began = True
                        if isinstance(event, Usage):
                            counted = event.prompt_tokens
                        yield event
                self.room.accepted(sent.characters, counted)
                return
            except Refused as error:
                told = None if began else too_long(error)
                if told is None:
                    raise
                self.room.refused(sent.characters, told)
                sent = self._made_to_fit(inquiry, kept)
                if attempt == 2 or sent.characters >= self.sent.characters:
                    raise self._too_long(inquiry, self.sent, told) from error

    def _made_to_fit(self, inquiry: Inquiry, kept: frozenset[int]) -> Sent:
        fitted = fit(inquiry, self.room.characters, kept)
        count = self.room.surely_exceeds(fitted.prompt.text)
        sent = Sent(fitted, self._fresh_id())
        if count:
            raise self._too_long(inquiry, sent, TooLong(count, None))
        return sent

    def _too_long(self, inquiry: Inquiry, sent: Sent, told: TooLong) -> UsageError:
        tokens, limit = self.room.tokens, told.limit or self.room.limit
        fixed = fixed_characters(inquiry)
        if inquiry.offered and tokens(fixed) >= limit:
            return ToolsTooLong(self.model, tokens(fixed), limit)
        return PromptTooLong(self.model, max(told.tokens or 0, tokens(sent.characters), limit + 1), limit)
