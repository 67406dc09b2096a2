"""StackSpot for ordinary Python code.

    with StackSpot() as client:
        answer = client.completion(messages=[{"role": "user", "content": "Say hi"}])
        print(answer["choices"][0]["message"]["content"])

Settings and credentials are found as the command finds them. Knows how an answer is handed to Python code;
refuses to know the command line. Notes go to the logger `stackspot_cli`, as warnings.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, Unpack, overload

from stackspot_cli.api.conversations import Asked
from stackspot_cli.api.failures import Hinted, keyword
from stackspot_cli.api.options import CallOptions, FileName, Turn, TurnOptions, parted
from stackspot_cli.api.questions import (
    ChatMessages,
    SchemaLike,
    ToolUse,
    is_tool_use,
    messages_of,
    schema_of,
    shown,
)
from stackspot_cli.api.shapes import chunks, collected, whole_answer
from stackspot_cli.app import App
from stackspot_cli.calling import GlobalOptions
from stackspot_cli.client.polling import WAIT_SECONDS
from stackspot_cli.conversation.openai_completion import ChatCompletion, ChatCompletionChunk
from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.conversation.transcript import text_of
from stackspot_cli.domain import Event, Message, Prompt, Question
from stackspot_cli.errors import UsageError
from stackspot_cli.forks import renew_in_children
from stackspot_cli.model import Model
from stackspot_cli.settings.settings import Overrides
from stackspot_cli.terminal.logged import logged_terminal
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.api.batch import BatchPrompt, BatchResults
    from stackspot_cli.api.tool_use import Asking
    from stackspot_cli.client.account import Agent
    from stackspot_cli.client.client import Client
    from stackspot_cli.client.quick_commands import Execution
    from stackspot_cli.structured.schema import Schema
    from stackspot_cli.tools.room import Room


class StackSpot:
    """One account. Safe to share by threads, which then share one pool of connections and one token.

    profile, config, model, timeout, deadline, retries: as the command's options of these names; None leaves it
    to the environment, the config file and the defaults. Seconds. sandbox: an emulated StackSpot inside this
    process, no account needed.

    After a fork each process has connections and locks of its own, whatever the other does meanwhile.

    Opens nothing until the first call. `close` (or leaving a `with`) lets go of the connections; so does being
    collected. Every failure is a StackSpotError with `message`, `hint`, and `status` where there was one:
    UsageError (the call is wrong, nothing was sent), AuthError, RateLimited, Unavailable, Refused, AnswerCut.
    """

    def __init__(
        self,
        profile: str | None = None,
        config: str | os.PathLike[str] | None = None,
        model: str | None = None,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        retries: int | None = None,
        sandbox: bool = False,
    ) -> None:
        for name, seconds in (("timeout", timeout), ("deadline", deadline)):
            if seconds is not None and not (_is_number(seconds) and 0 < seconds < float("inf")):
                raise UsageError(
                    _("{name} is a number of seconds above 0, not {given}").format(
                        name=name, given=shown(seconds)
                    )
                )
        app = App(os.environ, logged_terminal(os.environ))
        app.set_options(
            GlobalOptions(profile, None if config is None else str(Path(config)), sandbox=sandbox)
        )
        app.override(Overrides(model=model, timeout=timeout, deadline=deadline, retries=retries))
        self._app = app
        self._lock = threading.Lock()
        self._close = weakref.finalize(self, app.close)
        renew_in_children(self)
        self._rooms: dict[str, Room] = {}

    # --- answers -----------------------------------------------------------------------------------

    @overload
    def completion(
        self,
        messages: ChatMessages,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stream: Literal[False] = False,
        *,
        schema: SchemaLike | None = None,
        **more: Unpack[CallOptions],
    ) -> ChatCompletion: ...

    @overload
    def completion(
        self,
        messages: ChatMessages,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        *,
        stream: Literal[True],
        **more: Unpack[CallOptions],
    ) -> Generator[ChatCompletionChunk, None, None]: ...

    def completion(
        self,
        messages: ChatMessages,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stream: bool = False,
        *,
        schema: SchemaLike | None = None,
        **more: Unpack[CallOptions],
    ) -> ChatCompletion | Generator[ChatCompletionChunk, None, None]:
        """An answer to OpenAI-style messages: a `chat.completion`, or with stream its chunks as they come.

        model: a name of `stackspot models`, `agent:ULID` or `command:SLUG`. temperature: 0.0 to 1.0.
        max_tokens: 1 to the model's limit. Agents and quick commands take neither.
        schema: what one JSON value has to be; `stackspot.parsed` is the value. AnswerUnfit where none fits, also
        when it was asked for once more. Not with stream.
        more: `conversation`, `uploads`, an agent's own fields, see `TurnOptions`; and OpenAI's `tools`, `tool_choice`,
        `parallel_tool_calls`, `response_format` and `stop`, made by prompting: a call comes when it is whole and valid
        by its schema; what is not is asked for once more, then AnswerLacks.
        Raises StackSpotError; the stream raises it where it breaks off, and closes the connection when closed.
        """
        with Hinted(self.reaching):
            use, turn = parted(more)
            if is_tool_use(messages, use, schema):
                from stackspot_cli.api import tool_use

                asking, client = self.prepare_tools(messages, model, temperature, max_tokens, use)
                answer = asking.events(partial(self._told, client))
                made = tool_use.chunks if stream else tool_use.collected
                return made(answer, asking.start)
            wanted = schema_of(schema, stream=stream)
            asked = self.prepare(read_messages(messages), model, temperature, max_tokens, turn, schema=wanted)
        if wanted is not None:
            from stackspot_cli.api.values import ValueQuestion

            question = ValueQuestion(asked.plan.prompt, asked.start, wanted)
            with Hinted(self.reaching):
                return question.ask(lambda prompt: whole_answer(self._events(asked, prompt)))
        events = self._events(asked)
        return chunks(events, asked.start) if stream else collected(events, asked.start)

    def stream(
        self,
        prompt: str | ChatMessages,
        *,
        model: str | None = None,
        system: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        **more: Unpack[TurnOptions],
    ) -> Generator[Event, None, None]:
        """The answer to a prompt, or to messages, as typed events: Delta…, Source…, Usage, and Done last.

        Done names the conversation. An answer without Done was cut, which is an AnswerCut. Raises StackSpotError.
        Closing the iterator closes the connection.
        """
        with Hinted(self.reaching):
            asked = self.prepare(messages_of(prompt, system), model, temperature, max_tokens, Turn(**more))
        return self._events(asked)

    # --- quick commands, and what the account has --------------------------------------------------

    def run(
        self,
        slug: str | None = None,
        input: object = "",  # noqa: A002  # what the service and the command call it
        *,
        uploads: Sequence[FileName] = (),
        conversation: str | None = None,
        execution: str | None = None,
        wait: float = WAIT_SECONDS,
    ) -> Execution:
        """A quick command, followed to its end: its `result`, and `whole`, all that the service tells.

        slug: or its name in the config file. input: a text, or anything that JSON can hold. execution: the id of
        one to follow again, in the place of a slug. wait: seconds. Raises CommandFailed, StillRunning, whose hint
        names the execution, and StackSpotError.
        """
        from stackspot_cli.api import account

        with Hinted(self.reaching):
            return account.run(
                self._open(),
                slug,
                input,
                uploads=uploads,
                conversation=conversation,
                execution=execution,
                wait=wait,
            )

    def models(self) -> list[Model]:
        """The models that a name can mean, with their limits. Asks nobody."""
        with Hinted(self.reaching):
            return list(self._open().settings.models)

    def agents(self) -> list[Agent]:
        """The agents of the account; `agent:ID` asks one. Raises StackSpotError."""
        from stackspot_cli.api import account

        with Hinted(self.reaching):
            return account.agents(self._open())

    def batch(
        self,
        prompts: Iterable[BatchPrompt],
        *,
        jobs: int = 4,
        model: str | None = None,
        system: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        schema: SchemaLike | None = None,
    ) -> BatchResults:
        """Asks many prompts, `jobs` at once: an iterator of BatchResult, in the order in which they are answered.

        prompts: texts, lists of messages, or mappings with `prompt` and any of `id model system temperature
        max_tokens files`; taken one at a time, so that there may be any number. schema: as for `completion`.
        A result's `id` is its prompt's, or its place from 0; what goes wrong with one prompt is its `error`.
        Raised, after what was under way has come: AuthError, RateLimited (the quota), UsageError for no prompt.
        """
        from stackspot_cli.api.batch import BatchResults, wish_of

        self._open()
        wish = wish_of(
            self._app,
            model=model,
            system=system,
            temperature=temperature,
            max_tokens=max_tokens,
            schema=schema,
        )
        return BatchResults(self, self._app, prompts, wish, jobs)

    # --- the rest ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Lets go of the connections, and of the sandbox. Safe to call twice."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def renew_after_fork(self) -> None:
        self._lock = threading.Lock()
        self._app.renew_after_fork()

    def _events(self, asked: Asked, prompt: Prompt | None = None) -> Generator[Event, None, None]:
        """The answer's events. A generator of this object, which is not collected while it is read."""
        yield from asked.events(prompt or asked.plan.prompt)

    def _told(self, client: Client, model: Model, prompt: Prompt) -> Generator[Event, None, None]:
        """The client's own stream, of what is made by prompting. As `_events`."""
        with Hinted(self.reaching):
            yield from client.stream(model, prompt)

    @property
    def reaching(self) -> Callable[[str], str]:
        """See `calling`: what this client's hints name reaches its account."""
        return self._app.terminal.reaching

    def _open(self) -> App:
        with self._lock:
            if not self._close.alive:
                raise UsageError(_("this StackSpot was closed"), _("make a new one"))
            self._app.client  # noqa: B018  # made by one thread alone
            return self._app

    def prepare(
        self,
        messages: Sequence[Message],
        model: str | None,
        temperature: float | None,
        max_tokens: int | None,
        turn: Turn,
        *,
        schema: Schema | None = None,
    ) -> Asked:
        """Everything that can be refused without asking the service, and what to ask it; the uploads are done then.

        schema: what the answer has to be; the instructions for it are then part of the prompt.
        """
        from stackspot_cli.api import conversations
        from stackspot_cli.api.account import model_to_ask, upload
        from stackspot_cli.conversation.limits import check_agent_options, check_limits

        app = self._open()
        with self._lock:
            app.account  # noqa: B018  # asks the keyring, once
        held = None if turn.conversation is None else conversations.found(app, turn.conversation)
        asked = model_to_ask(app, model, held)
        check_limits(asked, temperature, max_tokens, named="max_tokens")
        check_agent_options(asked, turn.agent, named=keyword)
        question = Question(text_of(messages), temperature, max_tokens, agent=turn.agent)
        if schema is not None:
            from stackspot_cli.structured.fitting import instruction

            question = replace(question, instruction=instruction(schema))
        plan = conversations.planned(app, held, question, asked)
        if turn.uploads:
            plan = replace(plan, prompt=replace(plan.prompt, upload_ids=upload(app, turn.uploads)))
        return Asked(app.client, plan, conversations.OF_THIS_PROCESS, self.reaching)

    def prepare_tools(
        self,
        messages: ChatMessages,
        model: str | None,
        temperature: float | None,
        max_tokens: int | None,
        use: ToolUse,
    ) -> tuple[Asking, Client]:
        """The same for what may be answered by calls, or must have a form."""
        from stackspot_cli.api.account import model_to_ask
        from stackspot_cli.api.tool_use import Asking, inquiry_of
        from stackspot_cli.conversation.limits import check_limits
        from stackspot_cli.tools.room import Room

        app = self._open()
        asked = model_to_ask(app, model, None)
        check_limits(asked, temperature, max_tokens, named="max_tokens")
        question = Question("", temperature, max_tokens)
        room = self._rooms.setdefault(asked.name, Room(asked))
        return Asking(inquiry_of(messages, use), asked, question, room), app.client


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
