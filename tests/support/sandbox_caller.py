"""The sandbox, asked by a plain HTTP client: none of our own code is on this side."""

import http.client
import json
import socket
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urlsplit

from stackspot_cli.sandbox import Sandbox

REVIEWER = "01K45T82PF8QC64C9DNHGQWHY2"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
FORM = "application/x-www-form-urlencoded"


class Caller:
    """One keep-alive connection, with a token."""

    def __init__(self, server: Sandbox) -> None:
        self.server = server
        parts = urlsplit(server.url)
        assert parts.hostname and parts.port
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port)
        self.token = ""

    def __enter__(self) -> "Caller":
        self.renew()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.connection.close()

    def renew(self) -> None:
        status, body = self.ask_token()
        assert status == 200
        self.token = body["access_token"]

    def ask_token(self, realm: str | None = None, kind: str = FORM, **changes: str | None) -> tuple[int, Any]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.server.client_id,
            "client_secret": self.server.client_key,
        } | changes
        body = urlencode({name: value for name, value in form.items() if value is not None})
        path = f"/{realm or self.server.realm}/oidc/oauth/token"
        self.connection.request("POST", path, body, {"Content-Type": kind})
        response = self.connection.getresponse()
        return response.status, json.loads(response.read())

    def send(self, method: str, path: str, body: Any = None) -> http.client.HTTPResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body)
        self.connection.request(method, path, sent, headers)
        return self.connection.getresponse()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON; the raw bytes where there is no JSON."""
        response = self.send(method, path, body)
        content = response.read()
        return response.status, json.loads(content) if content else b""

    def chat(self, prompt: str, conversation_id: str = "01K45T0000000000000000CHAT", **fields: Any) -> str:
        response = self.send("POST", "/v3/chat", chat_body(prompt, conversation_id, **fields))
        assert response.status == 200
        return answer_in(response.read())


def chat_body(
    prompt: str, conversation_id: str = "01K45T0000000000000000CHAT", **fields: Any
) -> dict[str, Any]:
    context = {"conversation_id": conversation_id, "upload_ids": [], "agent_built_in": True, "os": "linux"}
    return {"context": context | fields.pop("context", {}), "user_prompt": prompt, **fields}


def events_in(stream: bytes) -> list[tuple[str | None, Any]]:
    """(event name, data as JSON) of each frame, `retry:` lines left out."""
    events = []
    for frame in stream.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in frame.splitlines())
        if "data" in fields:
            events.append((fields.get("event"), json.loads(fields["data"])))
    return events


def answer_in(stream: bytes) -> str:
    return "".join(data["answer"] for name, data in events_in(stream) if name == "new_message")


def first_fence(markdown: str) -> tuple[str, str]:
    language, _, rest = markdown.split("```", 1)[1].partition("\n")
    return language, rest.split("```")[0]


def agent_body(**fields: Any) -> dict[str, Any]:
    return {
        "user_prompt": "Explain the change",
        "streaming": True,
        "stackspot_knowledge": False,
        "return_ks_in_response": True,
        "use_conversation": True,
        "conversation_id": "01K45T0000000000000000TALK",
        "upload_ids": [],
    } | fields


def exchange(server: Sandbox, text: str) -> bytes:
    """What comes back for these very characters, until the server closes."""
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(text.encode())
        received = b""
        while data := connection.recv(65536):
            received += data
        return received


def status_of(caller: Caller) -> int:
    response = caller.send("POST", "/v3/chat", chat_body("Say hi"))
    response.read()
    return response.status
