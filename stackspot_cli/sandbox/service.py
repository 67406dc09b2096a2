"""The emulated service without its sockets: a request in, an answer out.

Knows which path goes to which part, and that all but two need a token; refuses to know sockets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from stackspot_cli.sandbox.catalogue import agents_page, llms_page
from stackspot_cli.sandbox.executions import Executions
from stackspot_cli.sandbox.faults import Faults
from stackspot_cli.sandbox.library import STORAGE_PREFIX, Library
from stackspot_cli.sandbox.replies import Stream, bad_request, forbidden, not_found, problem
from stackspot_cli.sandbox.talk import Talk
from stackspot_cli.sandbox.tokens import Tokens
from stackspot_cli.sandbox.wire import Reply, Request

Answer: TypeAlias = Reply | Stream
Handler: TypeAlias = Callable[[Request, str], Answer]  # the request, and what the path's group caught

_TOKEN_PATH = re.compile(r"/([^/]+)/oidc/oauth/token")
_REPLACING_FAULTS = ("rate-limit", "server-error", "refused", "forbidden")


class Service:
    """Answers requests. base_url: where the storage is said to be. pieces: see Talk."""

    def __init__(self, tokens: Tokens, faults: Faults, pieces: Sequence[str] | None = None) -> None:
        self._tokens = tokens
        self._faults = faults
        self._library = Library()
        self._talk = Talk(self._library.names, pieces)
        self._executions = Executions(self._library.names)
        self.base_url = ""
        self._routes = [(method, re.compile(path), handler) for method, path, handler in self._table()]

    def _table(self) -> list[tuple[str, str, Handler]]:
        library, executions = self._library, self._executions
        commands, sources = "/v1/quick-commands", "/v1/knowledge-sources"
        return [
            ("POST", "/v3/chat", lambda request, _: self._talk.chat(request)),
            ("POST", "/v1/agent/([^/]+)/chat", lambda request, id_: self._talk.agent(id_, request)),
            ("POST", f"{commands}/create-execution/([^/]+)", lambda r, slug: executions.create(slug, r)),
            ("GET", f"{commands}/callback/([^/]+)", lambda _, id_: executions.callback(id_)),
            ("POST", "/v2/file-upload/form", lambda r, _: library.open_form(r, self.base_url)),
            ("POST", "/v1/file-upload/([^/]+)/knowledge-objects", lambda r, id_: library.index(id_, r)),
            ("GET", "/v1/file-upload/([^/]+)", lambda _, id_: library.upload_status(id_)),
            ("GET", "/v2/knowledge-sources", lambda r, _: library.sources_page(r)),
            ("POST", sources, lambda r, _: library.create_source(r)),
            ("GET", f"{sources}/([^/]+)", lambda _, slug: library.source(slug)),
            ("GET", f"{sources}/([^/]+)/objects", lambda r, slug: library.objects(slug, r)),
            ("DELETE", f"{sources}/([^/]+)/objects", lambda r, slug: library.objects(slug, r)),
            ("GET", "/v([134])/agents", lambda r, version: agents_page(r, int(version))),
            ("GET", "/v1/llm/models", lambda _, __: llms_page()),
        ]

    def is_api(self, request: Request) -> bool:
        """Whether faults concern the request: neither the token service nor the storage."""
        return not (_TOKEN_PATH.fullmatch(request.path) or request.path.startswith(STORAGE_PREFIX))

    def answer(self, request: Request) -> Answer:
        """The answer, with the faults that replace it; the others are the server's."""
        token_path = _TOKEN_PATH.fullmatch(request.path)
        if token_path:
            return self._tokens.answer(token_path[1], request)
        if request.path.startswith(STORAGE_PREFIX):
            if request.method != "POST":
                return _method_not_allowed()
            return self._library.store(request.path.removeprefix(STORAGE_PREFIX), request)
        token = self._tokens.bearer(request)
        expired = "expired-token"
        if token is None or self._tokens.strike_first_use(token, lambda: self._faults.strikes(expired)):
            return _unauthorized()
        fault = self._faults.first_of(_REPLACING_FAULTS)
        return _replacement(fault) if fault else self._routed(request)

    def _routed(self, request: Request) -> Answer:
        known_path = False
        for method, path, handler in self._routes:
            found = path.fullmatch(request.path)
            if found and method == request.method:
                return handler(request, found[1] if found.re.groups else "")
            known_path = known_path or found is not None
        return _method_not_allowed() if known_path else not_found(f"Nothing is served at {request.path}")


def _unauthorized() -> Reply:
    details = "The access token is missing, unknown or expired."
    reply = problem(401, "UnauthorizedError", "SANDBOX_4010_UNAUTHORIZED", details)
    return Reply(401, reply.body, headers=(("WWW-Authenticate", "Bearer"),))


def _method_not_allowed() -> Reply:
    return problem(405, "MethodNotAllowedError", "SANDBOX_4050_METHOD", "This address has another method.")


def _replacement(fault: str) -> Reply:
    if fault == "rate-limit":  # no Retry-After: the service was never seen to send one
        code = "INFERENCE_3008_CHAT_RATE_LIMIT_EXCEEDED"
        return problem(429, "TooManyRequests", code, "Maximum number of requests reached.")
    if fault == "server-error":
        code = "SANDBOX_5030_UNAVAILABLE"
        return problem(503, "ServiceUnavailable", code, "The service is temporarily unavailable.")
    if fault == "refused":
        return bad_request("The sandbox was asked to refuse this request.")
    return forbidden()
