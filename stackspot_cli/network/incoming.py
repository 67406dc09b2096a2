"""An answer as it comes in: its address, its type, and its body in chunks whose failures are ours.

Knows httpx's response. Refuses to know when an answer is whole, and what it means.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from stackspot_cli.errors import NotAnAnswer
from stackspot_cli.network import failures
from stackspot_cli.network.attempt import Attempt
from stackspot_cli.network.lean_httpx import httpx
from stackspot_cli.network.unpacking import coding_of, unpacked
from stackspot_cli.redaction import redact_url
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

BEGINNING_BYTES = 64 * 1024  # of a body that is read for what it says about a failure
# After the service's last word its connection is worth this much waiting for the body's end: a new one costs more.
END_SECONDS = 0.05


class Incoming:
    """The open 2xx answer to a request. Whoever has it closes it."""

    def __init__(self, response: httpx.Response, attempt: Attempt) -> None:
        self._response = response
        self._attempt = attempt
        self._pieces: Iterator[bytes] | None = None

    @property
    def url(self) -> str:
        return str(self._response.url)

    @property
    def content_type(self) -> str:
        return str(self._response.headers.get("content-type", ""))

    def chunks(self) -> Iterator[bytes]:
        """The body, as much at a time as came. Raises StackSpotError where it breaks off, or patience ends."""
        patience = self._attempt.patience
        self._pieces = _raw(self._response)
        try:
            for chunk in _unpacked(self._response, self._pieces):
                if patience.remaining_seconds() <= 0:  # a flood never waits, and so nobody else would notice
                    raise httpx.ReadTimeout("patience ended")
                yield chunk
        except failures.LOSSES as error:
            raise failures.explained(error, self.url, self._attempt) from error

    def finish(self) -> None:
        """All that was wanted has come: reads the body's end where it is there or about to come, and closes.

        Only so the connection can be used again.
        """
        patience = self._attempt.patience
        self._attempt.patience = patience.another(ends=patience.now() + END_SECONDS)
        size = 0
        try:
            with suppress(*failures.LOSSES):
                for piece in self._pieces or ():
                    size += len(piece)
                    if size > BEGINNING_BYTES:
                        break
        finally:
            self.close()

    def drain(self) -> None:
        """Reads what nobody needs, so that the connection can be used again, and closes."""
        beginning(self._response)

    def close(self) -> None:
        self._response.close()


def whole(response: httpx.Response, limit: int) -> bytes:
    """The body; then the connection is closed or given back. Raises one of LOSSES, NotAnAnswer over the limit."""
    body = b"".join(_pieces(response, limit))
    if len(body) > limit:
        raise NotAnAnswer(
            _("the answer of {url} is larger than {limit} bytes").format(
                url=safe_line(redact_url(str(response.url))), limit=limit
            ),
            _("a proxy or captive portal may stand in between: look with `stackspot status`"),
        )
    return body


def beginning(response: httpx.Response, limit: int = BEGINNING_BYTES) -> bytes:
    """The body as far as it comes and is wanted, of an answer that is a failure already; then as `whole`."""
    parts: list[bytes] = []
    with suppress(*failures.LOSSES):
        for piece in _pieces(response, limit):
            parts.append(piece)
    return b"".join(parts)[:limit]


def _pieces(response: httpx.Response, limit: int) -> Iterator[bytes]:
    """What comes, up to the first byte beyond the limit."""
    size = 0
    try:
        for chunk in _unpacked(response, _raw(response)):
            yield chunk
            size += len(chunk)
            if size > limit:
                return
    finally:
        response.close()


def _unpacked(response: httpx.Response, pieces: Iterator[bytes]) -> Iterator[bytes]:
    coding = coding_of(response.headers)
    return pieces if coding is None else unpacked(pieces, coding)


def _raw(response: httpx.Response) -> Iterator[bytes]:
    assert isinstance(response.stream, httpx.SyncByteStream)
    return iter(response.stream)
