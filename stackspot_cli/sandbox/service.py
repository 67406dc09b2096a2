"""The emulated service without its sockets: a request in, an answer out.

Knows which path goes to which part, and that all but two need a token; refuses to know sockets.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from stackspot_cli.sandbox.faults import Faults
from stackspot_cli.sandbox.rate import Rate
from stackspot_cli.sandbox.replies import (
    STORAGE_PREFIX,
    Stream,
    not_found,
    problem,
    refusal,
    unauthorized,
)
from stackspot_cli.sandbox.script import Script
from stackspot_cli.sandbox.talk import Talk
from stackspot_cli.sandbox.tokens import Tokens
from stackspot_cli.sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from stackspot_cli.sandbox.executions import Executions
    from stackspot_cli.sandbox.library import Library

Answer: TypeAlias = Reply | Stream
Handler: TypeAlias = Callable[[Request, str], Answer]  # the request, and what stands for the path's `*`

_REPLACING_FAULTS = ("rate-limit", "server-error", "refused", "forbidden")


class Service:
    """Answers requests. base_url: where the storage is said to be. script, strict: see Talk. rate: the limit."""

    def __init__(
        self, tokens: Tokens, faults: Faults, script: Script, *, strict: bool, rate: Rate | None = None
    ) -> None:
        self.base_url = ""
        self._tokens = tokens
        self._faults = faults
        self._rate = rate
        self._uploads: dict[str, str] = {}  # the name of each stored file by its id
        self._script = script
        self._strict = strict
        self._talk = Talk(self._uploads, script, strict=strict)
        self._shelf: tuple[Library, Executions] | None = None
        self._lock = Lock()
        self._routes = self._table()

    def _table(self) -> list[tuple[str, list[str], Handler]]:
        library, executions = self._library, self._executions
        table: tuple[tuple[str, str, Handler], ...] = (
            ("POST", "/v3/chat", lambda request, _: self._talk.chat(request)),
            ("POST", "/v1/agent/*/chat", lambda request, id_: self._talk.agent(id_, request)),
            ("POST", "/v1/quick-commands/create-execution/*", lambda r, slug: executions().create(slug, r)),
            ("GET", "/v1/quick-commands/callback/*", lambda _, id_: executions().callback(id_)),
            ("POST", "/v2/file-upload/form", lambda r, _: library().open_form(r, self.base_url)),
            ("POST", "/v1/file-upload/*/knowledge-objects", lambda r, id_: library().index(id_, r)),
            ("GET", "/v1/file-upload/*", lambda _, id_: library().upload_status(id_)),
            ("GET", "/v2/knowledge-sources", lambda r, _: library().sources_page(r)),
            ("POST", "/v1/knowledge-sources", lambda r, _: library().create_source(r)),
            ("GET", "/v1/knowledge-sources/*", lambda _, slug: library().source(slug)),
            ("GET", "/v1/knowledge-sources/*/objects", lambda r, slug: library().objects(slug, r)),
            ("DELETE", "/v1/knowledge-sources/*/objects", lambda r, slug: library().objects(slug, r)),
            ("GET", "/*/agents", _agents),
            ("GET", "/v1/llm/models", lambda _, __: _llms()),
        )
        return [(method, path.split("/"), handler) for method, path, handler in table]

    def _shelves(self) -> tuple[Library, Executions]:
        """Files, knowledge and quick commands: loaded on first use, because a chat needs none of them."""
        with self._lock:
            if self._shelf is None:
                from stackspot_cli.sandbox.executions import Executions
                from stackspot_cli.sandbox.library import Library

                self._shelf = (
                    Library(self._uploads),
                    Executions(self._uploads, self._script, strict=self._strict),
                )
            return self._shelf

    def _library(self) -> Library:
        return self._shelves()[0]

    def _executions(self) -> Executions:
        return self._shelves()[1]

    def is_api(self, request: Request) -> bool:
        """Whether faults concern the request: neither the token service nor the storage."""
        return not (_realm_asked(request.path) or request.path.startswith(STORAGE_PREFIX))

    def answer(self, request: Request) -> Answer:
        """The answer, with the faults that replace it; the others are the server's."""
        realm = _realm_asked(request.path)
        if realm:
            return self._tokens.answer(realm, request)
        if request.path.startswith(STORAGE_PREFIX):
            if request.method != "POST":
                return _method_not_allowed()
            return self._library().store(request.path.removeprefix(STORAGE_PREFIX), request)
        token = self._tokens.bearer(request)
        expired = "expired-token"
        if token is None or self._tokens.strike_first_use(token, lambda: self._faults.strikes(expired)):
            return unauthorized()
        is_over = self._rate is not None and not self._rate.admits()
        fault = "rate-limit" if is_over else self._faults.first_of(_REPLACING_FAULTS)
        return (refusal(fault) if fault else None) or self._routed(request)

    def _routed(self, request: Request) -> Answer:
        known_path = False
        segments = request.path.split("/")
        for method, pattern, handler in self._routes:
            caught = _caught(pattern, segments)
            if caught is not None and method == request.method:
                return handler(request, caught)
            known_path = known_path or caught is not None
        return _method_not_allowed() if known_path else not_found(f"Nothing is served at {request.path}")


def _realm_asked(path: str) -> str:
    """The realm of a path of the token service; empty for another path."""
    return _caught(["", "*", "oidc", "oauth", "token"], path.split("/")) or ""


def _caught(pattern: list[str], segments: list[str]) -> str | None:
    """What stands for the pattern's `*` ("" where it has none), or None where the path does not fit."""
    if len(pattern) != len(segments):
        return None
    caught = ""
    for wanted, segment in zip(pattern, segments, strict=True):
        if wanted == "*" and segment:
            caught = segment
        elif wanted != segment:
            return None
    return caught


def _agents(request: Request, version: str) -> Reply:
    from stackspot_cli.sandbox.catalogue import agents_page  # deferred, as the shelves are

    return agents_page(request, version)


def _llms() -> Reply:
    from stackspot_cli.sandbox.catalogue import llms_page  # deferred, as the shelves are

    return llms_page()


def _method_not_allowed() -> Reply:
    return problem(405, "MethodNotAllowedError", "SANDBOX_4050_METHOD", "This address has another method.")
