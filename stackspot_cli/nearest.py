"""The known names that somebody who wrote another one may have meant. Knows no names itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LIKENESS = 0.6  # of difflib's ratio: a guess below it is no help


def nearest(
    name: str, known: Iterable[str], *, most: int = 3, also_called: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Likeliest first; letters' case does not count. also_called: other names of known ones, in lower case."""
    import difflib  # deferred: only a mistake needs it

    names = tuple(known)
    meant = (also_called or {}).get(name.lower())
    if meant in names:
        return (meant,)
    by_lower = {one.lower(): one for one in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=most, cutoff=LIKENESS)
    return tuple(by_lower[like] for like in close)
