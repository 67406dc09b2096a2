"""Where an address came from that leads nowhere, and what changes exactly that: a hint that says more than to look.

Knows which failures a wrong address can be behind. Refuses to know how services are reached. The usual addresses are
above suspicion, and so is that of `--sandbox`.
"""

from __future__ import annotations

from collections.abc import Iterable

from stackspot_cli.errors import (
    CannotConnect,
    CredentialsRefused,
    NotAnAnswer,
    NotFound,
    StackSpotError,
    TimedOut,
    Unavailable,
)
from stackspot_cli.settings.setting import Setting
from stackspot_cli.translation import _, joined


def tell(addresses: Iterable[Setting[str]], failure: StackSpotError, url: str) -> None:
    """Adds the step to the failure's hint where the address that was asked is a setting. addresses: of all services."""
    setting = _asked(addresses, url)
    if setting is None or not _suspects(failure, url):
        return
    if setting.source == "environment":
        step = _("the address comes from the environment: correct {name}, or unset it").format(
            name=setting.origin.split()[-1]
        )
    else:
        step = _("the address comes from {place}: `stackspot config edit` corrects it").format(
            place=setting.place or setting.origin
        )
    failure.hint = joined("; ", filter(None, (failure.hint, step)))


def _asked(addresses: Iterable[Setting[str]], url: str) -> Setting[str] | None:
    """The setting that this address begins with, if somebody has set it."""
    found = [setting for setting in addresses if url.startswith(setting.value)]
    setting = max(found, key=lambda one: len(one.value), default=None)
    return setting if setting is not None and setting.source in ("environment", "config") else None


def _suspects(failure: StackSpotError, url: str) -> bool:
    """Not where a proxy is in the way, for then the sentence names that; nor where the service itself spoke."""
    if isinstance(failure, CredentialsRefused):
        return failure.status == 404  # a realm that is not there, or nothing that knows realms
    if type(failure) is not Unavailable and not isinstance(
        failure, CannotConnect | NotAnAnswer | NotFound | TimedOut
    ):
        return False
    return url.partition("://")[2].partition("/")[0] in failure.message
