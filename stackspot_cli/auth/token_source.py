"""OAuth2 client credentials: a token when one is needed, renewed before its end, one request for all processes.

One of the two rooms where a Secret is revealed (the other is `credentials`): into the token request's body, into
the Authorization header, and into the cache's private file.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from urllib.parse import quote, urlencode

from stackspot_cli.auth.credentials import Credentials
from stackspot_cli.auth.tokens import (
    LOCK_SECONDS,
    TOKEN_BODY_BYTES,
    Freshness,
    Token,
    TokenCache,
    freshness,
    from_answer,
)
from stackspot_cli.domain import Secret
from stackspot_cli.errors import StackSpotError, Unavailable
from stackspot_cli.network.exchange import Exchange, Outgoing
from stackspot_cli.network.patience import Patience
from stackspot_cli.redaction import Redactor
from stackspot_cli.routes.refusals import from_status, token_service
from stackspot_cli.translation import changed

SHORTEST_SECRET = 8  # characters; what is shorter is a test's


class Auth:
    """Gives tokens for one set of credentials. Safe to share by threads.

    credentials: called on first need (it may ask the OS keyring). cache: None keeps tokens in memory only.
    """

    def __init__(
        self,
        exchange: Exchange,
        credentials: Callable[[], Credentials],
        *,
        idm_base: str,
        cache: TokenCache | None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._exchange = exchange
        self._find_credentials = credentials
        self._credentials: Credentials | None = None
        self._idm_base = idm_base
        self._cache = cache
        self._now = wall_clock
        self._token: Token | None = None
        self._spoken: list[Secret] = []  # the tokens of this process: what `mask` looks for
        self._lock = threading.Lock()

    @property
    def credentials(self) -> Credentials:
        """Raises CredentialsMissing, and what the keyring raises."""
        if self._credentials is None:
            self._credentials = self._find_credentials()
        return self._credentials

    def token(self, patience: Patience) -> Token:
        """A token that is good now. Raises StackSpotError."""
        with self._lock:
            if freshness(self._token, self._now()) is Freshness.FRESH:
                assert self._token is not None
                return self._token
            cached = self._read_cache()
            match freshness(cached, self._now()):
                case Freshness.FRESH:
                    assert cached is not None
                    self._token = cached
                    return cached
                case Freshness.STALE:
                    assert cached is not None
                    return self._renewed_or(cached, patience)
                case _:
                    return self._renew(None, patience)

    def renewed(self, rejected: Token, patience: Patience) -> Token:
        """A token other than the one that the service has just refused. Raises StackSpotError."""
        with self._lock:
            if self._token is not None and self._token.value != rejected.value:
                return self._token
            self._token = None
            return self._renew(rejected, patience)

    def peek(self) -> Token | None:
        """The cached token, if any, without asking the service. Raises what finding credentials raises."""
        return self._token or self._read_cache()

    def prove(self, patience: Patience) -> Token:
        """A new token straight from the service, kept nowhere: shows that the credentials are good."""
        return self._request(patience)

    def forget(self) -> bool:
        """Removes the cached token; whether there was one. Raises OSError."""
        self._token = None
        return self._cache is not None and self._cache.forget(self._name())

    def authorization(self, token: Token) -> str:
        """The value of the Authorization header."""
        return f"Bearer {token.value.reveal()}"

    def mask(self, text: str) -> str:
        """The text with dots in the place of our key and tokens: a service can send them back to us.

        Very short ones are no secrets, and would tear holes into every sentence.
        """
        found = [] if self._credentials is None else [self._credentials.client_key.value]
        found += [*self._spoken, *([] if self._token is None else [self._token.value])]
        redactor = Redactor()
        for secret in found:
            if len(secret.reveal()) >= SHORTEST_SECRET:
                redactor.learn(secret.reveal())
        return redactor.mask(text)

    def masked(self, error: StackSpotError) -> StackSpotError:
        """The same error, its sentences masked."""
        error.message, error.hint = changed(self.mask, error.message), changed(self.mask, error.hint)
        error.args = (error.message,)
        return error

    def _renewed_or(self, stale: Token, patience: Patience) -> Token:
        try:
            return self._renew(stale, patience)
        except Unavailable:
            if freshness(stale, self._now()) is Freshness.INVALID:
                raise
            return stale  # it is good for some seconds yet: the answer may still come

    def _renew(self, old: Token | None, patience: Patience) -> Token:
        if self._cache is None:
            return self._keep(self._request(patience))
        name = self._name()
        left = patience.deadline_seconds()
        with self._cache.lock(name, LOCK_SECONDS if left is None else min(LOCK_SECONDS, left)) as locked:
            found = self._read_cache() if locked else None
            fresh = freshness(found, self._now()) is Freshness.FRESH
            if found is not None and fresh and (old is None or found.value != old.value):
                return self._keep(found)
            token = self._keep(self._request(patience))
            if locked and token.keep:
                self._cache.write(name, token.value.reveal(), token, self._mark)
            return token

    def _keep(self, token: Token) -> Token:
        self._token = token if token.keep else None
        return token

    def _request(self, patience: Patience) -> Token:
        credentials = self.credentials
        realm = credentials.realm.value
        url = f"{self._idm_base.rstrip('/')}/{quote(realm, safe='')}/oidc/oauth/token"
        form = urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": credentials.client_id.value,
                "client_secret": credentials.client_key.value.reveal(),
            }
        )
        outgoing = Outgoing(
            "POST",
            url,
            lambda status, body, headers, at: from_status(status, body, headers, at, token_service(realm)),
            {"Content-Type": "application/x-www-form-urlencoded"},
            form.encode("ascii"),
            repeatable=True,
        )
        try:
            body = self._exchange.fetch(outgoing, patience.another(), limit=TOKEN_BODY_BYTES)
            token = from_answer(body, self._now(), url)
        except StackSpotError as error:
            raise self.masked(error) from error.__cause__
        self._spoken = [*self._spoken[-9:], token.value]
        return token

    def _read_cache(self) -> Token | None:
        return None if self._cache is None else self._cache.read(self._name(), self._mark)

    def _name(self) -> str:
        import hashlib

        who = self.credentials
        text = "\n".join((self._idm_base, who.realm.value, who.client_id.value))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _mark(self, text: str) -> str:
        """Made with the secret, so that a token never outlives a changed one; tells nothing about it."""
        import hmac

        return hmac.new(
            self.credentials.client_key.value.reveal().encode(), text.encode(), "sha256"
        ).hexdigest()
