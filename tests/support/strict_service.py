"""A StackSpot written from the protocol page alone, and strict: what the page does not say is a violation.

Two addresses, as in the world: the service, and the storage, which belongs to somebody else. Every violation is
kept in `violations` and answered with 400, so that neither a test nor the client can overlook it.
"""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from fault_server import TOKEN

ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
EXECUTION = "01K45V9Q2M7Z8X6C5V4B3N2M1A"
UPLOAD = "01K45VA1B2C3D4E5F6G7H8J9K0"
MESSAGE = "01KJJB4T9SP5V1SYDEYHTZ5N6Y"
FORM = {
    "key": "ctx/01/a b.txt",
    "X-Amz-Date": "20261122T000000Z",
    "policy": "e30=",
    "x-amz-signature": "ab12",
}
ENVIRONMENT = {
    "STACKSPOTAI_CLIENT_ID": "strict-id",
    "STACKSPOTAI_CLIENT_KEY": "strict &key+%=",
    "STACKSPOTAI_REALM": "acme",
}
SOURCE = {"type": "CUSTOM", "name": "Manual", "slug": "manual", "document_score": 0.91, "document_id": "d-1"}


class Violation(Exception):
    pass


class StrictService:
    """callbacks: the states that an execution goes through, one a question, the last for ever.

    agent_frames: what an agent streams. agents_version: the only list of agents that answers. faults: statuses that
    are answered first, by path prefix.
    """

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.callbacks: list[dict[str, Any]] = [state("CREATED", 0), state("RUNNING", 0.5), completed("Hola")]
        self.create_answer: Any = EXECUTION
        self.agent_frames: list[dict[str, Any]] = [
            frame("Olá", source=[SOURCE]),
            frame("", stop_reason="stop", tokens={"input": 749, "output": 5}, message_id=MESSAGE),
        ]
        self.agents_version = "v4"
        self.agents: dict[str, list[dict[str, Any]]] = {
            "personal": [{"id": "01K45T82PF8QC64C9DNHGQWHY2", "slug": "reviewer", "name": "Reviewer"}],
            "account": [],
        }
        self.knowledge: dict[str, dict[str, Any]] = {}
        self.objects: dict[str, list[dict[str, Any]]] = {}
        self.indexing = ["PROCESSING", "INDEXED"]
        self.stored: list[tuple[str, bytes]] = []
        self.faults: dict[str, list[int]] = {}
        self._asked_for: dict[str, dict[str, Any]] = {}
        self._front, self._storage = _serve(self, _Front), _serve(self, _Storage)

    def close(self) -> None:
        for server in (self._front, self._storage):
            server.shutdown()
            server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._front.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        return {**ENVIRONMENT, "STACKSPOTAI_ENDPOINT_URL": self.url}

    def paths(self, part: str = "") -> list[str]:
        return [f"{method} {path}" for method, path, _body in self.requests if part in path]

    # --- the service -------------------------------------------------------------------------------

    def answer(self, method: str, path: str, query: dict[str, list[str]], headers: Any, body: bytes) -> Any:
        """(status, JSON or frames or None). Raises Violation."""
        if path == f"/{ENVIRONMENT['STACKSPOTAI_REALM']}/oidc/oauth/token":
            return self._token(method, headers, body)
        must(headers.get("Authorization") == f"Bearer {TOKEN}", "the Authorization header")
        sent = None
        if method == "POST":
            must(headers.get("Content-Type") == "application/json", "Content-Type")
            sent = json.loads(body)
        else:
            must(body == b"", "a body that nobody asked for")
        self.requests.append((method, path, sent))
        fault = next((left for prefix, left in self.faults.items() if path.startswith(prefix) and left), None)
        if fault:
            return fault.pop(0), {"type": "Fault", "code": "STRICT", "details": "as ordered"}
        segments = [unquote(segment) for segment in path.split("/")[1:]]
        match method, segments:
            case "POST", ["v1", "agent", agent, "chat"]:
                return self._agent(agent, sent, headers)
            case "POST", ["v1", "quick-commands", "create-execution", slug]:
                return self._create(slug, query, sent)
            case "GET", ["v1", "quick-commands", "callback", execution]:
                must(headers.get("Cache-Control") == "no-cache", "Cache-Control of a callback")
                must(query == {} and execution == EXECUTION, f"callback {execution}")
                return 200, self.callbacks[0] if len(self.callbacks) == 1 else self.callbacks.pop(0)
            case "POST", ["v2", "file-upload", "form"]:
                return self._form(sent)
            case "POST", ["v1", "file-upload", upload, "knowledge-objects"]:
                return self._index(upload, sent)
            case "GET", ["v1", "file-upload", upload]:
                must(upload in self._asked_for, "an upload that nobody asked for")
                status = self.indexing[0] if len(self.indexing) == 1 else self.indexing.pop(0)
                return 200, {"id": upload, "status": status}
            case "GET", [version, "agents"]:
                return self._agents(version, query)
            case "GET", ["v1", "llm", "models"]:
                must(query == {"active": ["true"], "page_size": ["999"]}, f"query {query}")
                return 200, [
                    {"id": "m-1", "name": "GPT"},
                    "plain",
                    {"display_name": "Claude", "slug": "claude"},
                ]
            case _, ["v2" | "v1", "knowledge-sources", *rest]:
                return self._knowledge(method, segments[0], rest, query, sent)
        raise Violation(f"nothing is known of {method} {path}")

    def _token(self, method: str, headers: Any, body: bytes) -> Any:
        must(method == "POST", "method of the token request")
        must(headers.get("Content-Type") == "application/x-www-form-urlencoded", "token Content-Type")
        must("Authorization" not in headers, "Authorization at the token service")
        form = dict(parse_qsl(body.decode("ascii"), strict_parsing=True))
        must(
            form
            == {
                "grant_type": "client_credentials",
                "client_id": ENVIRONMENT["STACKSPOTAI_CLIENT_ID"],
                "client_secret": ENVIRONMENT["STACKSPOTAI_CLIENT_KEY"],
            },
            f"token form {sorted(form)}",
        )
        return 200, {"access_token": TOKEN, "expires_in": 1199, "token_type": "Bearer"}

    def _agent(self, agent: str, sent: Any, headers: Any) -> Any:
        must(ULID.fullmatch(agent) is not None, f"agent id {agent}")
        required = {
            "user_prompt": str,
            "streaming": bool,
            "stackspot_knowledge": bool,
            "return_ks_in_response": bool,
            "use_conversation": bool,
            "conversation_id": str,
            "upload_ids": list,
        }
        optional = {
            "deep_search_ks": bool,
            "agent_version_number": int,
            "knowledge_source_ids": list,
            "selected_model": str,
        }
        fields(sent, required, optional)
        must(ULID.fullmatch(sent["conversation_id"]) is not None, "conversation_id")
        must(all(one in self._asked_for for one in sent["upload_ids"]), "upload_ids")
        return 200, self.agent_frames

    def _create(self, slug: str, query: dict[str, list[str]], sent: Any) -> Any:
        must(set(query) <= {"conversation_id"}, f"query {query}")
        fields(sent, {"input_data": object, "upload_ids": list}, {})
        must(all(one in self._asked_for for one in sent["upload_ids"]), "upload_ids")
        must(slug == "translate", f"slug {slug}")
        return 200, self.create_answer

    def _form(self, sent: Any) -> Any:
        fields(sent, {"file_name": str, "target_type": str, "expiration": int}, {"target_id": str})
        must(sent["expiration"] == 600, "expiration")
        must(sent["target_type"] in ("CONTEXT", "KNOWLEDGE_SOURCE"), "target_type")
        must((sent["target_type"] == "CONTEXT") == ("target_id" not in sent), "target_id")
        upload = f"{UPLOAD[:-2]}{len(self._asked_for):02}"
        self._asked_for[upload] = sent
        host = f"http://127.0.0.1:{self._storage.server_address[1]}"
        return 201, {"id": upload, "url": f"{host}/bucket?X-Secret=s3cr3t", "form": FORM}

    def _index(self, upload: str, sent: Any) -> Any:
        must(self._asked_for[upload]["target_type"] == "KNOWLEDGE_SOURCE", "indexing what is no knowledge")
        fields(sent, {"split_strategy": str, "split_quantity": int, "split_overlap": int}, {})
        strategies = (
            "NONE",
            "LINES_QUANTITY",
            "TOKENS_QUANTITY",
            "CHARACTERS_QUANTITY",
            "SYNTACTIC",
            "ENDPOINT",
        )
        must(sent["split_strategy"] in strategies, "split_strategy")
        return 200, None

    def _agents(self, version: str, query: dict[str, list[str]]) -> Any:
        if version == "v1":
            must(set(query) == {"visibility"}, f"query {query}")
            (visibility,) = query["visibility"]
        else:
            must(version in ("v3", "v4"), f"version {version}")
            must(set(query) == {"page", "size", "visibility_list"} and query["size"] == ["100"], f"{query}")
            (visibility,) = query["visibility_list"]
        must(visibility in ("personal", "account"), f"visibility {visibility}")
        if version != self.agents_version:
            return 404, {"type": "NotFound", "code": "X", "details": "gone"}
        found = self.agents[visibility]
        if version == "v1":
            return 200, found
        page = int(query["page"][0])
        return 200, {"items": found[(page - 1) * 2 : page * 2]}  # fewer than asked for: sizes have limits

    def _knowledge(
        self, method: str, version: str, rest: list[str], query: dict[str, list[str]], sent: Any
    ) -> Any:
        match method, version, rest:
            case "GET", "v2", []:
                must(
                    set(query) == {"page", "size", "visibility_list"} and query["size"] == ["10"], f"{query}"
                )
                mine = list(self.knowledge.values()) if query["visibility_list"] == ["personal"] else []
                return 200, {"items": mine if query["page"] == ["1"] else []}
            case "POST", "v1", []:
                fields(sent, {"slug": str, "name": str, "description": str, "type": str}, {})
                must(sent["type"] in ("api", "snippet", "custom"), "type")
                if sent["slug"] in self.knowledge:
                    return 422, {"detail": [{"loc": ["body", "slug"], "msg": "already exists"}]}
                self.knowledge[sent["slug"]] = sent
                return 201, sent
            case "GET", "v1", [slug] if slug in self.knowledge:
                return 200, self.knowledge[slug]
            case "GET", "v1", [slug, "objects"] if slug in self.knowledge:
                return 200, self.objects.get(slug, [])
            case "DELETE", "v1", [slug, "objects"] if slug in self.knowledge:
                self.objects[slug] = []
                return 200, None
        return 404, {"type": "NotFound", "code": "X", "details": "no such knowledge source"}

    # --- the storage -------------------------------------------------------------------------------

    def store(self, path: str, headers: Any, body: bytes) -> Any:
        fault = self.faults.get("storage")
        if fault:
            return fault.pop(0), "<Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>"
        must(path == "/bucket?X-Secret=s3cr3t", f"storage path {path}")
        for name in ("Authorization", "Cookie"):
            must(name not in headers, f"{name} at the storage")
        kind, _, boundary = headers.get("Content-Type", "").partition("; boundary=")
        must(kind == "multipart/form-data" and bool(boundary), "multipart")
        must(headers.get("Content-Length") == str(len(body)), "Content-Length")
        opening, *parts, closing = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
        must(opening == b"" and closing == b"--\r\n", "the ends of the form")
        told: list[tuple[str, bytes]] = []
        for part in parts:
            head, _, content = part.partition(b"\r\n\r\n")
            named = re.search(rb'name="([^"]*)"', head)
            must(named is not None, "a part without a name")
            assert named is not None
            told.append((named[1].decode(), content))
        must(told[:-1] == [(name, value.encode()) for name, value in FORM.items()], "every field first")
        must(told[-1][0] == "file", "the file last")
        filename = re.search(rb'filename="([^"]*)"', parts[-1])
        must(filename is not None, "a file without its name")
        assert filename is not None
        self.stored.append((filename[1].decode(), told[-1][1]))
        return 204, None


def must(holds: bool, what: str) -> None:
    if not holds:
        raise Violation(what)


def fields(sent: Any, required: dict[str, type], optional: dict[str, type]) -> None:
    """Exactly these fields, of these types."""
    must(isinstance(sent, dict), "a JSON object")
    must(set(required) <= set(sent) <= {*required, *optional}, f"fields {sorted(sent)}")
    for name, kind in {**required, **optional}.items():
        must(name not in sent or isinstance(sent[name], kind), f"{name} is {sent.get(name)!r}")


def state(status: str, part: float, *steps: str, **more: Any) -> dict[str, Any]:
    """What a callback tells."""
    return {
        "execution_id": EXECUTION,
        "quick_command_slug": "translate",
        "conversation_id": "01K45W00000000000000000000",
        "progress": {
            "start": "2026-11-22T10:00:00Z",
            "end": None,
            "duration": 3,
            "execution_percentage": part,
            "status": status,
        },
        "steps": [
            {"step_name": name, "execution_order": place, "type": "LLM", "step_result": {"answer": name}}
            for place, name in enumerate(steps)
        ],
        "result": None,
        **more,
    }


def completed(result: Any, **more: Any) -> dict[str, Any]:
    return state("COMPLETED", 1, "draft", **{"result": result, **more})


def frame(message: str, **more: Any) -> dict[str, Any]:
    """One frame of an agent's stream."""
    empty: dict[str, Any] = {
        name: []
        for name in ("knowledge_source_id", "source", "cross_account_source", "tools_id", "agent_info")
    }
    return {"upload_ids": {}, **empty, "message": message, **more}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: StrictService

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's own name
        pass

    def _respond(self) -> None:
        raise NotImplementedError

    do_GET = do_POST = do_DELETE = lambda self: self._respond()  # noqa: N815  # the library's own names

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _violated(self, violation: Violation) -> None:
        self.service.violations.append(f"{self.command} {self.path}: {violation}")
        self._send(400, json.dumps({"details": f"violation: {violation}"}).encode(), "application/json")


class _Front(_Handler):
    def _respond(self) -> None:
        parts = urlsplit(self.path)
        body = self._body()
        try:
            query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
            status, told = self.service.answer(self.command, parts.path, query, self.headers, body)
        except Violation as violation:
            self._violated(violation)
            return
        if parts.path.endswith("/chat") and status == 200:
            frames = "".join(f"data: {json.dumps(one)}\n\n" for one in told)
            self._send(200, frames.encode(), "text/event-stream")
        else:
            self._send(status, b"" if told is None else json.dumps(told).encode(), "application/json")


class _Storage(_Handler):
    def _respond(self) -> None:
        body = self._body()
        try:
            must(self.command == "POST", "method at the storage")
            status, told = self.service.store(self.path, self.headers, body)
        except Violation as violation:
            self._violated(violation)
            return
        self._send(status, (told or "").encode(), "application/xml")


def _serve(service: StrictService, handler: type[_Handler]) -> ThreadingHTTPServer:
    bound = type(handler.__name__, (handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server
