"""What a setting's text must look like, wherever it was written: option, variable or file.

Pure. Knows no name of any setting and no place that one comes from. Each `parse` takes stripped, non-empty
text and raises ValueError with the end of a sentence that starts with the setting's name: "must be …".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from stackspot_cli.addresses import is_loopback
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.model import TargetKind
from stackspot_cli.translation import _, numeral

T_co = TypeVar("T_co", covariant=True)

ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")  # 26 of Crockford's base32: without I, L, O, U
SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
MOST_RETRIES = 100
MOST_SECONDS = 1_000_000_000  # far above any patience, and far below what a clock can add


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """How one kind of setting is read.

    typed: YAML's unquoted numbers and switches are taken too; elsewhere they are a forgotten quote (`007`).
    secret: its text is never repeated in an error (an address may hold somebody's password).
    """

    parse: Callable[[str], T_co]
    typed: bool = False
    secret: bool = False

    def read(self, text: str) -> T_co:
        """The value. Errors: ValueError, "must be …, not 'what was written'"."""
        try:
            return self.parse(text)
        except ValueError as problem:
            if self.secret:
                raise
            raise ValueError(
                _("{problem}, not {text}").format(problem=problem, text=repr(text[:80]))
            ) from problem


def _text(text: str) -> str:
    if not text.isprintable():
        raise ValueError(_("must be one line of plain text"))
    return text


def _secret(text: str) -> str:
    if text.isprintable() and _fits_latin1(text):
        return text
    raise ValueError(
        _("holds a character that no key has (a line break, a typographic quote, a dot of a mask?)")
    )


def _fits_latin1(text: str) -> bool:
    return all(ord(character) < 256 for character in text)


def _realm(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise ValueError(_("must be an account's slug: letters, digits, `.`, `_` and `-`"))
    return text


def _number(text: str) -> float | None:
    """A finite plain number, None otherwise: `nan`, `inf` and `1_000` are Python's, not a person's."""
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text, re.ASCII):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def _seconds(text: str) -> float:
    number = _number(text)
    if number is None or number <= 0:
        raise ValueError(_("must be a number of seconds above 0"))
    if number >= MOST_SECONDS:
        raise ValueError(_("must be below {most} seconds").format(most=numeral(f"{MOST_SECONDS:,}")))
    return number


def _deadline(text: str) -> float | None:
    return None if text.lower() == "none" else _seconds(text)


def _wait(text: str) -> float:
    number = _number(text)
    if number is None or number < 0:
        raise ValueError(_("must be a number of seconds, 0 or more"))
    return number


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or int(text) > MOST_RETRIES:
        raise ValueError(_("must be a whole number from 0 to {most}").format(most=MOST_RETRIES))
    return int(text)


def _limit(text: str) -> int | None:
    if text.lower() == "none":
        return None
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) == 0:
        raise ValueError(_("must be a whole number of requests above 0, or `none`"))
    return int(text)


def _tokens(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) == 0:
        raise ValueError(_("must be a whole number of tokens above 0"))
    return int(text)


def _bytes(text: str) -> int:
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII) or int(text) == 0:
        raise ValueError(_("must be a whole number of bytes above 0"))
    return int(text)


def _temperature(text: str) -> float:
    number = _number(text)
    if number is None or not 0 <= number <= 1:
        raise ValueError(_("must be a number from 0.0 to 1.0"))
    return number


def _switch(text: str) -> bool:
    match text.lower():
        case "on" | "true" | "yes" | "1":
            return True
        case "off" | "false" | "no" | "0":
            return False
    raise ValueError(_("must be `on` or `off`"))


def _ulid(text: str) -> str:
    if not ULID.fullmatch(text.upper()):
        raise ValueError(_("must be a ULID: 26 letters and digits, from the address in the portal"))
    return text.upper()


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise ValueError(_("must be a slug: letters, digits, `.`, `_` and `-`"))
    return text


def _address(text: str) -> str:
    """An https address without what does not belong in one; http for this machine alone. No final slash."""
    from urllib.parse import urlsplit

    if not text.isprintable() or " " in text:
        raise ValueError(_("must be an address without spaces"))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as problem:
        raise ValueError(_("must be an address such as https://host.example")) from problem
    if not host or port == 0 or parts.scheme not in ("http", "https"):
        raise ValueError(_("must be an address such as https://host.example"))
    if parts.username is not None or parts.password is not None:
        raise ValueError(_("must be an address without a user name or password"))
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ValueError(_("must be an address without `?` and `#`"))
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError(_("must start with https:// (http:// is for this machine alone)"))
    return text.rstrip("/")


TEXT = Kind(_text)
SECRET = Kind(_secret, secret=True)
REALM = Kind(_realm)
ADDRESS = Kind(_address, secret=True)
SECONDS = Kind(_seconds, typed=True)
DEADLINE = Kind(_deadline, typed=True)
WAIT = Kind(_wait, typed=True)
COUNT = Kind(_count, typed=True)
BYTES = Kind(_bytes, typed=True)
TOKENS = Kind(_tokens, typed=True)
LIMIT = Kind(_limit, typed=True)
TEMPERATURE = Kind(_temperature, typed=True)
SWITCH = Kind(_switch, typed=True)
TARGETS: Mapping[TargetKind, Kind[str]] = {"name": TEXT, "ulid": Kind(_ulid), "slug": Kind(_slug)}
EXAMPLES: Mapping[TargetKind, str] = {
    "name": "stackspot-ai",
    "ulid": "01K45T82PF8QC64C9DNHGQWHY2",
    "slug": "its-slug",
}
