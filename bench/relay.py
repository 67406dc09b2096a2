"""A far-away network on this machine: a relay that holds everything back, with TLS behind it. Loopback only.

Each way takes `one_way_seconds`: connecting is a way there and back, the handshake of TLS 1.3 another one, and so is
every exchange. Nothing is held back but time, so what is begun at the same time passes at the same time.

`Distance.trips` are the round trips that a client has waited for, one after the other: what left together counts once.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from pathlib import Path

import trustme


class Distance:
    """One client's way to all services. trips: see above. connections: those that were opened."""

    def __init__(self, one_way_seconds: float = 0.075) -> None:
        self.one_way_seconds = one_way_seconds
        self.trips = 0
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="relay", daemon=True).start()

    def relay(self, port: int, tls: ssl.SSLContext) -> str:
        """The address, without a scheme, at which a plain service of this machine is far away, and behind TLS."""
        return asyncio.run_coroutine_threadsafe(self._listen(port, tls), self._loop).result()

    async def _listen(self, port: int, tls: ssl.SSLContext) -> str:
        async def unwrap(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            service = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(_copy(reader, service[1]), _copy(service[0], writer))

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            front = await asyncio.open_connection("127.0.0.1", near)
            await _Carried(self).carry((reader, writer), front)

        near = _port_of(await asyncio.start_server(unwrap, "127.0.0.1", ssl=tls))
        return f"127.0.0.1:{_port_of(await asyncio.start_server(carry, '127.0.0.1'))}"


class _Carried:
    """One connection. Knows after how many round trips of the client what is on its way arrives there."""

    def __init__(self, distance: Distance) -> None:
        self._distance = distance
        distance.connections += 1
        self._now = asyncio.get_running_loop().time
        self._stands_at = self._now() + 2 * distance.one_way_seconds
        self._stands_after = self._answered_after = distance.trips + 1
        self._has_answered = False

    async def carry(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        service: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        await asyncio.gather(
            self._hold_back(client[0], service[1], asks=True),
            self._hold_back(service[0], client[1], asks=False),
        )

    async def _hold_back(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, asks: bool
    ) -> None:
        under_way: asyncio.Queue[tuple[float, bytes, int]] = asyncio.Queue()

        async def arrive() -> None:
            while True:
                due, data, trips = await under_way.get()
                await asyncio.sleep(due - self._now())
                if not data:
                    return
                if asks:
                    self._answered_after = trips + 1
                else:
                    self._distance.trips = max(self._distance.trips, trips)
                sink.write(data)

        arriving = asyncio.ensure_future(arrive())
        data = b"there is more"
        while data:
            try:
                data = await source.read(1 << 16)
            except OSError:  # it was reset
                data = b""
            left_at = max(self._now(), self._stands_at) if asks else self._now()
            if not asks:
                self._has_answered, trips = True, self._answered_after
            elif (
                self._has_answered
            ):  # a request may have waited for anything that came before, a handshake for nothing
                trips = max(self._distance.trips, self._stands_after)
            else:
                trips = self._stands_after
            under_way.put_nowait((left_at + self._distance.one_way_seconds, data, trips))
        await arriving
        sink.close()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(1 << 16):
            sink.write(data)
    sink.close()


def _port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


def throw_away_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """For 127.0.0.1; and the file in which its authority is to be believed."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.num_tickets = 0  # nobody asked for them, and they would count as an answer
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return context, file
