"""Who asks, and whom: what a conversation belongs to, and nothing of it goes to anybody else. Pure.

Knows what makes two accounts differ. Refuses to know credentials and addresses (`app` puts them together).
"""

from __future__ import annotations

from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.translation import _

CHARACTERS = 24


@dataclass(frozen=True, slots=True)
class Account:
    """A profile, as it was resolved. None: not known, and then it differs from nothing.

    service: the addresses that prompts and tokens go to, a blank between them.
    """

    profile: str
    service: str | None = None
    realm: str | None = None
    client_id: str | None = None


def difference(held: Account, account: Account, *, what: str) -> str:
    """In which way `what` is another account's, as a sentence; empty where it is this one's."""
    if held.profile != account.profile:
        return _("{what} belongs to profile {profile}, and this is profile {own}").format(
            what=what, profile=held.profile, own=account.profile
        )
    for kind, then, now in (
        (_("the service at {value}"), held.service, account.service),
        (_("realm {value}"), held.realm, account.realm),
        (_("client id {value}"), held.client_id, account.client_id),
    ):
        if then is not None and now is not None and then != now:
            return _("{what} was held with {then}, and this is {now}").format(
                what=what, then=kind.format(value=then), now=kind.format(value=now)
            )
    return ""


def completed(held: Account, account: Account) -> Account:
    """What was known of the account, and what is known of it now."""
    return replace(
        held,
        service=held.service or account.service,
        realm=held.realm or account.realm,
        client_id=held.client_id or account.client_id,
    )


def digest(account: Account) -> str:
    """The account's name for a file: tells two apart, and tells nothing."""
    import hashlib  # deferred: only what keeps something asks

    parts = (account.profile, account.service or "", account.realm or "", account.client_id or "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:CHARACTERS]
