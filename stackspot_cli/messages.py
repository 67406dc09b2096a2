"""The one door for sentences that people read: `_("…")` gives them in the user's language.

Knows locale variables and where the catalogues lie; refuses to know what any sentence means.
Codes, JSON keys and option names are never translated. English costs nothing: gettext is imported only
when the locale asks for a language that has a catalogue.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

LANGUAGES = ("pt_BR",)


def language(environ: Mapping[str, str]) -> str | None:
    """The catalogue that the locale variables ask for, or None for English.

    Source of the order: POSIX, and gettext's own LANGUAGE before it.
    """
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(name, "")
        if value:
            tag = value.split(":")[0].split(".")[0].split("@")[0]
            return "pt_BR" if tag.replace("-", "_").lower().startswith("pt") else None
    return None


def _same(sentence: str) -> str:
    return sentence


def translator(environ: Mapping[str, str]) -> Callable[[str], str]:
    wanted = language(environ)
    if wanted is None:
        return _same
    import gettext  # deferred: 2 ms that English does not pay
    from pathlib import Path

    folder = Path(__file__).parent / "locale"
    return gettext.translation("stackspot", folder, [wanted], fallback=True).gettext


_: Callable[[str], str] = translator(os.environ)
