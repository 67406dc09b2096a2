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
from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, Unpack, overload

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
from stackspot_cli.app import App, GlobalOptions
from stackspot_cli.conversation.answer import Start
from stackspot_cli.conversation.openai_completion import ChatCompletion, ChatCompletionChunk
from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.domain import Event, Message, Prompt, Question
from stackspot_cli.errors import UsageError
from stackspot_cli.forks import renew_in_children
from stackspot_cli.frames import Sealed
from stackspot_cli.model import Model
from stackspot_cli.settings.settings import Overrides
from stackspot_cli.terminal.logged import logged_terminal
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.api.batch import BatchPrompt, BatchResults
    from stackspot_cli.api.tool_use import Asking
    from stackspot_cli.client.client import Client
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
        self._rooms: dict[str, Room] = {}  # what was learned of each model's limit
        self._close = weakref.finalize(self, app.close)
        renew_in_children(self)

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
        **use: Unpack[ToolUse],
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
        **use: Unpack[ToolUse],
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
        **use: Unpack[ToolUse],
    ) -> ChatCompletion | Generator[ChatCompletionChunk, None, None]:
        """An answer to OpenAI-style messages: a `chat.completion`, or with stream its chunks as they come.

        model: a name of `stackspot models`, `agent:ULID` or `command:SLUG`. temperature: 0.0 to 1.0.
        max_tokens: 1 to the model's limit. Agents and quick commands take neither.
        schema: what one JSON value has to be; `stackspot.parsed` is the value. AnswerUnfit where none fits, also
        when it was asked for once more. Not with stream.
        use: OpenAI's `tools`, `tool_choice`, `parallel_tool_calls`, `response_format` and `stop`, made by prompting:
        a call comes when it is whole and valid by its schema; what is not is asked for once more, then AnswerLacks.
        Raises StackSpotError; the stream raises it where it breaks off, and closes the connection when closed.
        """
        with Sealed():
            if is_tool_use(messages, use, schema):
                from stackspot_cli.api import tool_use

                asking, client = self.prepare_tools(messages, model, temperature, max_tokens, use)
                answer = asking.events(partial(self._events, client))
                made = tool_use.chunks if stream else tool_use.collected
                return made(answer, asking.start)
            wanted = schema_of(schema, stream=stream)
            client, asked, prompt = self.prepare(
                read_messages(messages), model, temperature, max_tokens, schema=wanted
            )
            start = Start(asked.name, prompt.conversation_id)
            if wanted is not None:
                from stackspot_cli.api.values import ValueQuestion

                question = ValueQuestion(prompt, start, wanted)
                return question.ask(lambda prompt: whole_answer(self._events(client, asked, prompt)))
            events = self._events(client, asked, prompt)
            return chunks(events, start) if stream else collected(events, start)

    def stream(
        self,
        prompt: str | ChatMessages,
        *,
        model: str | None = None,
        system: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
    ) -> Generator[Event, None, None]:
        """The answer to a prompt, or to messages, as typed events: Delta…, Source…, Usage, and Done last.

        Done names the conversation. An answer without Done was cut, which is an AnswerCut. Raises StackSpotError.
        Closing the iterator closes the connection.
        """
        with Sealed():
            client, asked, asking = self.prepare(messages_of(prompt, system), model, temperature, max_tokens)
            return self._events(client, asked, asking)

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

        self._open_client()
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

    def _events(self, client: Client, model: Model, prompt: Prompt) -> Generator[Event, None, None]:
        """The client's own stream. A generator of this object, which is not collected while it is read."""
        with Sealed():
            yield from client.stream(model, prompt)

    def prepare(
        self,
        messages: Sequence[Message],
        model: str | None,
        temperature: float | None,
        max_tokens: int | None,
        *,
        schema: Schema | None = None,
    ) -> tuple[Client, Model, Prompt]:
        """Everything that can be refused without asking the service, and what to ask it.

        schema: what the answer has to be; the instructions for it are then part of the prompt.
        """
        from stackspot_cli.conversation.plan import prompt_of
        from stackspot_cli.ulid import new_ulid

        client, asked, question = self._asked(model, temperature, max_tokens)
        if schema is not None:
            from stackspot_cli.structured.fitting import instruction

            question = replace(question, instruction=instruction(schema))
        return client, asked, prompt_of(messages, asked, question, new_ulid())

    def prepare_tools(
        self,
        messages: ChatMessages,
        model: str | None,
        temperature: float | None,
        max_tokens: int | None,
        use: ToolUse,
    ) -> tuple[Asking, Client]:
        """The same for what may be answered by calls, or must have a form."""
        from stackspot_cli.api.tool_use import Asking, inquiry_of
        from stackspot_cli.tools.room import Room

        client, asked, question = self._asked(model, temperature, max_tokens)
        room = self._rooms.setdefault(asked.name, Room(asked))
        return Asking(inquiry_of(messages, use), asked, question, room), client

    def _asked(
        self, model: str | None, temperature: float | None, max_tokens: int | None
    ) -> tuple[Client, Model, Question]:
        from stackspot_cli.conversation.limits import check_limits

        client, settings = self._open_client(), self._app.settings
        if model is not None and not isinstance(model, str):
            raise UsageError(_("the model is a name, not {given}").format(given=shown(model)))
        asked = settings.find_model(model or settings.model.value)
        check_limits(asked, temperature, max_tokens, named="max_tokens")
        return client, asked, Question("", temperature, max_tokens)

    def _open_client(self) -> Client:
        with self._lock:
            if not self._close.alive:
                raise UsageError(_("this StackSpot was closed"), _("make a new one"))
            return self._app.client


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
