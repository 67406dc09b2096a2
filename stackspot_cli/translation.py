"""The one door for sentences that people read: `_("…")` gives them in the user's language, numbers in them too.

Knows locale variables and where the catalogues lie; refuses to know what any sentence means.
Codes, JSON and option names are never translated: what writes JSON takes a sentence back by `untranslated`.
English costs nothing: gettext is imported only when the locale asks for a language that has a catalogue.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

LANGUAGES = ("pt_BR",)


def language(environ: Mapping[str, str], system: str = "") -> str | None:
    """The catalogue that the locale asks for, or None for English.

    system: the locale that counts where no variable names one (Windows has it elsewhere).
    Source of the order: POSIX; and gettext(3), whose LANGUAGE is a list that counts before the others, but for
    the locale C (and C.UTF-8, POSIX), which asks for no translation at all.
    """
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), system)
    if locale.partition(".")[0] in ("", "C", "POSIX"):
        return None
    wanted = [tag for tag in environ.get("LANGUAGE", "").split(":") if tag] or [locale]
    return next((_CATALOGUES[tag] for tag in map(_family, wanted) if tag in _CATALOGUES), None)


_CATALOGUES: Mapping[str, str | None] = {"pt": "pt_BR", "portuguese": "pt_BR", "en": None, "english": None}


def _family(tag: str) -> str:
    """`pt_BR.UTF-8`, `pt-br`, `pt@latin`, and `Portuguese_Brazil.1252` as Windows spells it, without the rest."""
    for mark in ".@_-":
        tag = tag.partition(mark)[0]
    return tag.lower()


class Sentence(str):
    """A translated sentence, or one made of such, that knows its English."""

    __slots__ = ("english",)
    english: str

    def format(self, *values: object, **named: object) -> Sentence:
        return sentence(
            str.format(self, *map(_local, values), **{name: _local(value) for name, value in named.items()}),
            self.english.format(
                *map(untranslated, values), **{name: untranslated(value) for name, value in named.items()}
            ),
        )

    def __add__(self, more: str) -> Sentence:
        return joined("", (self, more))


def joined(between: str, parts: Iterable[str]) -> Sentence:
    """`between.join(parts)`, which would lose the English."""
    parts = list(parts)
    return sentence(between.join(parts), between.join(str(untranslated(part)) for part in parts))


def either(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`, for a sentence."""
    *others, last = words
    return _("{others} or {last}").format(others=", ".join(others), last=last) if others else last


def changed(change: Callable[[str], str], text: str) -> str:
    """What `change` makes of a text, and of its English where it is a sentence."""
    return sentence(change(text), change(text.english)) if isinstance(text, Sentence) else change(text)


class _Decimal(float):
    """A number that a translated sentence shows with its language's mark."""

    def __format__(self, how: str) -> str:
        return _swapped(float.__format__(self, how))


def _local(value: object) -> object:
    """A value as a translated sentence shows it: numbers with the language's mark, others' words in the language."""
    match value:
        case Sentence():
            return value
        case float():
            return _Decimal(value)
        case str() | Exception():
            return _others_words(str(value))
    return value


def _others_words(text: str) -> str:
    """What the system or a library says, where its words are known; else as it is."""
    if text.startswith(_CUT):
        return _("the other side closed the connection in the middle of the answer")
    bare = text[text.index("] ") + 2 :] if text.startswith("[Errno ") and "] " in text else text
    words, place, number_of = bare.partition(" at position ")
    known = _OTHERS.get(words)
    if known is None:
        return text
    if place and number_of.isdecimal():
        return _("{what} (character {number})").format(what=known, number=number_of)
    return text if place else known


def _swapped(written: str) -> str:
    """Point and comma changed for one another: so Portuguese writes numbers."""
    return written.translate(str.maketrans(".,", ",."))


def numeral(written: str) -> str:
    """A number for a sentence: `16,384` and `0.5` as English writes them, by the language of the reader."""
    return written if _ is _same else sentence(_swapped(written), written)


def number(text: str) -> float:
    """What a person typed: with a point always, with a comma where the locale writes numbers so. ValueError."""
    if _DECIMAL_COMMA and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    return float(text)


def sentence(text: str, english: str) -> Sentence:
    made = Sentence(text)
    made.english = english
    return made


def untranslated(value: object) -> object:
    """What JSON is made of, with every sentence in it in English."""
    match value:
        case Sentence():
            return value.english
        case Exception(args=(Sentence() as told, *_rest)):
            return told.english
        case dict():
            return {key: untranslated(one) for key, one in value.items()}
        case list() | tuple():
            return [untranslated(one) for one in value]
    return value


def _same(text: str) -> str:
    return text


def translator(environ: Mapping[str, str], system: str = "") -> Callable[[str], str]:
    wanted = language(environ, system)
    if wanted is None:
        return _same
    import gettext  # deferred: 2 ms that English does not pay
    from pathlib import Path

    folder = Path(__file__).parent / "locale"
    translated = gettext.translation("stackspot", folder, [wanted], fallback=True).gettext
    return lambda text: sentence(translated(text), text)


def _system_locale() -> str:
    """Windows has no locale variables: the C library, which Python has asked at its start, knows the user's."""
    platform: str = sys.platform  # a variable: mypy would call one half of this unreachable
    if platform != "win32":
        return ""
    import locale  # deferred: on Windows alone

    return locale.setlocale(locale.LC_CTYPE)


def writes_decimal_comma(environ: Mapping[str, str], system: str = "") -> bool:
    """Whether the locale for numbers is one of a language that does. Spanish and English differ by country: no."""
    names = ("LC_ALL", "LC_NUMERIC", "LANG")
    return _family(next((environ[name] for name in names if environ.get(name)), system)) in _WITH_COMMA


_WITH_COMMA = {
    "pt",
    "portuguese",
    "de",
    "german",
    "fr",
    "french",
    "it",
    "italian",
    "nl",
    "dutch",
    "pl",
    "ru",
    "tr",
}

_: Callable[[str], str] = translator(os.environ, _system_locale())
_DECIMAL_COMMA = writes_decimal_comma(os.environ, _system_locale())

_CUT = "peer closed connection without sending complete message body"  # and how much of it had come

# What the system, and the libraries that read YAML, SQLite's files, certificates and patterns, say in English whatever
# the locale. They arrive as values of our sentences, and are put into the reader's language there (`_local`).
_OTHERS = {
    english: translated
    for translated in (
        _("No such file or directory"),
        _("Permission denied"),
        _("Operation not permitted"),
        _("Is a directory"),
        _("Not a directory"),
        _("Directory not empty"),
        _("File exists"),
        _("File name too long"),
        _("File too large"),
        _("No space left on device"),
        _("Disk quota exceeded"),
        _("Read-only file system"),
        _("Input/output error"),
        _("Too many levels of symbolic links"),
        _("Too many open files"),
        _("Device or resource busy"),
        _("Text file busy"),
        _("Exec format error"),
        _("Bad file descriptor"),
        _("Broken pipe"),
        _("Invalid argument"),
        _("Cannot allocate memory"),
        _("Resource temporarily unavailable"),
        _("Address already in use"),
        _("Cannot assign requested address"),
        _("Connection refused"),
        _("Connection reset by peer"),
        _("Connection timed out"),
        _("Network is unreachable"),
        _("No route to host"),
        _("Name or service not known"),
        _("Temporary failure in name resolution"),
        _("No address associated with hostname"),
        _("did not find expected ',' or ']'"),
        _("did not find expected ',' or '}'"),
        _("did not find expected key"),
        _("did not find expected '-' indicator"),
        _("did not find expected node content"),
        _("did not find expected <document start>"),
        _("did not find expected comment or line break"),
        _("did not find expected alphabetic or numeric character"),
        _("did not find expected whitespace or line break"),
        _("could not find expected ':'"),
        _("found character that cannot start any token"),
        _("found a tab character that violates indentation"),
        _("found unexpected end of stream"),
        _("found unexpected document indicator"),
        _("found unknown escape character"),
        _("found undefined alias"),
        _("found duplicate anchor; first occurrence"),
        _("mapping values are not allowed in this context"),
        _("mapping keys are not allowed in this context"),
        _("block sequence entries are not allowed in this context"),
        _("expected a single document in the stream, but found another document"),
        _("database is locked"),
        _("unable to open database file"),
        _("attempt to write a readonly database"),
        _("database or disk is full"),
        _("disk I/O error"),
        _("file is not a database"),
        _("database disk image is malformed"),
        _("certificate has expired"),
        _("self-signed certificate"),
        _("self-signed certificate in certificate chain"),
        _("unable to get local issuer certificate"),
        _("missing )"),
        _("missing ]"),
        _("unbalanced parenthesis"),
        _("unterminated character set"),
        _("nothing to repeat"),
        _("multiple repeat"),
        _("bad escape (end of pattern)"),
        _("bad character range"),
    )
    for english in (str(untranslated(translated)),)
}
