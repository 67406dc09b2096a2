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


_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
# Characters: of what a key may be beside an id in the key's place, and of what it may be by its looks alone.
_LONG_ID, _LONG = 20, 32


def is_key_like(client_id: str, client_key: str = "") -> bool:
    """Whether what stands in the place of a client id may be a key: swapped with the id, or given twice.

    The portal's ids are UUIDs and its keys long mixtures of letters and digits; of an id in words nothing is doubted.
    """
    if _UUID.fullmatch(client_id):
        return False
    if client_id == client_key:
        return True
    kinds = [str.islower, str.isupper, str.isdigit]
    lower, upper, digit = (any(map(kind, client_id)) for kind in kinds)
    swapped = _UUID.fullmatch(client_key) is not None and len(client_id) >= _LONG_ID
    return digit and (swapped or (lower and upper and len(client_id) >= _LONG))


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
_RUN = 16  # characters of a secret, wherever in it they stand: half of the shortest keys that are in use


class Redactor:
    """Masks the secrets that it was told, in any of the shapes that the wire or an exception gives them.

    The second lock: behind the default-deny functions, and for texts that have no structure.
    """

    def __init__(self) -> None:
        self._needles: set[str] = set()
        self._runs: set[str] = set()

    def learn(self, plain: str) -> None:
        """From now on masks this string. Called by who may open a `Secret`."""
        if plain.strip():
            for trimmed in {plain, plain.strip()}:
                self._needles.update(_shapes(trimmed))
            self._runs.update(plain[start : start + _RUN] for start in range(len(plain) - _RUN + 1))

    def finds(self, content: str | bytes) -> bool:
        """Whether a secret is in it, in one of its shapes."""
        if isinstance(content, str):
            return any(needle in content for needle in self._needles)
        return any(needle.encode("utf-8", "surrogatepass") in content for needle in self._needles)

    def mask(self, text: str) -> str:
        """The text with dots for each secret in it."""
        fitting = [needle for needle in self._needles if len(needle) <= len(text)]
        masked = text
        if fitting:  # a line is short, and a token's shapes are long: to compile them all would take 10 ms
            longest_first = "|".join(map(re.escape, sorted(fitting, key=len, reverse=True)))
            # Without regard to case, because %2b is %2B and \\u00e1 is \\u00E1.
            masked = re.sub(longest_first, DOTS, text, flags=re.IGNORECASE)
        return self._without_parts(self._without_beginnings(masked))

    def _without_beginnings(self, text: str) -> str:
        """What was cut (`…`) may have been cut inside a secret: its beginning is one as well."""
        if CUT not in text:
            return text
        for needle in self._needles:
            for length in range(min(len(needle) - 1, len(text)), _TELLING - 1, -1):
                text = text.replace(needle[:length] + CUT, DOTS + CUT)
        return text

    def _without_parts(self, text: str) -> str:
        """Somebody else may have cut a secret: a part that is long enough to tell goes as well."""
        out: list[str] = []
        shown = 0  # up to where the text was dealt with
        for start in range(len(text) - _RUN + 1):
            if text[start : start + _RUN] in self._runs:
                if start >= shown:
                    out += [text[shown:start], DOTS]
                shown = start + _RUN
        return "".join(out) + text[shown:]


def _shapes(plain: str) -> Iterator[str]:
    import base64  # deferred, all of them: for --debug alone
    import json
    from urllib.parse import quote, quote_plus

    raw = plain.encode("utf-8", "surrogatepass")
    yield plain
    yield plain[::-1]
    yield quote(raw)
    yield quote(raw, safe="")
    yield quote_plus(raw)
    for ascii_only in (True, False):
        escaped = json.dumps(plain, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")
    yield repr(plain)[1:-1]  # as an exception shows it
    yield repr(raw)[2:-1]
    yield from _as_markup(plain)
    numbers = raw.hex(" ")
    yield from (numbers.replace(" ", between) for between in ("", " ", ":", "-"))
    # Each character by its number, for which a byte is good enough: keys and tokens are ASCII.
    yield from (before + numbers.replace(" ", before) for before in ("%", "\\x", "\\u00"))
    yield f"&#x{numbers.replace(' ', ';&#x')};"
    yield f"&#{';&#'.join(map(str, raw))};"
    yield base64.b32encode(raw).decode().rstrip("=")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode()
        # Inside a longer string, as in `Basic base64(id:key)`, it begins at any of three places of a group;
        # only the characters that it alone decides are looked for, and only where they are telling.
        for before in range(3):
            first, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
            if end - first >= 8:
                yield encode(b"\0" * before + raw).decode()[first:end]


def _as_markup(plain: str) -> Iterator[str]:
    """As HTML and XML write it, where they must."""
    escaped = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield escaped
    for quote in ("&#x27;", "&#39;", "&apos;"):
        yield escaped.replace('"', "&quot;").replace("'", quote)
