"""Access tokens: when one is fresh, and what the token service's answer means.

Knows clocks only as numbers. Sends nothing and keeps nothing.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

from stackspot_cli.domain import Secret
from stackspot_cli.errors import NotAnAnswer
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.routes.refusals import said_in
from stackspot_cli.translation import _

# Sources: protocol page, "Token".
DEFAULT_LIFE_SECONDS = 1199.0
LONGEST_LIFE_SECONDS = 24 * 3600.0
TOKEN_BODY_BYTES = 1024 * 1024


class Freshness(Enum):
    FRESH = "fresh"
    STALE = "stale"  # still good, but to be renewed
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Token:
    """value, and the wall-clock seconds between which it may be used. keep: False for a token to be used once."""

    value: Secret
    obtained_at: float
    expires_at: float
    keep: bool = True


def freshness(token: Token | None, now: float) -> Freshness:
    """Renewed at min(60 s, 20 % of its life) before the end; distrusted where the clock makes no sense."""
    if token is None or not token.keep:
        return Freshness.INVALID
    life = token.expires_at - token.obtained_at
    if not 0 < life <= LONGEST_LIFE_SECONDS or token.obtained_at > now + 60 or now >= token.expires_at:
        return Freshness.INVALID
    return Freshness.STALE if now >= token.expires_at - min(60.0, 0.2 * life) else Freshness.FRESH


def from_answer(body: bytes, now: float, url: str) -> Token:
    """The token in the service's 200. Raises NotAnAnswer where there is no usable one."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unusable(_("it is not JSON"), url) from error
    if not isinstance(parsed, dict):
        raise _unusable(_("it is not an object"), url)
    value = parsed.get("access_token")
    if not isinstance(value, str) or not value:
        words, _code = said_in(parsed) if parsed.get("error") else ("", None)
        raise _unusable(words or _("it holds no access_token"), url)
    if len(value) > 65_536 or not all("!" <= char <= "~" for char in value):
        # It would travel in a header: a line break in it would end up in an exception's text, or worse.
        raise _unusable(_("its access_token holds characters that no token has"), url)
    life = _life_seconds(parsed.get("expires_in"), absent="expires_in" not in parsed)
    if life is None:
        return Token(Secret(value), now, now, keep=False)
    return Token(Secret(value), now, now + life)


def _unusable(why: str, url: str) -> NotAnAnswer:
    return NotAnAnswer(
        _("the token service's answer is unusable: {why}").format(why=why),
        _(
            "a captive portal or proxy may stand in between; {url} was asked; look with `stackspot status`"
        ).format(url=url),
        status=200,
    )


def _life_seconds(value: Any, *, absent: bool) -> float | None:
    """Missing: the usual life. A numeric string counts. Zero, negative, junk: None, for a token used once."""
    if absent or value is None:
        return DEFAULT_LIFE_SECONDS
    if isinstance(value, str) and len(value) < 32 and "_" not in value:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return None
    return float(min(value, LONGEST_LIFE_SECONDS))
