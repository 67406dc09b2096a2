"""A service that sends N deltas as fast as they are taken: one chunk each, many to a write. Raw sockets.

Its token never ends and its prompts are numbers: the prompt `10000` asks for that many deltas.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator

# OpenAI's shape, for the peers that speak it.
OPENAI = (
    '{{"id": "bench", "object": "chat.completion.chunk", "created": 1, "model": "bench", '
    '"choices": [{{"index": 0, "delta": {{"role": "assistant", "content": {text}}}, "finish_reason": {reason}}}]}}'
)
WORDS = ("Lorem ", "ipsum ", "dolor ", "sit ", "amet, ", "consectetur ", "adipiscing ", "elit.\n")


def frame(text: str) -> bytes:
    data = json.dumps({"answer": text}, ensure_ascii=False)
    event = f"event: new_message\ndata: {data}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(event), event)


def openai_frame(text: str, reason: str = "null") -> bytes:
    event = f"data: {OPENAI.format(text=json.dumps(text), reason=reason)}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(event), event)


def deltas(count: int, frame: Callable[[str], bytes] = frame) -> Iterator[bytes]:
    frames = [frame(word) for word in WORDS]
    block = b"".join(frames[index % len(frames)] for index in range(512))
    whole, rest = divmod(count, 512)
    for _block in range(whole):
        yield block
    yield b"".join(frames[index % len(frames)] for index in range(rest))


class Service:
    """`url` after `start`. pause_seconds: between deltas, each then in a write of its own. wait_seconds: before all."""

    def __init__(self, pause_seconds: float = 0.0, *, wait_seconds: float = 0.0) -> None:
        self.pause_seconds, self.wait_seconds = pause_seconds, wait_seconds
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def start(self) -> Service:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self) -> None:
        while True:
            connection, _address = self._listening.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            received = b""
            while True:
                while b"\r\n\r\n" not in received:
                    part = connection.recv(1 << 16)
                    if not part:
                        return
                    received += part
                head, _sep, received = received.partition(b"\r\n\r\n")
                length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
                size = int(length.group(1)) if length else 0
                while len(received) < size:
                    received += connection.recv(1 << 16)
                body, received = received[:size], received[size:]
                self._answer(connection, head, body)

    def _answer(self, connection: socket.socket, head: bytes, body: bytes) -> None:
        if b"/oidc/oauth/token" in head:
            content = json.dumps({"access_token": "bench", "expires_in": 1199}).encode()
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (len(content), content)
            )
            return
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        time.sleep(self.wait_seconds)
        asked = json.loads(body)
        openai = b"/chat/completions" in head
        prompt = asked["messages"][-1]["content"] if openai else asked["user_prompt"]
        count = int(re.sub(r"\D", "", str(prompt)) or 1)
        shape = openai_frame if openai else frame
        if self.pause_seconds:
            for index in range(count):
                connection.sendall(shape(WORDS[index % len(WORDS)]))
                time.sleep(self.pause_seconds)
        else:
            for block in deltas(count, shape):
                connection.sendall(block)
        end = b"data: [DONE]\n\n" if openai else b"event: end_event\ndata: {}\n\n"
        stop = openai_frame("", '"stop"') if openai else b""
        connection.sendall(b"%s%x\r\n%s\r\n0\r\n\r\n" % (stop, len(end), end))


def environment_for(service: Service, home: str) -> dict[str, str]:
    """What the command needs to ask this service."""
    return {
        "STACKSPOTAI_ENDPOINT_URL": service.url,
        "STACKSPOTAI_CLIENT_ID": "bench",
        "STACKSPOTAI_CLIENT_KEY": "bench",
        "STACKSPOTAI_REALM": "bench",
        "STACKSPOTAI_HOME": home,
    }
