"""OAuth2 client credentials: a token when one is needed, renewed before its end, one request for all processes.

Knows when to ask, and what may be shown of what came. Refuses to know how a token is kept (`token_cache` does) and
which credentials count (`credentials` does). A Secret is revealed here into the token request's body and into the
Authorization header.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from stackspot_cli.auth.credentials import Credentials
from stackspot_cli.auth.findings import id_is_doubtful
from stackspot_cli.auth.token_cache import LOCK_SECONDS, TokenCache, TokenFolder
from stackspot_cli.auth.tokens import TOKEN_BODY_BYTES, Freshness, Token, freshness, from_answer
from stackspot_cli.domain import Secret
from stackspot_cli.errors import CredentialsRefused, StackSpotError, TimedOut, Unavailable
from stackspot_cli.listener import ignore
from stackspot_cli.network.outgoing import Outgoing
from stackspot_cli.network.patience import Patience
from stackspot_cli.process import forks
from stackspot_cli.process.frames import without_frames
from stackspot_cli.redaction import Redactor
from stackspot_cli.routes import in_between
from stackspot_cli.routes.refusals import from_status, token_service
from stackspot_cli.translation import _, changed

if TYPE_CHECKING:
    from stackspot_cli.network.exchange import Exchange

SHORTEST_SECRET = 8  # characters; what is shorter is a test's
ASK_AGAIN_SECONDS = 0.5  # whether another thread is done, and whether there is still time
MASKED_TOKENS = 10  # the last ones: a gateway that runs for weeks has had thousands


class TokenSource:
    """Gives tokens for one set of credentials. Safe to share by threads.

    exchange, credentials: called on first need (one loads a library, one may ask the OS keyring). folder: None keeps
    tokens in memory only. others: more secrets of this process that nobody means to send. expect: told of the address
    of a request before the exchange, which sends it, is loaded.
    """

    def __init__(
        self,
        exchange: Callable[[], Exchange],
        credentials: Callable[[], Credentials],
        *,
        idm_base: str,
        folder: TokenFolder | None,
        others: Sequence[Secret] = (),
        wall_clock: Callable[[], float] = time.time,
        expect: Callable[[str], object] = ignore,
    ) -> None:
        self._exchange = exchange
        self._find_credentials = credentials
        self._credentials: Credentials | None = None
        self._idm_base = idm_base
        self._folder = folder
        self._others = others
        self._cache: TokenCache | None = None
        self._now = wall_clock
        self._expect = expect
        self._token: Token | None = None
        self._seen: tuple[Secret, ...] = ()  # the tokens of this process: what `mask` looks for
        self._lock = threading.Lock()
        forks.renew_in_children(self)

    def renew_after_fork(self) -> None:
        self._lock = threading.Lock()

    @property
    def credentials(self) -> Credentials:
        """Raises CredentialsMissing, and what the keyring raises."""
        if self._credentials is None:
            self._credentials = self._find_credentials()
        return self._credentials

    def token(self, patience: Patience, meanwhile: Callable[[], object] = lambda: None) -> Token:
        """A token that is good now. meanwhile: called before one has to be asked for. Raises StackSpotError."""
        with self._alone(patience):
            if self._token is not None and self.is_fresh:
                return self._token
            kept = self._kept()
            found = freshness(kept, self._now())
            if kept is not None and found is Freshness.FRESH:
                return self._use(kept)
            meanwhile()
            if kept is not None and found is Freshness.STALE:
                return self._renewed_or(kept, patience)
            return self._renew(None, patience)

    def renewed(self, rejected: Token, patience: Patience) -> Token:
        """A token other than the one that the service has just refused. Raises StackSpotError."""
        with self._alone(patience):
            if self._token is not None and self._token.value != rejected.value:
                return self._token
            self._token = None
            return self._renew(rejected, patience)

    @property
    def is_fresh(self) -> bool:
        """Whether the token of this process is good, and need not be renewed."""
        return freshness(self._token, self._now()) is Freshness.FRESH

    def peek(self) -> Token | None:
        """The cached token, if any, without asking the service. Raises what finding credentials raises."""
        return self._token or self._kept()

    def prove(self, patience: Patience) -> Token:
        """A new token straight from the service, kept nowhere: shows that the credentials are good."""
        return self._request(patience)

    def authorization(self, token: Token) -> str:
        """The value of the Authorization header."""
        return f"Bearer {token.value.reveal()}"

    @contextmanager
    def _alone(self, patience: Patience) -> Iterator[None]:
        """One thread asks for a token, and the others wait for it as long as their own deadlines let them."""
        while not self._lock.acquire(timeout=patience.next_wait_seconds(ASK_AGAIN_SECONDS)):
            if patience.deadline_passed():
                raise TimedOut(
                    _("the deadline passed before there was a token"), _("give it longer with --deadline")
                )
        try:
            yield
        finally:
            self._lock.release()

    # --- what may be shown -------------------------------------------------------------------------

    def mask(self, text: str) -> str:
        """The text with dots in the place of our key and tokens: a service can send them back to us.

        Very short ones are no secrets, and would tear holes into every sentence.
        """
        own = () if self._credentials is None else _secrets_of(self._credentials)
        return _redactor(*own, *self._seen).mask(text)

    def finds_own(self, content: str | bytes) -> bool:
        """Whether our key or a token of ours is in what somebody is about to send, known from wherever it is."""
        with suppress(StackSpotError):
            kept = self.peek()
            return _redactor(
                *_secrets_of(self.credentials),
                *self._others,
                *self._seen,
                *(() if kept is None else (kept.value,)),
            ).finds(content)
        return _redactor(*self._others, *self._seen).finds(content)

    def masked(self, error: StackSpotError) -> StackSpotError:
        """The same error, its sentences masked. Refused credentials get the step that changes exactly them."""
        ours = isinstance(error, CredentialsRefused) and error.hint != in_between.FORBIDDEN_HINT
        if ours and self._credentials is not None:
            from stackspot_cli.auth import remedies  # deferred: only a refusal needs it

            remedy = remedies.no_realm if error.status == 404 else remedies.refused
            error.hint = remedy(self._credentials)
        error.message, error.hint = changed(self.mask, error.message), changed(self.mask, error.hint)
        error.args = (error.message,)
        return error

    # --- a new one ---------------------------------------------------------------------------------

    def _renewed_or(self, stale: Token, patience: Patience) -> Token:
        try:
            return self._renew(stale, patience)
        except Unavailable:
            if freshness(stale, self._now()) is Freshness.INVALID:
                raise
            self._remember(stale.value)
            return stale  # it is good for some seconds yet: the answer may still come

    def _renew(self, old: Token | None, patience: Patience) -> Token:
        cache = self._own_cache()
        if cache is None:
            return self._use(self._request(patience))
        left = patience.deadline_seconds()
        with cache.lock(LOCK_SECONDS if left is None else min(LOCK_SECONDS, left)) as locked:
            kept = cache.read() if locked else None  # another process may have been faster
            fresh = freshness(kept, self._now()) is Freshness.FRESH
            if kept is not None and fresh and (old is None or kept.value != old.value):
                return self._use(kept)
            token = self._use(self._request(patience))
            if locked and token.keep:
                cache.write(token)
            return token

    def _use(self, token: Token) -> Token:
        self._token = token if token.keep else None
        self._remember(token.value)
        return token

    def _remember(self, secret: Secret) -> None:
        if secret not in self._seen:
            self._seen = (*self._seen[1 - MASKED_TOKENS :], secret)

    def _request(self, patience: Patience) -> Token:
        credentials = self.credentials
        realm = credentials.realm.value
        url = f"{self._idm_base.rstrip('/')}/{quote(realm, safe='')}/oidc/oauth/token"
        outgoing = Outgoing(
            "POST",
            url,
            lambda status, body, headers, at: from_status(status, body, headers, at, token_service(realm)),
            {"Content-Type": "application/x-www-form-urlencoded"},
            _form(credentials),
            repeatable=True,
        )
        self._expect(url)
        try:
            token = from_answer(
                self._exchange().fetch(outgoing, patience.another(), limit=TOKEN_BODY_BYTES), self._now(), url
            )
        except StackSpotError as error:
            raise without_frames(self.masked(error)) from error.__cause__
        self._remember(token.value)
        return token

    def _kept(self) -> Token | None:
        cache = self._own_cache()
        return None if cache is None else cache.read()

    def _own_cache(self) -> TokenCache | None:
        if self._folder is not None and self._cache is None:
            self._cache = self._folder.of(self.credentials)
        return self._cache


def _form(credentials: Credentials) -> bytes:
    """What the token service is sent. Made where it is wanted: a name for it would be in the frame of an error."""
    return urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id.value,
            "client_secret": credentials.client_key.value.reveal(),
        }
    ).encode("ascii")


def _secrets_of(credentials: Credentials) -> tuple[Secret, ...]:
    """The key; what stands in the id's place as well, where that may be the key."""
    if id_is_doubtful(credentials):
        return credentials.client_key.value, Secret(credentials.client_id.value)
    return (credentials.client_key.value,)


def _redactor(*secrets: Secret) -> Redactor:
    redactor = Redactor()
    for secret in secrets:
        if len(secret.reveal()) >= SHORTEST_SECRET:
            redactor.learn(secret.reveal())
    return redactor
