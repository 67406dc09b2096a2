"""The token service: OAuth2 client credentials, as strict as the protocol page says.

Knows who may have a token and how long one lives; refuses to know what tokens are used for.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from threading import Lock
from urllib.parse import parse_qsl

from stackspot_cli.sandbox.wire import Reply, Request


class Tokens:
    """Issues opaque, unique tokens and knows which of them still count.

    seconds: the life of a token. clock: seconds that never go back.
    """

    def __init__(
        self,
        client_id: str,
        client_key: str,
        realm: str,
        seconds: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client_id = client_id
        self._client_key = client_key
        self._realm = realm
        self._seconds = seconds
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._fresh: set[str] = set()  # issued and not used yet
        self._renewals = 0  # strikes of `expired-token` whose renewed token has not been used yet
        self._born_good: set[str] = set()
        self._lock = Lock()

    def answer(self, realm: str, request: Request) -> Reply:
        """The answer to POST /{realm}/oidc/oauth/token."""
        if request.method != "POST":
            return _refusal(405, "invalid_request", "Only POST is answered here")
        if realm != self._realm:
            return _refusal(404, "not_found", f"Realm {realm} does not exist")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            return _refusal(400, "invalid_request", "The body must be application/x-www-form-urlencoded")
        form = _form(request.body)
        if form is None:
            return _refusal(400, "invalid_request", "The form is malformed or repeats a parameter")
        for name in ("grant_type", "client_id", "client_secret"):
            if not form.get(name):
                return _refusal(400, "invalid_request", f"Missing form parameter: {name}")
        if form["grant_type"] != "client_credentials":
            return _refusal(400, "unsupported_grant_type", "Only client_credentials is supported")
        # A plain comparison: this key is no secret, and hmac would load OpenSSL for 15 ms.
        if (form["client_id"], form["client_secret"]) != (self._client_id, self._client_key):
            return _refusal(401, "unauthorized_client", "Invalid client or Invalid client credentials")
        return self._issue()

    def _issue(self) -> Reply:
        token = "sandbox-" + os.urandom(24).hex()
        now = self._clock()
        with self._lock:
            self._forget(now)
            self._ends[token] = now + self._seconds
            self._fresh.add(token)
            if self._renewals:
                self._born_good.add(token)
        body = {
            "access_token": token,
            "expires_in": self._seconds,
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": "profile email",
        }
        return Reply(200, json.dumps(body).encode(), headers=(("Cache-Control", "no-store"),))

    def _forget(self, now: float) -> None:
        for token in [token for token, end in self._ends.items() if end <= now]:
            del self._ends[token]
            self._fresh.discard(token)
            self._born_good.discard(token)

    def bearer(self, request: Request) -> str | None:
        """The valid token that the request carries, or None."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer":
            return None
        with self._lock:
            return token if self._ends.get(token, float("-inf")) > self._clock() else None

    def strike_first_use(self, token: str, strikes: Callable[[], bool]) -> bool:
        """Whether `expired-token` turns this use of the token away.

        The first use of each token is turned away, but for a token that was issued while somebody who was
        turned away had yet to come back: else a client that renews once, as it should, would never get in.
        """
        with self._lock:
            if token not in self._fresh:
                return False
            self._fresh.discard(token)
            if token in self._born_good:
                self._born_good.discard(token)
                self._renewals = max(0, self._renewals - 1)
                return False
            if not strikes():
                return False
            self._renewals += 1
            return True


def _form(body: bytes) -> dict[str, str] | None:
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) else None


def _refusal(status: int, error: str, description: str) -> Reply:
    return Reply(status, json.dumps({"error": error, "error_description": description}).encode())
