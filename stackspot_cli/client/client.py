"""StackSpot as a Python object: a prompt in, an iterator of events out; JSON calls for the rest.

Knows routes by name and tokens by their owner. Refuses to know JSON field names (`routes`), sockets (`network`)
and what is done with the events.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

from stackspot_cli import routes
from stackspot_cli.auth.token_source import TokenSource
from stackspot_cli.auth.tokens import Token
from stackspot_cli.client import answers
from stackspot_cli.domain import DOTS, Delta, Done, Event, Prompt, Usage
from stackspot_cli.errors import (
    AnswerCut,
    AnswerTooLarge,
    BadRequest,
    CredentialsRefused,
    LocalError,
    OwnSecretInside,
    StackSpotError,
)
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.listener import Listener, ignore
from stackspot_cli.model import Model, Service
from stackspot_cli.network.outgoing import Explain, Outgoing
from stackspot_cli.network.patience import Patience
from stackspot_cli.process import forks
from stackspot_cli.routes import in_between, refusals
from stackspot_cli.routes.call import Call
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.network.exchange import Exchange
    from stackspot_cli.network.incoming import Incoming
    from stackspot_cli.network.shared_quota import SharedQuota

T = TypeVar("T")


class _TuningRefused(BadRequest):
    """The service does not take `model`, `temperature` or `max_tokens` on this route."""


class Client:
    """One account on one set of services. Safe to share by threads; `stream` may run in many at once.

    exchange: called on first need. bases: each service's address. version: ours, which the service is told.
    listener: hears what happens. quota: the account's, made on first need; None counts nothing.
    idle: called before each wait for the network, see `Patience`. longest_answer_bytes: of one answer's body.
    sends_secrets: whether our own key or token may be in what is asked; otherwise that is an OwnSecretInside.
    poll_seconds: the first interval between two questions after a quick command. program: how a person calls us,
    with the options that reach the same account; empty where nothing outlasts this call.
    expect: told of the address of a request that waits for a token.
    """

    def __init__(
        self,
        exchange: Callable[[], Exchange],
        tokens: TokenSource,
        bases: Mapping[Service, str],
        *,
        version: str,
        silence_seconds: float,
        longest_answer_bytes: int,
        deadline_seconds: float | None = None,
        listener: Listener | None = None,
        idle: Callable[[], float | None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
        poll_seconds: float = 5.0,
        sends_secrets: bool = False,
        program: str = "stackspot",
        quota: Callable[[], SharedQuota] | None = None,
        expect: Callable[[str], object] = ignore,
    ) -> None:
        self._exchange = exchange
        self._tokens = tokens
        self._bases = bases
        self._version = version
        self._silence_seconds = silence_seconds
        self._deadline_seconds = deadline_seconds
        self.listener = listener or Listener()
        self._idle = idle
        self._now = now
        self._poll_seconds = poll_seconds
        self._longest_answer_bytes = longest_answer_bytes
        self._sends_secrets = sends_secrets
        self.program = program
        self._find_quota = quota
        self._expect = expect
        self.renew_after_fork()
        forks.renew_in_children(self)
        self._tuned = True  # until the service refuses the fields that only we send

    def renew_after_fork(self) -> None:
        self._finding = threading.Lock()  # many threads may ask for the quota first

    def patience(self, idle: Callable[[], float | None] | None = None) -> Patience:
        """A new one, by the settings, from now. idle: in the place of the client's own."""
        deadline = None if self._deadline_seconds is None else self._now() + self._deadline_seconds
        return Patience(self._silence_seconds, deadline=deadline, idle=idle or self._idle, now=self._now)

    def call_for(self, model: Model, prompt: Prompt) -> Call:
        """What would be sent for this prompt."""
        call = routes.module(model.route).request(model, prompt, self._version)
        return call if self._tuned else call.spared()

    def url(self, call: Call) -> str:
        return self._bases[call.service].rstrip("/") + call.target

    def described(self, call: Call) -> dict[str, object]:
        """The request as it may be shown: the secrets are dots. Raises OwnSecretInside."""
        self.refuse_own_secrets(call.content(), _("the request"))
        headers = {"Authorization": f"Bearer {DOTS}", **_headers(call)}
        return {"method": call.method, "url": self.url(call), "headers": headers, "body": call.body}

    def stream(
        self,
        model: Model,
        prompt: Prompt,
        patience: Patience | None = None,
        accepted: Callable[[], object] = lambda: None,
    ) -> Generator[Event, None, None]:
        """The answer as it comes: Delta…, Source…, Usage, Done, which names the conversation.

        accepted: called when the service has begun to answer. Ends normally only after the service's own last
        word. Raises StackSpotError before the first Delta, AnswerCut after it. Closing the iterator closes the
        connection.
        """
        delivered = False
        try:
            with closing(self._answer(model, prompt, patience or self.patience(), accepted)) as events:
                for event in events:
                    if isinstance(event, Delta):
                        delivered = True
                    elif isinstance(event, Done) and event.conversation_id is None:
                        event = replace(event, conversation_id=prompt.conversation_id)
                    elif isinstance(event, Usage) and (quota := self._quota()) is not None:
                        quota.spent((event.prompt_tokens or 0) + (event.completion_tokens or 0))
                    yield event
        except LocalError:
            raise  # what came could not be written: the service is not to blame
        except StackSpotError as error:
            self._tokens.masked(error)
            if not delivered:
                raise
            raise _cut(error) from error

    def json(self, call: Call, patience: Patience | None = None) -> Any:
        """The parsed answer of a call that is no stream; None for one without a body, where that is an answer.

        An answer that breaks off is asked for again where the call may be repeated. Raises StackSpotError.
        """
        patience = patience or self.patience()

        body = self._authorized(
            call,
            patience,
            lambda token: self._exchange().fetch(
                self._outgoing(call, token), patience, limit=answers.ANSWER_BYTES
            ),
        )
        if call.may_be_empty and not body.strip():
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise in_between.not_an_answer(body, "", self.url(call)) from error

    def refuse_own_secrets(self, content: str | bytes, what: str) -> None:
        """Raises OwnSecretInside where our key or a token is in what is about to be sent: nobody means to."""
        if not self._sends_secrets and self._tokens.finds_own(content):
            raise OwnSecretInside(
                _("{what} holds your own client key or token, and was not sent").format(what=what),
                _(
                    "take it out (`env` and config files hold it), or send it all the same: --send-secrets, or "
                    "STACKSPOTAI_SEND_SECRETS=on"
                ),
            )

    def sign_in(self) -> None:
        """Has a token ready, so that a later refusal can only be about what was asked. Raises StackSpotError."""
        self._tokens.token(self.patience())
        self._exchange()  # made by one thread alone, before there are many

    def pause(self, seconds: float, patience: Patience) -> None:
        """Waits; the patience's idle hook may draw meanwhile."""
        self._exchange().pause(seconds, patience)

    # --- one answer --------------------------------------------------------------------------------

    def _answer(
        self, model: Model, prompt: Prompt, patience: Patience, accepted: Callable[[], object]
    ) -> Generator[Event, None, None]:
        if model.route.followed:
            yield from self._followed(model, prompt, patience, accepted)
            return
        incoming = self._open(model, prompt, patience)
        accepted()
        try:
            reader = routes.module(model.route).reader()
            yield from answers.read(incoming, reader, patience, self._longest_answer_bytes)
            incoming.finish()
        finally:
            incoming.close()

    def _followed(
        self, model: Model, prompt: Prompt, patience: Patience, accepted: Callable[[], object]
    ) -> Generator[Event, None, None]:
        """A quick command's result as an answer that comes all at once."""
        from stackspot_cli.client import quick_commands  # deferred: most routes stream
        from stackspot_cli.client.polling import PollPlan

        execution_id = quick_commands.start(self, self.call_for(model, prompt), patience)
        accepted()
        plan = PollPlan(poll_seconds=self._poll_seconds)
        execution = quick_commands.follow(self, execution_id, plan, patience, created_now=True)
        yield from quick_commands.events(execution)

    def _open(self, model: Model, prompt: Prompt, patience: Patience) -> Incoming:
        try:
            return self._send(self.call_for(model, prompt), patience)
        except _TuningRefused:
            self._tuned = False
            self.listener.note(
                _("the service does not take model, temperature or max_tokens here; asked again without them")
            )
            return self._send(self.call_for(model, prompt), patience)

    def _send(self, call: Call, patience: Patience) -> Incoming:
        """The open 2xx answer."""
        return self._authorized(
            call, patience, lambda token: self._exchange().send(self._outgoing(call, token), patience)
        )

    def _authorized(self, call: Call, patience: Patience, send: Callable[[Token], T]) -> T:
        """What `send` makes of a token; a refused one is renewed once."""
        token = self._tokens.token(patience, lambda: self._expect(self.url(call)))
        try:
            return send(token)
        except CredentialsRefused as refusal:
            if refusal.status != 401:
                raise
        return send(self._tokens.renewed(token, patience))

    def _outgoing(self, call: Call, token: Token) -> Outgoing:
        self.refuse_own_secrets(call.content(), _("the request"))
        return Outgoing(
            call.method,
            self.url(call),
            _explain(call),
            _headers(call),
            call.content(),
            lambda: {"Authorization": self._tokens.authorization(token)},
            repeatable=call.repeatable,
            quota=self._quota(),
        )

    def _quota(self) -> SharedQuota | None:
        if self._find_quota is None:
            return None
        with self._finding:
            return self._find_quota()


def _headers(call: Call) -> dict[str, str]:
    content_type = {} if call.body is None else {"Content-Type": "application/json"}
    return {**dict(call.headers), **content_type}


def _explain(call: Call) -> Explain:
    def explain(status: int, body: bytes, headers: Mapping[str, str], url: str) -> StackSpotError:
        if status in (400, 422) and call.dispensable and refusals.names_a_tuning_field(body):
            return _TuningRefused("", status=status)  # caught by who asks again: nobody reads it
        error = refusals.from_status(status, body, headers, url)
        if status == 404 and call.absent is not None:
            return refusals.absent(error, body, call.absent)
        return error

    return explain


def _cut(error: StackSpotError) -> AnswerCut:
    hint = _("ask again, or ask to go on from there")
    return AnswerCut(
        _("the answer broke off: {why}").format(why=error.message),
        error.hint if isinstance(error, AnswerTooLarge) else hint,
        status=error.status,
        service_code=error.service_code,
    )
