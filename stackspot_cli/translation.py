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
    return _Decimal(value) if type(value) is float else value


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
