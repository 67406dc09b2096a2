"""Bytes to text: UTF-8, what a byte order mark says, what the caller says, and for files a told guess.

Pure. Knows encodings and what is no text in any of them. Refuses to know where the bytes come from.
"""

from __future__ import annotations

import codecs
from contextlib import suppress

from stackspot_cli.errors import UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LONGEST_MARK = max(len(mark) for mark, _name in MARKS)
BINARY = frozenset(range(0x20)) - frozenset(b"\a\b\t\n\v\f\r\x1b") | {0x7F}
WINDOWS_ALONE = frozenset(range(0x80, 0xA0))  # in Latin-1 these are controls, which nobody writes


def checked(name: str | None) -> str | None:
    """The encoding of `--encoding`, by Python's name of it. Raises UsageError for what is none."""
    if name is None:
        return None
    try:
        with suppress(UnicodeDecodeError):  # half a character of it
            b"x".decode(name)  # what encodes no text, such as base64, is a LookupError
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise UsageError(
            _("there is no encoding {name}").format(name=repr(safe_line(name, 40))),
            _("for example --encoding latin-1, --encoding cp1252 or --encoding utf-16"),
        ) from None


def decode(data: bytes, shown: str, encoding: str | None = None) -> str:
    """The text. encoding: None is UTF-8, or what a byte order mark says. Raises UsageError for what is not that."""
    known = encoding or marked(data) or "utf-8"
    if known in ("utf-8", "utf-8-sig") and b"\0" in data:
        raise UsageError(
            _("{what} is not text (a NUL byte at {position})").format(what=shown, position=data.index(b"\0")),
            _("send text; a document can be attached with --upload"),
        )
    try:
        return data.decode(known).removeprefix("\ufeff")
    except UnicodeError as error:
        raise not_text(shown, known, error) from error


def not_text(shown: str, encoding: str, error: UnicodeError, begins: int = 0) -> UsageError:
    """What could not be decoded; some codecs know no position. begins: where that is in the whole, in bytes."""
    if isinstance(error, UnicodeDecodeError):
        windows = WINDOWS_ALONE.intersection(error.object)
        likely, by_iconv = ("windows-1252", "CP1252") if windows else ("latin-1", "LATIN1")
        return UsageError(
            _("{what} is not {encoding} text (byte {position})").format(
                what=shown, encoding=shown_name(encoding), position=begins + error.start
            ),
            _(
                "name its encoding, for example --encoding {name}; or convert it: iconv -f {by_iconv} -t UTF-8"
            ).format(name=likely, by_iconv=by_iconv),
        )
    return UsageError(
        _("{what} is not {encoding} text").format(what=shown, encoding=shown_name(encoding)),
        _("name its encoding, for example --encoding latin-1"),
    )


def guessed(data: bytes, shown: str, locale: str) -> tuple[str, str | None]:
    """The text, and the encoding where it had to be guessed: the locale's, else Windows-1252 or Latin-1.

    Raises UsageError for what is no text in any of them.
    """
    try:
        return decode(data, shown), None
    except UsageError:
        if marked(data) or BINARY.intersection(data):
            raise
    for name in (locale, "cp1252" if WINDOWS_ALONE.intersection(data) else "latin-1"):
        try:
            return data.decode(name), shown_name(codecs.lookup(name).name)
        except (UnicodeError, LookupError):
            continue
    return decode(data, shown), None  # raises again


def marked(data: bytes) -> str | None:
    return next((name for mark, name in MARKS if data.startswith(mark)), None)


def shown_name(encoding: str) -> str:
    names = {"iso8859-1": "Latin-1", "latin-1": "Latin-1", "cp1252": "Windows-1252", "utf-8-sig": "UTF-8"}
    return names.get(encoding, encoding.upper())
