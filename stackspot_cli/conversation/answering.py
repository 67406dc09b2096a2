"""One turn under way: the stream's events, recorded as they pass.

    plan = plan_turn(conversation, Question(message), model, scope=…, fresh_id=…)
    with Answering(plan, stream, history=history, now=time.time) as answering:
        for event in answering.events(): ...             # print it
    answering.conversation                               # with the new turn, whatever happened to it

Refuses to know sockets, screens and tables. `History` is only named here: a call without history loads no SQLite.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Self, TypeAlias

from stackspot_cli.conversation.answer import Answer
from stackspot_cli.conversation.past import estimate_for, learn
from stackspot_cli.conversation.plan import Plan
from stackspot_cli.conversation.usage import completed
from stackspot_cli.domain import Conversation, Delta, Done, Event, Prompt, Turn, TurnState, Usage
from stackspot_cli.errors import AnswerCut, LocalError, StackSpotError
from stackspot_cli.history.growing_text import LONGEST_KEPT_ANSWER
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.listener import ignore
from stackspot_cli.model import Model

if TYPE_CHECKING:
    from stackspot_cli.history.recording import Recording
    from stackspot_cli.history.store import History

Stream: TypeAlias = Callable[[Model, Prompt], Generator[Event, None, None]]


class Answering:
    """One turn under way, as a context: passes the stream's events on, and keeps what passes.

    The last save comes at the end of the context, when the answer has been shown: nobody waits for the disk.
    conversation: before that, as planned; after it, with the turn, and in sync or not.
    """

    def __init__(
        self,
        plan: Plan,
        stream: Stream,
        *,
        now: Callable[[], float],
        history: History | None = None,
        answer: Answer | None = None,
        on_cut: Callable[[AnswerCut], object] = ignore,
    ) -> None:
        """answer: filled as it comes; one that keeps less than all leaves the turn with less. on_cut: is given what
        broke an answer, before anybody hears of it.

        is_kept: whether the history has the turn, once it is over.
        """
        self.plan = plan
        self.conversation = plan.conversation
        self.answer = Answer(LONGEST_KEPT_ANSWER) if answer is None else answer
        self._stream = stream
        self._now = now
        self._history = history
        self._on_cut = on_cut
        self._turn = Turn(plan.message, model=plan.model.name)
        self._entered = False
        self._characters = 0  # of the answer: it may be kept in part only
        self._told = Usage()  # by the service, where that was not all
        self.is_kept = False
        self._recording: Recording | None = None
        self._events: Generator[Event, None, None] | None = None

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._events is None:
            return  # nothing was asked
        self._events.close()
        self._keep()

    def events(self) -> Generator[Event, None, None]:
        """The stream's own events and errors. Asked for once."""
        assert self._entered, "the answer is kept at the end of the context"
        assert self._events is None, "one turn, one answer"
        self._turn = replace(self._turn, started_at=self._now())
        if self._history is not None:
            self._recording = self._history.recording(self._before(), self._turn, self.answer.growing)
            self._recording.start()
        self._events = self._pass_on()
        return self._events

    def _pass_on(self) -> Generator[Event, None, None]:
        state: TurnState = "interrupted"
        answer = self.answer
        append = answer.growing.append
        stream = self._stream(self.plan.model, self.plan.prompt)
        try:
            for event in stream:
                if isinstance(event, Delta):
                    append(event.text)
                    self._characters += len(event.text)
                    yield event
                    continue
                if isinstance(event, Done) and answer.usage.total_tokens is None:
                    self._estimate()
                    yield answer.usage
                answer.add(event)
                yield event
            state = "complete" if answer.done else "cut"
        except LocalError:
            raise  # our own output failed: as if somebody had stopped it
        except StackSpotError as error:
            state = "failed"
            if isinstance(error, AnswerCut):
                state = "cut"
                self._on_cut(error)
            raise
        finally:
            stream.close()
            if answer.growing and answer.usage.total_tokens is None:
                self._estimate()
            self._turn = replace(
                self._turn,
                answer=answer.text[:LONGEST_KEPT_ANSWER],
                state="complete" if answer.done else state,
                usage=self._told if answer.usage.estimated else answer.usage,
                sources=tuple(answer.sources),
                message_id=answer.done.message_id if answer.done else None,
            )

    def _estimate(self) -> None:
        """Before its end, and of what came of a broken one. What was told is kept; an estimate is not."""
        self._told = self.answer.usage
        estimate = estimate_for(self._history, self.plan.model)
        self.answer.usage = completed(self.answer.usage, self.plan, self._characters, estimate)

    def _before(self) -> Conversation:
        """The conversation as this turn finds it; a new one is created now."""
        conversation = self.plan.conversation
        if conversation.revision or conversation.turns:
            return conversation
        return replace(conversation, created_at=self._turn.started_at)

    def _keep(self) -> None:
        before = self._before()
        turn = replace(self._turn, finished_at=self._now())
        # The service may file the conversation under an id of its own: that is the one to go on with. A cut
        # answer names none.
        done = self.answer.done
        remote_id = (done.conversation_id if done else None) or self.plan.prompt.conversation_id
        revision = self._recording.finish(turn, remote_id=remote_id) if self._recording else None
        self.is_kept = revision is not None
        self.conversation = replace(
            before,
            turns=(*before.turns, turn),
            remote_id=remote_id,
            in_sync=turn.state == "complete",
            updated_at=turn.finished_at or 0.0,
            revision=before.revision if revision is None else revision,
        )
        tokens = turn.usage.prompt_tokens
        if self._history is not None and revision is not None and self.plan.whole and tokens:
            learn(self._history, self.plan.model, len(self.plan.prompt.text), tokens)
