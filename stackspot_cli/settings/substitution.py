"""`${NAME}` and `${NAME:-default}` inside a value of the config file: what they stand for, and what is none.

Pure. Refuses to know which keys the file has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from stackspot_cli.redaction import SECRET_VARIABLES
from stackspot_cli.translation import _

# A default ends at the first brace and holds no other reference: `${A:-${B}}` is none, and not half of one.
REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:(?!\$\{)[^}])*))?\}")
_ANOTHER_WAY = re.compile(r"os\.environ/([A-Za-z_][A-Za-z0-9_]*)")  # LiteLLM's own, whose format the file has


def expand(text: str, environ: Mapping[str, str]) -> str | None:
    """Replaces `${NAME}` and `${NAME:-default}`; None when a name is unset and has no default.

    An empty variable counts as unset, as everywhere in our settings. Raises ValueError for what was meant as a
    reference and is none: half of it would become the value.
    """
    refuse_no_reference(text)
    absent = False

    def value(match: re.Match[str]) -> str:
        nonlocal absent
        found = environ.get(match[1], "") or match[2]
        if found is None:
            absent = True
        return found or ""

    expanded = REFERENCE.sub(value, text)
    return None if absent else expanded


def refuse_no_reference(text: str) -> None:
    """Raises ValueError where a `${` stands that begins no reference, or another program's way to write one."""
    other = _ANOTHER_WAY.fullmatch(text.strip())
    if other is not None:
        raise ValueError(
            _("must name a variable as {right}, not as {written}").format(
                right=f"${{{other[1]}}}", written=other[0]
            )
        )
    if "${" in REFERENCE.sub("", text):
        raise ValueError(
            _("holds a {sign} that begins no reference: {forms} are understood").format(
                sign="${", forms="${NAME}, ${NAME:-default}"
            )
        )


def is_literal(text: str) -> bool:
    """Whether the text itself holds a value, rather than only naming variables."""
    return bool(REFERENCE.sub(lambda match: match[2] or "", text).strip())


def is_failed_reference(text: str) -> bool:
    """Whether it was meant as a reference and is none, which an error tells of."""
    try:
        refuse_no_reference(text)
    except ValueError:
        return True
    return False


def secrets_named(text: str) -> list[str]:
    """The variables that hold a key and that the text refers to."""
    return [found[1] for found in REFERENCE.finditer(text) if found[1] in SECRET_VARIABLES]
