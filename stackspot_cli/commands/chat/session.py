"""What a chat holds between two messages: model, instructions, waiting files, the conversation; and one turn of it.

Knows what a turn needs and what it leaves. Refuses to know keys, prompts and how commands are spelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.commands import answer, shared_checks
from stackspot_cli.conversation.limits import check_limits, refuse_over_long_files
from stackspot_cli.conversation.past import estimate_for, without_last_turn
from stackspot_cli.conversation.usage import of_conversation
from stackspot_cli.domain import AgentOptions, Conversation, Question, Turn
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.model import Model
from stackspot_cli.output.present import Presentation, show_again
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.input_reader import InputReader
from stackspot_cli.terminal.progress import progress_line
from stackspot_cli.terminal.prompt_input import QUOTE, expand, refuse_unsendable
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.uploads import Uploads
    from stackspot_cli.conversation.answering import Answering
    from stackspot_cli.conversation.plan import Plan
    from stackspot_cli.structured.schema import Schema


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that goes with the next message."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that StackSpot holds for this conversation. sent: whether a message has named it already."""

    name: str
    id: str
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """Where a conversation stands. used, left: tokens; counted: by the service, else by our estimate."""

    model: str
    conversation_id: str
    used: int
    left: int
    counted: bool


@dataclass(slots=True)
class Session:
    """One chat. The conversation is replaced by each turn, whatever happens to the turn.

    unsent: a message that was not sent, for `/retry`. uploaded: goes with the next message, and again wherever
    the service has to be told everything anew. schema: what each answer has to be.
    """

    app: App
    model: Model
    conversation: Conversation
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    agent: AgentOptions = field(default_factory=AgentOptions)
    presentation: Presentation = field(default_factory=Presentation)
    encoding: str | None = None
    waiting: list[WaitingFile] = field(default_factory=list)
    uploaded: list[Uploaded] = field(default_factory=list)
    unsent: str | None = None
    schema: Schema | None = None
    _uploads: Uploads | None = field(default=None, init=False)

    # --- changes ------------------------------------------------------------------------------------

    def use_model(self, reference: str) -> None:
        """Errors: UsageError, and the model stays what it was."""
        model = self.app.find_model(reference)
        if model.tunable:
            check_limits(model, self.temperature, self.max_tokens)
        self.model = model

    def use_temperature(self, value: float | None) -> None:
        check_limits(self.model, value)
        self.temperature = value

    def attach(self, patterns: Sequence[str], hint: str = QUOTE) -> list[str]:
        """Reads files for the next message: all of them or none. Returns their names. hint: see `expand`."""
        reader = InputReader(self.app.terminal, self.app.terminal.note, encoding=self.encoding)
        names = expand(patterns, hint)
        if "-" in names:
            raise UsageError(_("`-` is stdin, and the chat reads it itself"), _("name a file"))
        waiting = [WaitingFile(safe_line(name, 4096), reader.source(Path(name))) for name in names]
        refuse_over_long_files([one.text for one in (*self.waiting, *waiting)], self.model)
        self.waiting += waiting
        reader.tell_guesses()
        return names

    def upload(self, patterns: Sequence[str]) -> None:
        """Uploads files for this conversation; one that it has already is not sent again. StackSpotError."""
        from stackspot_cli.client.uploads import look_at_all  # deferred: most chats upload nothing

        files = look_at_all(expand(patterns))
        with progress_line(self.app.terminal, self.app.now) as line:
            files_by_id = self.uploads.upload_all(files, line.show)
        known = {one.id for one in self.uploaded}
        self.uploaded += [
            Uploaded(str(file.path), id_) for id_, file in files_by_id.items() if id_ not in known
        ]

    @property
    def uploads(self) -> Uploads:
        """The way of this conversation's files; it knows those that are there already."""
        self._uploads = self._uploads or self.app.new_uploads()
        return self._uploads

    def forget_uploads(self) -> None:
        self.uploaded.clear()
        self._uploads = None

    def compose(self, text: str) -> str:
        """The message with the waiting files after it, which then wait no more. UsageError: no text."""
        from stackspot_cli.terminal.fence import fenced

        refuse_unsendable(text, _("the message"))
        files = [fenced(one.name, one.text) for one in self.waiting]
        self.waiting.clear()
        return "\n\n".join([text, *files])

    def begin_anew(self) -> None:
        """A new conversation with the same model and settings."""
        self.go_on(answer.new_conversation(self.app, self.model))

    def go_on(self, conversation: Conversation) -> None:
        """Another conversation. Turns that are not kept must not be part of what the service has seen of it."""
        kept = self.app.kept_history is not None
        self.conversation = conversation if kept else replace(conversation, in_sync=False)
        self.unsent = None
        self.waiting.clear()
        self.forget_uploads()

    def take_back(self) -> Turn | None:
        """The last turn, which is no more part of the conversation, here and on disk."""
        if not self.conversation.turns:
            return None
        last = self.conversation.turns[-1]
        self.conversation = without_last_turn(self.conversation, self.app.kept_history)
        return last

    # --- facts --------------------------------------------------------------------------------------

    @property
    def last_answer(self) -> str:
        """The newest answer that has any text; empty without one."""
        return self._answered.answer if self._answered is not None else ""

    @property
    def _answered(self) -> Turn | None:
        return next((turn for turn in reversed(self.conversation.turns) if turn.answer), None)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Those that the service knows of, or will be told."""
        return tuple(turn for turn in self.conversation.turns if turn.happened)

    def status(self) -> Status:
        turns, limit = self.turns, self.model.max_input_tokens
        usage = of_conversation(self.system, turns, estimate_for(self.app.kept_history, self.model))
        used = usage.total_tokens or 0
        return Status(
            self.model.name, self.conversation.id, used, max(0, limit - used), counted=not usage.estimated
        )

    def show_again(self, text: str) -> None:
        """An answer that was given before, as this chat shows answers; nothing for none. One that did not come whole
        says so.
        """
        from stackspot_cli.history.export import ending

        show_again(self.app.terminal, self.presentation, text)
        turn = self._answered
        if turn is not None and turn.answer == text and ending(turn):
            self.app.terminal.tell(f"[{ending(turn)}]")

    # --- a turn -------------------------------------------------------------------------------------

    @contextmanager
    def held_to(self, schema: Schema | None) -> Iterator[None]:
        """Meanwhile every answer has to fit this schema; None leaves it at what holds anyway."""
        before = self.schema
        self.schema = schema or before
        try:
            yield
        finally:
            self.schema = before

    def ask(self, text: str) -> None:
        """One turn. Raises what broke it; the conversation has the turn, and what came of the answer."""
        self.unsent = text
        shared_checks.expect(self.app, self.model.route.service)
        if self.schema is not None:
            self._ask_for_value(text, self.schema)
            return
        asked = answer.answering(self.app, self._plan(text), self.presentation, goes_on=True)
        try:
            answer.show(self.app, asked, self.presentation)
        finally:
            self._heard(asked)

    def _ask_for_value(self, text: str, schema: Schema) -> None:
        """One turn, and a second one where the first answer does not fit."""
        from stackspot_cli.structured.fitting import instruction

        answer.show_value(
            self.app,
            self._plan(text, instruction(schema)),
            self.presentation,
            schema,
            lambda _conversation, complaints: self._plan(complaints),
            heard=self._heard,
        )

    def _plan(self, text: str, instruction: str = "") -> Plan:
        """What has to be said for the next turn. instruction: ours, about the answer's form."""
        question = Question(text, self.temperature, self.max_tokens, (), self.agent, instruction)
        plan = answer.planned(self.app, self.conversation, question, self.model, self.system or "")
        if plan.note:
            self.app.terminal.note(plan.note)
        ids = tuple(one.id for one in self.uploaded if plan.whole or not one.sent)
        return replace(plan, prompt=replace(plan.prompt, upload_ids=ids))

    def _heard(self, asked: Answering) -> None:
        """A turn is over: the conversation has it, whatever became of it."""
        if len(asked.conversation.turns) > len(self.conversation.turns):
            self.conversation, self.unsent = asked.conversation, None
            self.uploaded = [replace(one, sent=True) for one in self.uploaded]
        else:  # a second Ctrl-C while the first was being kept: the service may have seen anything
            self.conversation = replace(self.conversation, in_sync=False)
