"""StackSpot for ordinary Python code.

    with StackSpot() as client:
        answer = client.completion(messages=[{"role": "user", "content": "Say hi"}])
        print(answer["choices"][0]["message"]["content"])

Settings and credentials are found as the command finds them. Knows how an answer is handed to Python code;
refuses to know the command line. Notes go to the logger `stackspot_cli`, as warnings.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, Unpack, overload

from stackspot_cli.api.account_client import AccountClient
from stackspot_cli.api.conversations import Asked
from stackspot_cli.api.failures import Hinted
from stackspot_cli.api.options import CallOptions, FileName, Turn, TurnOptions, parted
from stackspot_cli.api.questions import (
    ChatMessages,
    SchemaLike,
    is_tool_use,
    messages_of,
    schema_of,
)
from stackspot_cli.api.shapes import chunks, collected, whole_answer
from stackspot_cli.client.polling import WAIT_SECONDS
from stackspot_cli.conversation.openai_completion import ChatCompletion, ChatCompletionChunk
from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.domain import Event, Prompt
from stackspot_cli.model import Model

if TYPE_CHECKING:
    from stackspot_cli.api.batch import BatchPrompt, BatchResults
    from stackspot_cli.client.account import Agent
    from stackspot_cli.client.client import Client
    from stackspot_cli.client.quick_commands import Execution


class StackSpot(AccountClient):
    """One account. Safe to share by threads, which then share one pool of connections and one token.

    profile, config, model, timeout, deadline, retries: as the command's options of these names; None leaves it
    to the environment, the config file and the defaults. Seconds. sandbox: an emulated StackSpot inside this
    process, no account needed.

    After a fork each process has connections and locks of its own, whatever the other does meanwhile.

    Opens nothing until the first call. `close` (or leaving a `with`) lets go of the connections; so does being
    collected. Every failure is a StackSpotError with `message`, `hint`, and `status` where there was one:
    UsageError (the call is wrong, nothing was sent), AuthError, RateLimited, Unavailable, Refused, AnswerCut.
    """

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
                made = tool_use.chunks if stream else tool_use.collected
                return made(asking.events(partial(self._told, client)), asking.start)
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
        Raised, after what was under way has come: AuthError, RateLimited (the quota). UsageError: at once, for what
        no prompt could follow.
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

    # --- how it is told -----------------------------------------------------------------------------

    def _events(self, asked: Asked, prompt: Prompt | None = None) -> Generator[Event, None, None]:
        """The answer's events. A generator of this object, which is not collected while it is read."""
        yield from asked.events(prompt or asked.plan.prompt)

    def _told(self, client: Client, model: Model, prompt: Prompt) -> Generator[Event, None, None]:
        """The client's own stream, of what is made by prompting. As `_events`."""
        with Hinted(self.reaching):
            yield from client.stream(model, prompt)
