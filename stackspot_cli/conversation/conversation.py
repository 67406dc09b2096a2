"""A prompt and what was said before it, to events, kept as they pass.

    plan = plan_turn(conversation, Prompt(text=message, conversation_id=""), model, scope=…, fresh_id=…)
    with Answering(plan, stream, history=history, now=time.time) as answering:
        for event in answering.events(): ...             # print it
    answering.conversation                               # with the new turn, whatever happened to it

Knows when the service has seen exactly what we hold, and what to send when it has not. Refuses to know
sockets, screens and tables. `History` is only named here: a call without history loads no SQLite.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeAlias

from stackspot_cli.conversation.token_estimate import TokenEstimate, generous_count
from stackspot_cli.domain import (
    Conversation,
    Delta,
    Done,
    Event,
    Message,
    Model,
    Prompt,
    Source,
    Turn,
    TurnState,
    Usage,
)
from stackspot_cli.errors import AnswerCut, LocalError, StackSpotError, UsageError
from stackspot_cli.history.growing_text import GrowingText
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.history.store import History, Recording

Stream: TypeAlias = Callable[[Model, Prompt], Iterator[Event]]


# --- what to send ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """One turn, decided.

    conversation: as it will be stored; its remote_id is the id that goes to the service.
    message: what the person said. prompt: what is sent: the message alone, or everything (`whole`).
    dropped_turns: how many of the oldest turns did not fit the input limit.
    """

    conversation: Conversation
    model: Model
    message: str
    prompt: Prompt
    whole: bool
    dropped_turns: int = 0

    @property
    def note(self) -> str:
        """What the person should know before the answer comes; mostly nothing."""
        if not self.dropped_turns:
            return ""
        return _("oldest turns left out, to fit the input limit of {limit} tokens: {count}").format(
            limit=self.model.max_input_tokens, count=self.dropped_turns
        )


def plan_turn(
    conversation: Conversation,
    request: Prompt,
    model: Model,
    *,
    scope: str,
    fresh_id: Callable[[], str],
    system: str | None = None,
    estimate: Callable[[], TokenEstimate] = TokenEstimate,
) -> Plan:
    """Decides whether the new message is enough. UsageError where the message alone is surely too long.

    request: the message as `text`, with its settings; its conversation_id is replaced.
    system: None leaves the conversation's own; "" takes it away. scope: see `Conversation.remote_scope`.
    """
    system = conversation.system if system is None else system or None
    seen = (
        conversation.in_sync
        and conversation.remote_id is not None
        and (conversation.remote_scope, conversation.model, conversation.system)
        == (scope, model.name, system)
    )
    message = request.text
    if seen and conversation.remote_id is not None:
        remote_id, text, dropped = conversation.remote_id, message, 0
    else:
        remote_id = conversation.id if conversation.remote_id is None else fresh_id()
        text, dropped = opening(system, conversation.turns, message, model, estimate)
    refuse_over_long(text, model)
    return Plan(
        conversation=replace(
            conversation, model=model.name, system=system, remote_id=remote_id, remote_scope=scope
        ),
        model=model,
        message=message,
        prompt=replace(request, text=text, conversation_id=remote_id),
        whole=not seen,
        dropped_turns=dropped,
    )


def opening(
    system: str | None,
    turns: Sequence[Turn],
    message: str,
    model: Model,
    estimate: Callable[[], TokenEstimate] = TokenEstimate,
) -> tuple[str, int]:
    """The first text of a conversation on the service, and how many of the oldest turns it lacks."""
    told = [turn for turn in turns if turn.answer or turn.state != "failed"]
    if not told:
        return transcript(system, [], message), 0
    tokens = estimate().tokens
    for dropped in range(len(told) + 1):
        text = transcript(system, told[dropped:], message)
        if tokens(len(text)) <= model.max_input_tokens:
            break
    return text, dropped


def transcript(system: str | None, turns: Sequence[Turn], message: str) -> str:
    """Instructions, then every turn under a heading, the new message last. Without turns: no headings."""
    messages = [Message("system", system)] if system else []
    for turn in turns:
        messages.append(Message("user", turn.prompt))
        if turn.answer:
            messages.append(Message("assistant", turn.answer + ENDINGS[turn.state]))
    return text_of([*messages, Message("user", message)])


ENDINGS: dict[TurnState, str] = {
    "complete": "",
    "cut": "\n[this answer was cut off here]",
    "interrupted": "\n[this answer was interrupted here]",
    "failed": "\n[this answer broke off here]",
}


def text_of(messages: Sequence[Message]) -> str:
    """Messages with roles as the one text that the service takes.

    A heading's rule is longer than any line of equals signs inside, so that no message can forge one.
    """
    system = [message.text for message in messages if message.role == "system"]
    said = [message for message in messages if message.role != "system"]
    if len(said) > 1:
        longest = max(len(run) for message in said for run in RULES.findall(message.text) or [""])
        rule = "=" * max(3, longest + 1)
        blocks = [f"{rule} {message.role} {rule}\n{message.text}" for message in said]
        body = CONVERSATION_SO_FAR + "\n\n" + "\n\n".join(blocks)
    else:
        body = "".join(message.text for message in said)
    return "\n\n".join(part for part in (*system, body) if part)


CONVERSATION_SO_FAR = "This is our conversation so far. Answer the last message."
RULES = re.compile(r"^=+", re.MULTILINE)
LONGEST_KEPT_ANSWER = (
    4 * 1024 * 1024
)  # characters, a million tokens: an endless answer passes, and is not kept


def refuse_over_long(text: str, model: Model) -> None:
    """UsageError where even a generous estimate is above the model's input limit."""
    limit = model.max_input_tokens
    count = generous_count(text) if len(text) > limit else 0  # a token has at least one character
    if count > limit:
        raise UsageError(
            _("the prompt has at least {count} tokens; {model} takes {limit}").format(
                count=count, model=model.name, limit=limit
            ),
            _("send less, or split it into several prompts"),
        )


# --- the answer -------------------------------------------------------------------------------------


class Answering:
    """One turn under way, as a context: passes the stream's events on, and keeps what passes.

    The last save comes at the end of the context, when the answer has been shown: nobody waits for the disk.
    conversation: before that, as planned; after it, with the turn, and in sync or not.
    """

    def __init__(
        self, plan: Plan, stream: Stream, *, now: Callable[[], float], history: History | None = None
    ) -> None:
        self.plan = plan
        self.conversation = plan.conversation
        self._stream = stream
        self._now = now
        self._history = history
        self._answer = GrowingText(LONGEST_KEPT_ANSWER)
        self._turn = Turn(plan.message, model=plan.model.name)
        self._entered = False
        self._done: Done | None = None
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

    def events(self) -> Iterator[Event]:
        """The stream's own events and errors. Asked for once."""
        assert self._entered, "the answer is kept at the end of the context"
        assert self._events is None, "one turn, one answer"
        self._turn = replace(self._turn, started_at=self._now())
        if self._history is not None:
            self._recording = self._history.recording(self._before(), self._turn, self._answer)
            self._recording.start()
        self._events = self._pass_on()
        return self._events

    def _pass_on(self) -> Generator[Event, None, None]:
        state: TurnState = "interrupted"
        usage, sources = Usage(), list[Source]()
        append = self._answer.append
        stream = self._stream(self.plan.model, self.plan.prompt)
        try:
            for event in stream:
                if isinstance(event, Delta):
                    append(event.text)
                elif isinstance(event, Source):
                    sources.append(event)
                elif isinstance(event, Usage):
                    usage = event
                else:
                    self._done, state = event, "complete"
                yield event
            state = "complete" if self._done else "cut"
        except StackSpotError as error:
            state = "complete" if self._done else "cut" if isinstance(error, AnswerCut) else "failed"
            raise
        finally:
            if isinstance(stream, Generator):
                stream.close()
            self._turn = replace(
                self._turn,
                answer=str(self._answer),
                state=state,
                usage=usage,
                sources=tuple(sources),
                message_id=self._done.message_id if self._done else None,
            )

    def _before(self) -> Conversation:
        """The conversation as this turn finds it; a new one is created now."""
        conversation = self.plan.conversation
        if conversation.revision or conversation.turns:
            return conversation
        return replace(conversation, created_at=self._turn.started_at)

    def _keep(self) -> None:
        before = self._before()
        turn = replace(self._turn, finished_at=self._now())
        # The service may file the conversation under an id of its own: that is the one to go on with.
        remote_id = (self._done.conversation_id if self._done else None) or self.plan.prompt.conversation_id
        revision = self._recording.finish(turn, remote_id=remote_id) if self._recording else None
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


# --- the past --------------------------------------------------------------------------------------


def new_conversation(id_: str, profile: str, model: Model) -> Conversation:
    return Conversation(id=id_, profile=profile, model=model.name)


def resume(history: History | None, *, profile: str, wanted: str | None = None) -> Conversation:
    """The conversation to go on with: the named one, or the profile's last. UsageError: there is none.

    history: None where nothing is to be kept. A turn that the service saw and we did not keep would leave the
    stored conversation out of step, so that is refused.
    """
    if history is None:
        raise UsageError(
            _("history is off, so there is no conversation to go on with"),
            _("leave out `--no-history`, or unset STACKSPOTAI_HISTORY"),
        )
    if wanted is not None:
        return history.find(wanted)
    conversation = history.last(profile)
    if conversation is None:
        raise UsageError(
            _("there is no conversation to go on with yet"), _("leave out `--continue` to begin one")
        )
    return conversation


def without_last_turn(conversation: Conversation, history: History | None) -> Conversation:
    """One turn back, here and on disk. The service has then seen more than we hold."""
    if not conversation.turns:
        return conversation
    if history is not None:
        history.drop_last_turn(conversation)
    return replace(
        conversation, turns=conversation.turns[:-1], in_sync=False, revision=conversation.revision + 1
    )


def estimate_for(history: History | None, model: Model) -> TokenEstimate:
    """What this machine has learned of the model's counting; a beginner's estimate where nothing was."""
    if history is None:
        return TokenEstimate()
    try:
        return TokenEstimate.load(history.recall(memo_name(model)))
    except LocalError:
        return TokenEstimate()  # told where the history is written


def learn(history: History, model: Model, characters: int, tokens: int) -> None:
    try:
        history.remember(
            memo_name(model), lambda old: TokenEstimate.load(old).learn(characters, tokens).dump()
        )
    except LocalError:
        return  # an estimate less


def memo_name(model: Model) -> str:
    return f"tokens:{model.name}"
