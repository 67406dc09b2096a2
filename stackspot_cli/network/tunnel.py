"""Through a proxy to a host: CONNECT, and what the proxy says to it.

Knows httpcore, and the head of one request. Refuses to know which proxy is to be used (`proxies`), and what is said
within the tunnel.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping

import httpcore
from httpcore._backends.sync import SyncStream

from stackspot_cli.network.attempt import Attempt, PatientStream
from stackspot_cli.network.lean_httpx import httpx
from stackspot_cli.network.patience import Patience
from stackspot_cli.network.proxies import Proxy

LONGEST_SECONDS = 3600.0  # whoever waits has less patience, and ends it


def through(
    stream: httpcore.NetworkStream, proxy: Proxy, host: str, port: int, attempt: Attempt
) -> httpcore.NetworkStream:
    """The way to the host, on a connection to the proxy. Its answer is the attempt's last head.

    Raises httpcore's errors, ProxyError where the proxy refuses.
    """
    known = spoken(proxy, None)
    target = f"[{host}]:{port}".encode() if ":" in host else f"{host}:{port}".encode()
    connection = httpcore.HTTP11Connection(known.url.origin, stream)
    response = connection.handle_request(
        httpcore.Request(
            "CONNECT",
            httpcore.URL(scheme=known.url.scheme, host=known.url.host, port=known.url.port, target=target),
            headers=[(b"Host", target), (b"Accept", b"*/*"), *known.headers],
            extensions={"timeout": dict.fromkeys(("connect", "read", "write"), attempt)},
        )
    )
    attempt.last_head = (response.status, httpx.Headers(response.headers))
    if not 200 <= response.status <= 299:
        reason = response.extensions.get("reason_phrase", b"").decode("ascii", "ignore")
        connection.close()
        raise httpcore.ProxyError(f"{response.status} {reason}")
    way: httpcore.NetworkStream = response.extensions["network_stream"]
    return way


def dig(
    connection: socket.socket,
    proxy: Proxy,
    host: str,
    port: int,
    heard: Callable[[tuple[int, Mapping[str, str]]], None],
) -> None:
    """The same on a plain socket, before there is an attempt: whoever has it ends it. heard: told the last head."""
    attempt = Attempt(Patience(LONGEST_SECONDS))
    try:
        through(PatientStream(SyncStream(connection)), proxy, host, port, attempt)
    finally:
        heard(attempt.last_head)


def spoken(proxy: Proxy, tls: ssl.SSLContext | None) -> httpcore.Proxy:
    """The proxy in httpcore's terms. tls: for one that is reached by https."""
    url = httpx.URL(proxy.url)
    auth = (url.username.encode(), url.password.encode()) if url.username or url.password else None
    return httpcore.Proxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=proxy.port, target=b""),
        auth=auth,
        ssl_context=tls if proxy.is_secure else None,
    )
