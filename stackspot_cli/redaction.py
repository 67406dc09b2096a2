"""What a log of the wire may show. Default-deny: what is not known to be harmless becomes dots.

Knows the harmless names of headers and of values in a query, and the shapes that a known secret can take.
Refuses to know `Secret`: whoever may open one (`auth`, `credentials`) tells a `Redactor` the plain string.
Control characters are not its affair: the result passes `safe_text` like every string from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from stackspot_cli.domain import DOTS

_HEADERS = """
    accept accept-encoding accept-language age allow alt-svc cache-control cf-cache-status cf-ray connection
    content-encoding content-language content-length content-type date expires host keep-alive last-modified
    pragma ratelimit-limit ratelimit-remaining ratelimit-reset retry-after server server-timing
    strict-transport-security te trailer transfer-encoding upgrade user-agent vary via x-amzn-requestid
    x-correlation-id x-envoy-upstream-service-time x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset
    x-request-id
"""
_QUERY = "active conversation_id limit page page_size size visibility visibility_list"

_SHOWN_HEADERS = frozenset(_HEADERS.split())
_URL_HEADERS = frozenset({"location", "content-location", "referer"})
_SHOWN_QUERY = frozenset(_QUERY.split())

_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")
_END_OF_AUTHORITY = re.compile(r"[/?#\\]")


# The variables that hold a key, ours or the gateway's.
CLIENT_KEY_VARIABLES = ("STACKSPOTAI_CLIENT_KEY", "STACKSPOT_CLIENT_KEY", "STACKSPOT_CLIENT_SECRET")
SECRET_VARIABLES = (*CLIENT_KEY_VARIABLES, "STACKSPOTAI_SERVE_KEY")


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """For a program of others, which needs no key of ours, and may stay in the background with what it was given."""
    return {name: value for name, value in environ.items() if name not in SECRET_VARIABLES}


def redact_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers in their order: the harmless ones as they are, addresses redacted, all others as dots."""
    return [(name, _header_value(name.lower(), value)) for name, value in headers]


def _header_value(name: str, value: str) -> str:
    if name in _SHOWN_HEADERS:
        return value
    return redact_url(value) if name in _URL_HEADERS else DOTS


def redact_url(url: str) -> str:
    """The address without its user and password, its fragment, and the values of its query.

    Takes proxies' addresses as well, with or without a scheme. A password may hold a `/`, `?` or `#` that
    nobody escaped: where a colon stands in what looks like the host, and an `@` behind it, all between goes.
    """
    found = _SCHEME.match(url)
    start = found.end() if found else 0
    scheme, rest = url[:start], url[start:]
    authority = _END_OF_AUTHORITY.split(rest, maxsplit=1)[0]
    host = authority.rpartition("@")[2]
    if (
        "@" in rest[len(authority) :]
        and ":" in authority
        and not (authority.startswith("[") and authority.endswith("]"))
    ):
        return f"{scheme}{DOTS}@{redact_url(rest.rpartition('@')[2])}"
    user = f"{DOTS}@" if "@" in authority else ""
    tail, has_fragment, _ = rest[len(authority) :].partition("#")
    path, has_query, query = tail.partition("?")
    path = "/".join([DOTS if "@" in segment else segment for segment in path.split("/")])
    query = "?" + _pairs(query, _SHOWN_QUERY) if has_query else ""
    return f"{scheme}{user}{host}{path}{query}" + (f"#{DOTS}" if has_fragment else "")


def _pairs(text: str, shown: frozenset[str]) -> str:
    out = []
    for pair in text.split("&"):
        name, equals, value = pair.partition("=")
        if not equals:  # a lone word may be the secret itself
            out.append(DOTS if name else "")
        else:
            out.append(f"{name}={value if name in shown or not value else DOTS}")
    return "&".join(out)


CUT = "…"  # what `safe_text.safe_line` ends a cut line with
_TELLING = 4  # so many first characters of a secret are not shown either


class Redactor:
    """Masks the secrets that it was told, in any of the shapes that the wire or an exception gives them.

    The second lock: behind the default-deny functions, and for texts that have no structure.
    """

    def __init__(self) -> None:
        self._needles: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, plain: str) -> None:
        """From now on masks this string. Called by who may open a `Secret`."""
        if plain.strip():
            self._needles.update(_shapes(plain), _shapes(plain.strip()))
            self._pattern = None

    def finds(self, content: str | bytes) -> bool:
        """Whether a secret is in it, in one of its shapes."""
        if isinstance(content, str):
            return any(needle in content for needle in self._needles)
        return any(needle.encode("utf-8", "surrogatepass") in content for needle in self._needles)

    def mask(self, text: str) -> str:
        """The text with dots for each secret in it."""
        if not self._needles:
            return text
        if self._pattern is None:
            longest_first = sorted(self._needles, key=len, reverse=True)
            # Without regard to case, because %2b is %2B and \\u00e1 is \\u00E1.
            self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)
        return self._without_beginnings(self._pattern.sub(DOTS, text))

    def _without_beginnings(self, text: str) -> str:
        """What was cut (`…`) may have been cut inside a secret: its beginning is one as well."""
        if CUT not in text:
            return text
        for needle in self._needles:
            for length in range(len(needle) - 1, _TELLING - 1, -1):
                text = text.replace(needle[:length] + CUT, DOTS + CUT)
        return text


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
