"""The sandbox on its socket: listens, reads requests, writes answers, and misbehaves when asked to.

Knows connections, threads and time; refuses to know what an answer says.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from stackspot_cli.sandbox.faults import Faults
from stackspot_cli.sandbox.rate import Rate
from stackspot_cli.sandbox.replies import Stream, problem
from stackspot_cli.sandbox.script import Script
from stackspot_cli.sandbox.service import Answer, Service
from stackspot_cli.sandbox.slowness import LONGEST_SECONDS, gap_seconds, merged
from stackspot_cli.sandbox.tokens import Tokens
from stackspot_cli.sandbox.wire import (
    LAST_CHUNK,
    Malformed,
    Reply,
    Request,
    RequestLog,
    chunk,
    head,
    read_request,
    whole_head,
)

CLIENT_ID = "sandbox-client"
CLIENT_KEY = "sandbox-key-not-a-secret"
REALM = "sandbox"


class Sandbox:
    """An emulated StackSpot on one address.

    host, port: where to listen; port 0 takes a free one. faults: names of FAULTS (ValueError for others).
    times: how often each fault strikes; None for always. token_seconds: the life of a token.
    deltas: the pieces of every answer, instead of an answer that suits the prompt.
    answers: which prompt gets which answer or fault, see `script.Script` (ValueError for a rule that is none).
    strict: an agent or quick command that the account lacks is refused; else any well-formed one is played.
    delay_seconds: the wait before each piece of a stream.
    per_minute: so many requests are answered in any `minute_seconds`, more are a 429; None for no limit.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Iterable[str] = (),
        times: int | None = None,
        client_id: str = CLIENT_ID,
        client_key: str = CLIENT_KEY,
        realm: str = REALM,
        token_seconds: int = 1199,
        deltas: Sequence[str] | None = None,
        delay_seconds: float = 0.0,
        answers: Iterable[Mapping[str, Any]] = (),
        strict: bool = False,
        per_minute: int | None = None,
        minute_seconds: float = 60.0,
    ) -> None:
        self.client_id = client_id
        self.client_key = client_key
        self.realm = realm
        self.requests = RequestLog()
        self._address = (host, port)
        self._delay_seconds = delay_seconds
        self._faults = Faults(faults, times)
        tokens = Tokens(client_id, client_key, realm, token_seconds)
        self.rate = None if per_minute is None else Rate(per_minute, minute_seconds)
        script = Script(answers, deltas)
        self._service = Service(tokens, self._faults, script, strict=strict, rate=self.rate)
        self._listener: socket.socket | None = None
        self._waker: socket.socket | None = None
        self._stopping = threading.Event()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._acceptor: threading.Thread | None = None

    # --- from outside ------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the service is, without a final slash. RuntimeError before `start`."""
        if not self._service.base_url:
            raise RuntimeError("the sandbox has no address before start()")
        return self._service.base_url

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point `stackspot` at this sandbox."""
        return {
            "STACKSPOTAI_ENDPOINT_URL": self.url,
            "STACKSPOTAI_CLIENT_ID": self.client_id,
            "STACKSPOTAI_CLIENT_KEY": self.client_key,
            "STACKSPOTAI_REALM": self.realm,
        }

    def start(self) -> Sandbox:
        """Listens, and answers from threads of its own. OSError when the address cannot be had."""
        if self._listener is not None:
            raise RuntimeError("the sandbox was started already")
        host, port = self._address
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where REUSEADDR would share a busy port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(256)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
        self._listener = listener
        self._service.base_url = _url(host, listener.getsockname()[1])
        self._waker, wakened = socket.socketpair()
        self._acceptor = threading.Thread(
            target=self._accept, args=(listener, wakened), name="sandbox", daemon=True
        )
        self._acceptor.start()
        return self

    def wait(self) -> None:
        """Blocks until `stop`; a Ctrl-C gets through."""
        while not self._stopping.wait(0.5):  # in slices: Windows hears Ctrl-C only between waits
            pass

    def stop(self) -> None:
        """Closes the listening socket and all connections. Does not wait for a hanging answer."""
        self._stopping.set()
        if self._waker is not None:
            self._waker.close()
            self._waker = None
        deadline = time.monotonic() + 2.0
        if self._acceptor is not None:
            self._acceptor.join(max(0.0, deadline - time.monotonic()))
        with self._lock:
            running = list(self._connections.items())
            for connection, _ in running:
                _shut(connection)
        for _, thread in running:
            thread.join(max(0.0, deadline - time.monotonic()))

    def __enter__(self) -> Sandbox:
        return self if self._listener is not None else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- connections -------------------------------------------------------------------------------

    def _accept(self, listener: socket.socket, wakened: socket.socket) -> None:
        with listener, wakened, selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(wakened, selectors.EVENT_READ)
            while True:
                if any(key.fileobj is wakened for key, _ in selector.select()):
                    return
                try:
                    connection, _ = listener.accept()
                except OSError:  # the client left between select and accept
                    continue
                connection.setblocking(True)
                thread = threading.Thread(
                    target=self._serve, args=(connection,), name="sandbox-connection", daemon=True
                )
                with self._lock:
                    self._connections[connection] = thread
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection.makefile("rb") as stream:
                while not self._stopping.is_set():
                    request = read_request(stream, connection)
                    if request is None:
                        break
                    self.requests.append(request)
                    if not self._respond(connection, request):
                        break
        except Malformed as error:
            self._complain(connection, error)
        except OSError:
            pass  # the client left, or stop() closed the connection: nobody is there to be told
        finally:
            with self._lock:
                del self._connections[connection]
            _shut(connection)
            connection.close()

    def _complain(self, connection: socket.socket, error: Malformed) -> None:
        reply = problem(error.status, "BadRequestError", f"SANDBOX_{error.status}0_MALFORMED", error.why)
        with suppress(OSError):
            connection.sendall(whole_head(reply, keep_alive=False) + reply.body)

    # --- answers -----------------------------------------------------------------------------------

    def _respond(self, connection: socket.socket, request: Request) -> bool:
        """Writes the answer; whether the connection can be used again."""
        answer = self._service.answer(request)
        good = isinstance(answer, Stream) or answer.status < 400
        if not (good and self._service.is_api(request)):
            return self._send_whole(connection, request, answer)
        if answer.fault == "hang" or self._faults.strikes("hang"):
            return self._hang(connection, answer)
        slow = answer.fault == "slow" or self._faults.strikes("slow")
        cut = answer.fault == "cut" or self._faults.strikes("cut")
        if isinstance(answer, Stream):
            return self._send_stream(connection, request, answer, slow, cut)
        if slow:
            self._pause(LONGEST_SECONDS)
        if cut:
            connection.sendall(whole_head(answer, keep_alive=False) + answer.body[: len(answer.body) // 2])
            return False
        return self._send_whole(connection, request, answer)

    def _send_whole(self, connection: socket.socket, request: Request, answer: Answer) -> bool:
        assert isinstance(answer, Reply)
        body = b"" if request.method == "HEAD" else answer.body
        connection.sendall(whole_head(answer, request.keep_alive) + body)
        return request.keep_alive

    def _hang(self, connection: socket.socket, answer: Answer) -> bool:
        """The head and then nothing, until the client or stop() closes the connection."""
        connection.sendall(_stream_head() if isinstance(answer, Stream) else whole_head(answer, True))
        while connection.recv(4096):
            pass
        return False

    def _send_stream(
        self, connection: socket.socket, request: Request, answer: Stream, slow: bool, cut: bool
    ) -> bool:
        chunked = request.version == "HTTP/1.1"
        keep = chunked and request.keep_alive
        pieces = merged(answer.pieces) if slow else answer.pieces
        gap = gap_seconds(len(pieces)) if slow else 0.0
        if cut:
            pieces = pieces[: max(1, len(pieces) // 3)]

        def send(frame: bytes) -> None:
            connection.sendall(chunk(frame) if chunked else frame)

        connection.sendall(_stream_head(chunked, keep))
        if answer.opening:
            send(answer.opening)
        for place, piece in enumerate(pieces):
            self._pause(self._delay_seconds + (gap if place else 0.0))
            send(answer.frame(piece))
        if cut:
            return False
        self._pause(gap)
        for frame in answer.closing:
            send(frame)
        if chunked:
            connection.sendall(LAST_CHUNK)
        return keep

    def _pause(self, seconds: float) -> None:
        if seconds > 0 and self._stopping.wait(seconds):
            raise ConnectionError("the sandbox is stopping")


def _stream_head(chunked: bool = True, keep_alive: bool = True) -> bytes:
    coding = (("Transfer-Encoding", "chunked"),) if chunked else ()
    kept = "keep-alive" if keep_alive else "close"
    kind = ("Content-Type", "text/event-stream; charset=utf-8")
    return head(200, (kind, ("Cache-Control", "no-cache"), ("Connection", kept), *coding))


def _url(host: str, port: int) -> str:
    shown = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # not a bind
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # closed by the other side already
        connection.shutdown(socket.SHUT_RDWR)
