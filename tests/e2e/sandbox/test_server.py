"""The sandbox on its socket. None of our own code asks."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from sandbox_caller import (
    FORM,
    Caller,
    agent_body,
    answer_in,
    chat_body,
    exchange,
    status_of,
)

from stackspot_cli.sandbox import Sandbox


def test_a_connection_is_used_again_also_after_errors_and_streams(caller: Caller) -> None:
    first = caller.connection.sock
    caller.chat("Say hi")
    caller.ask("GET", "/nowhere")
    caller.ask("POST", "/v1/agent/unknown/chat", agent_body())
    caller.ask("DELETE", "/v1/knowledge-sources/house-rules/objects")
    caller.chat("Say hi")
    assert caller.connection.sock is first is not None


def test_thirty_two_streams_at_once_are_all_complete(server: Sandbox) -> None:
    together = threading.Barrier(32, timeout=60)

    def one(number: int) -> str:
        with Caller(server) as caller:
            together.wait()
            return caller.chat(f"Explain number {number:02}", f"C{number}")

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(one, range(32)))
    assert [f"`Explain number {number:02}`" in text for number, text in enumerate(answers)] == [True] * 32


def test_what_arrived_can_be_looked_at(caller: Caller) -> None:
    caller.server.requests.clear()
    assert caller.server.requests == []
    caller.ask("GET", "/v4/agents?size=2&visibility_list=personal&visibility_list=account")
    caller.chat("Olá")
    listing, chat = caller.server.requests
    assert (listing.method, listing.path) == ("GET", "/v4/agents")
    assert listing.query == {"size": "2", "visibility_list": "account"}
    assert listing.query_lists["visibility_list"] == ["personal", "account"]
    assert listing.json is None
    assert chat.headers["authorization"] == f"Bearer {caller.token}"
    assert chat.json["user_prompt"] == json.loads(chat.body)["user_prompt"] == "Olá"
    assert len(caller.server.requests) == 2
    assert caller.server.requests[-1] == chat


def test_a_body_in_chunks_and_a_question_before_the_body_are_understood(server: Sandbox) -> None:
    form = f"grant_type=client_credentials&client_id={server.client_id}&client_secret={server.client_key}"
    head = f"POST /{server.realm}/oidc/oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
    head += "Connection: close\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
    raw = exchange(server, f"{head}{5:x}\r\n{form[:5]}\r\n{len(form) - 5:x}\r\n{form[5:]}\r\n0\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/2\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ],
)
def test_bytes_that_are_no_request_are_answered_and_the_connection_closed(
    server: Sandbox, text: str, status: int
) -> None:
    assert exchange(server, text).split(b" ")[1] == str(status).encode()


def test_a_client_of_http_1_0_gets_a_stream_that_ends_by_closing() -> None:
    with Sandbox(deltas=["one"]) as server, Caller(server) as caller:
        body = json.dumps(chat_body("x"))
        head = f"POST /v3/chat HTTP/1.0\r\nAuthorization: Bearer {caller.token}\r\n"
        raw = exchange(server, f"{head}Content-Length: {len(body)}\r\n\r\n{body}")
    assert answer_in(raw.partition(b"\r\n\r\n")[2]) == "one"


def test_the_environment_points_at_the_server(server: Sandbox) -> None:
    assert server.environment == {
        "STACKSPOTAI_ENDPOINT_URL": server.url,
        "STACKSPOTAI_CLIENT_ID": "sandbox-client",
        "STACKSPOTAI_CLIENT_KEY": "sandbox-key-not-a-secret",
        "STACKSPOTAI_REALM": "sandbox",
    }


def test_it_listens_on_ipv6_too() -> None:
    try:
        server = Sandbox(host="::1").start()
    except OSError:
        pytest.skip("no IPv6 loopback on this machine")
    with server, Caller(server) as caller:
        assert server.url.startswith("http://[::1]:")
        assert status_of(caller) == 200


def test_a_busy_port_is_an_os_error_and_a_stopped_server_frees_its_port(server: Sandbox) -> None:
    port = urlsplit(server.url).port
    assert port
    with pytest.raises(OSError, match="in use"):
        Sandbox(port=port).start()
    server.stop()
    server.stop()
    with Sandbox(port=port) as again:
        assert urlsplit(again.url).port == port


def test_before_the_start_there_is_no_address() -> None:
    with pytest.raises(RuntimeError):
        _ = Sandbox().url
