"""What to change where credentials were refused: exactly what they came from. Any other step leads round in a circle.

Knows where a pair can come from, and what changes it there. Refuses to know why it was refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackspot_cli.auth.credentials import Credentials
from stackspot_cli.auth.findings import doubt_of_id, id_is_doubtful
from stackspot_cli.settings.setting import Setting
from stackspot_cli.translation import _, joined


def refused(credentials: Credentials) -> str:
    """The hint where id, key and realm do not belong together, or the service does not take them."""
    first = (
        doubt_of_id()
        if id_is_doubtful(credentials)
        else _("verify credentials: client id, client key and realm belong together")
    )
    return joined("; ", (first, *_steps(credentials)))


def no_realm(credentials: Credentials) -> str:
    """The hint where the token service knows no such realm."""
    return joined("; ", (_("check the realm (the account's slug)"), *_steps(credentials, realm_alone=True)))


def _steps(credentials: Credentials, *, realm_alone: bool = False) -> Iterator[str]:
    """A step for each place that a part of them came from."""
    parts: Sequence[Setting[object]] = (credentials.client_id, credentials.client_key, credentials.realm)  # type: ignore[assignment]  # read alone
    parts = parts[2:] if realm_alone else parts
    variables = [part.origin.split()[-1] for part in parts if part.source == "environment"]
    if variables:
        yield _("they come from the environment: correct {names}, or unset them").format(
            names=", ".join(dict.fromkeys(variables))
        )
    for place in dict.fromkeys(part.place or part.origin for part in parts if part.source == "config"):
        yield _("correct {place}: `stackspot config edit`").format(place=place)
    for origin in dict.fromkeys(part.origin for part in parts if part.source == "stored"):
        command = "login --insecure-storage" if credentials.store == "file" else "login"
        yield _("`stackspot {command}` replaces what stands in {origin}").format(
            command=command, origin=origin
        )
    for part in parts:
        if part.source == "default":
            yield _("realm {realm} is only the default: set STACKSPOTAI_REALM to your account's slug").format(
                realm=part.value
            )
