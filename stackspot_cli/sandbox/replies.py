"""The shapes that every part of the service answers in: JSON, problems, pages, event streams, ULIDs.

Knows the protocol's error object; refuses to know which route answers what.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stackspot_cli.sandbox.wire import Reply, Request

STORAGE_PREFIX = "/storage/"  # the storage's place on our one address
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Stream:
    """An event stream: how it opens, the answer's pieces and how one is framed, how it ends.

    closing: the service's last word; a stream without it was cut. fault: see Reply.
    """

    pieces: tuple[str, ...]
    frame: Callable[[str], bytes]
    closing: tuple[bytes, ...]
    opening: bytes = b""
    fault: str = ""


def dumps(value: object) -> bytes:
    """JSON as UTF-8; with escapes where half a surrogate pair is in it, which UTF-8 cannot hold."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def json_reply(status: int, value: object) -> Reply:
    return Reply(status, dumps(value))


def problem(status: int, kind: str, code: str, details: str) -> Reply:
    """The protocol's error object."""
    return json_reply(status, {"type": kind, "code": code, "details": details})


def bad_request(details: str) -> Reply:
    return problem(400, "BadRequestError", "SANDBOX_4000_BAD_REQUEST", details)


def invalid(details: str) -> Reply:
    return problem(422, "ValidationError", "SANDBOX_4220_VALIDATION", details)


def not_found(details: str) -> Reply:
    return problem(404, "NotFoundError", "SANDBOX_4040_NOT_FOUND", details)


def forbidden() -> Reply:
    """An empty 403, as the service sends for an agent that is unknown or not shared."""
    return Reply(403)


def unauthorized() -> Reply:
    details = "The access token is missing, unknown or expired."
    reply = problem(401, "UnauthorizedError", "SANDBOX_4010_UNAUTHORIZED", details)
    return Reply(401, reply.body, headers=(("WWW-Authenticate", "Bearer"),))


def refusal(fault: str) -> Reply | None:
    """The answer that a fault puts in the place of every other; None for one that strikes on the way."""
    match fault:
        case "rate-limit":  # no Retry-After: the service was never seen to send one
            code = "INFERENCE_3008_CHAT_RATE_LIMIT_EXCEEDED"
            return problem(429, "TooManyRequests", code, "Maximum number of requests reached.")
        case "server-error":
            code = "SANDBOX_5030_UNAVAILABLE"
            return problem(503, "ServiceUnavailable", code, "The service is temporarily unavailable.")
        case "refused":
            return bad_request("The sandbox was asked to refuse this request.")
        case "forbidden":
            return forbidden()
        case "expired-token":
            return unauthorized()
    return None


def object_in(request: Request) -> dict[str, Any] | Reply:
    """The JSON object in the body, or the 400 that says why there is none."""
    body = request.json
    if not isinstance(body, dict):
        return bad_request("The body must be a JSON object")
    return body


def strings(value: object) -> tuple[str, ...] | None:
    """A list of strings as a tuple; absent or null is empty; anything else is None."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    return tuple(value)


def page_of(items: Sequence[object], request: Request) -> list[object] | Reply:
    """The part that `page` (from 1) and `size` ask for."""
    numbers = []
    for name, default in (("page", "1"), ("size", "10")):
        text = request.query.get(name, default)
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= 1_000_000:
            return invalid(f"{name}: must be a whole number from 1")
        numbers.append(int(text))
    page, size = numbers
    return list(items[(page - 1) * size : page * size])


def new_ulid() -> str:
    """A ULID: 48 bits of milliseconds and 80 of chance, in Crockford's base 32."""
    number = (int(time.time() * 1000) << 80) | int.from_bytes(os.urandom(10))
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))
