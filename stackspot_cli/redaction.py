"""What a log of the wire may show. Default-deny: what is not known to be harmless becomes dots.

Knows the harmless names of headers, query values and fields, and the shapes that a known secret can take.
Refuses to know `Secret`: whoever may open one (`auth`, `credentials`) tells a `Redactor` the plain string.
Control characters are not its affair: the result passes `safe_text` like every string from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackspot_cli.domain import DOTS

_SHOWN_HEADERS = frozenset(
    [
        "accept",
        "accept-encoding",
        "accept-language",
        "age",
        "allow",
        "alt-svc",
        "cache-control",
        "cf-cache-status",
        "cf-ray",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-type",
        "date",
        "expires",
        "host",
        "keep-alive",
        "last-modified",
        "pragma",
        "retry-after",
        "server",
        "server-timing",
        "strict-transport-security",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "vary",
        "via",
        "x-amzn-requestid",
        "x-correlation-id",
        "x-envoy-upstream-service-time",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-request-id",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
    ]
)
_URL_HEADERS = frozenset({"location", "content-location", "referer"})
_SHOWN_QUERY = frozenset(
    ["active", "conversation_id", "limit", "page", "page_size", "size", "visibility", "visibility_list"]
)
_SHOWN_FORM = frozenset({"grant_type"})
_SHOWN_JSON = frozenset(
    [
        "agent_built_in",
        "code",
        "conversation_id",
        "deep_search_ks",
        "duration",
        "enrichment",
        "error_code",
        "execution_id",
        "execution_percentage",
        "expires_in",
        "finish_reason",
        "input",
        "max_tokens",
        "message_id",
        "model",
        "os",
        "output",
        "platform",
        "platform_version",
        "return_ks_in_response",
        "selected_model",
        "stackspot_ai_version",
        "stackspot_knowledge",
        "status",
        "stop_reason",
        "streaming",
        "temperature",
        "token_type",
        "type",
        "use_conversation",
        "user",
    ]
)


def redact_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers in their order: the harmless ones as they are, addresses redacted, all others as dots."""
    return [(name, _header_value(name.lower(), value)) for name, value in headers]


def _header_value(name: str, value: str) -> str:
    if name in _SHOWN_HEADERS:
        return value
    return redact_url(value) if name in _URL_HEADERS else DOTS


def redact_url(url: str) -> str:
    """The address without its user and password, its fragment, and the values of its query.

    Takes proxies' addresses as well, with or without a scheme. A password may hold `/`, `?` or `#` that nobody
    escaped: where the host is not plainly a host, all up to the last `@` is taken for user and password.
    """
    scheme, separator, rest = url.rpartition("://") if "@" not in url.partition("://")[0] else ("", "", url)
    if separator and "://" in scheme:  # a second `://` further on: only the first one ends the scheme
        scheme, separator, rest = url.partition("://")
    address, _, fragment = rest.partition("#")
    address, mark, query = address.partition("?")
    authority, slash, path = address.partition("/")
    user, at, host = authority.rpartition("@")
    if not re.fullmatch(r"\[[0-9A-Fa-f:.%]*\]?(:\d*)?|[^:@\s]*(:\d*)?", host) and "@" in rest:
        return f"{scheme}{separator}{DOTS}@{rest.rpartition('@')[2].partition('?')[0].partition('#')[0]}"
    shown = f"{scheme}{separator}{DOTS + at if user or at else ''}{host}{slash}"
    shown += "/".join([DOTS if "@" in segment else segment for segment in path.split("/")])
    if mark:
        shown += "?" + _pairs(query, _SHOWN_QUERY)
    return shown + (f"#{DOTS}" if fragment else "")


def redact_form(body: bytes) -> str:
    """A form's body (`a=1&b=2`): the names, and the harmless values."""
    return _pairs(body.decode("utf-8", "replace"), _SHOWN_FORM)


def redact_json(body: bytes) -> str:
    """A JSON body in one line: its shape, and the harmless values. What is no JSON is only counted."""
    import json  # deferred: for --debug alone

    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return f"({len(body)} bytes that are no JSON)"
    return json.dumps(_shape(value), ensure_ascii=False)


def _pairs(text: str, shown: frozenset[str]) -> str:
    pairs = [pair.partition("=") for pair in text.split("&")] if text else []
    return "&".join(
        [
            name + equals + (value if name in shown else DOTS)
            if equals and value
            else (pair_name(name, equals))
            for name, equals, value in pairs
        ]
    )


def pair_name(name: str, equals: str) -> str:
    return name + equals if equals or not name else DOTS


def _shape(value: object, shown: bool = False) -> object:
    match value:
        case dict():
            return {name: _shape(inner, name in _SHOWN_JSON) for name, inner in value.items()}
        case list():
            return [_shape(inner, shown) for inner in value]
        case None | True | False | "":
            return value
        case _:
            return value if shown else DOTS


class Redactor:
    """Masks the secrets that it was told, in any of the shapes that the wire or an exception gives them.

    The second lock: behind the default-deny functions, and for texts that have no structure.
    """

    def __init__(self) -> None:
        self._needles: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, plain: str) -> None:
        """From now on masks this string. Called by who may open a `Secret`."""
        for text in {plain, plain.strip()} - {""}:
            self._needles.update(_shapes(text))
        self._pattern = None

    def mask(self, text: str) -> str:
        """The text with dots for each secret in it."""
        if not self._needles:
            return text
        if self._pattern is None:
            longest_first = sorted(self._needles, key=len, reverse=True)
            # Without regard to case, because %2b is %2B and \\u00e1 is \\u00E1.
            self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
        return self._pattern.sub(DOTS, text)


def _shapes(plain: str) -> Iterator[str]:
    import base64  # deferred, all of them: for --debug alone
    import json
    from urllib.parse import quote, quote_plus

    raw = plain.encode("utf-8", "surrogatepass")
    yield plain
    yield quote(raw)
    yield quote(raw, safe="")
    yield quote_plus(raw)
    for ascii_only in (True, False):
        escaped = json.dumps(plain, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")
    yield repr(plain)[1:-1]  # as an exception shows it
    yield repr(raw)[2:-1]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode()
        # Inside a longer string, as in `Basic base64(id:key)`, it begins at any of three places of a group;
        # only the characters that it alone decides are looked for, and only where they are telling.
        for before in range(3):
            first, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
            if end - first >= 8:
                yield encode(b"\0" * before + raw).decode()[first:end]
