"""The proof: a token is asked for, and where it is refused, which of the three is likely wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.errors import CredentialsRefused, StackSpotError, Unavailable
from stackspot_cli.settings.setting import Setting
from stackspot_cli.translation import _, joined

if TYPE_CHECKING:
    from stackspot_cli.auth.credentials import Credentials


def prove(app: App, credentials: Credentials) -> None:
    """Asks for a token. Raises what the service and the network have to say, with what to do about it."""
    from stackspot_cli.auth.findings import doubt_of_id, id_is_doubtful
    from stackspot_cli.terminal.progress import progress_line

    try:
        with progress_line(app.terminal, app.now):
            app.token_source_for(credentials).prove(app.client.patience())
    except CredentialsRefused as refusal:
        raise CredentialsRefused(
            _("{problem}; nothing was stored").format(problem=refusal.message),
            doubt_of_id() if id_is_doubtful(credentials) else likely_wrong(refusal, credentials.realm),
            status=refusal.status,
            service_code=refusal.service_code,
        ) from refusal
    except StackSpotError as failure:
        failure.message = _("{problem}; nothing was stored").format(problem=failure.message)
        if isinstance(failure, Unavailable):
            way_out = _("`stackspot login --no-verify` stores without asking the service")
            failure.hint = joined("; ", filter(None, (failure.hint, way_out)))
        raise


def likely_wrong(refusal: CredentialsRefused, realm: Setting[str]) -> str:
    """Which of the three to look at first. The service's own words decide where they say it (Keycloak's do)."""
    words = refusal.message.partition("): ")[2].lower()
    if realm.source == "default":
        return _(
            "the realm is likely wrong: {realm} is only the default; give your account's slug by --realm, "
            "then check client id and key"
        ).format(realm=realm.value)
    if refusal.status == 404 and realm.value != realm.value.lower():
        return _("the realm is likely wrong: an account's slug has no capitals; try --realm {realm}").format(
            realm=realm.value.lower()
        )
    if refusal.status == 404 or "realm" in words:
        return _("the realm is likely wrong: {realm} ({origin}); give the account's slug by --realm").format(
            realm=realm.value, origin=realm.origin
        )
    if "secret" in words and "client id" not in words:
        return _("the client key is likely wrong: copy it again from the StackSpot portal")
    if any(sign in words for sign in ("not found", "unknown", "does not exist", "disabled")):
        return _("the client id is likely wrong: copy it again from the StackSpot portal")
    return _(
        "the client id or the client key is likely wrong, or they belong to another realm than {realm}: "
        "copy both again from the StackSpot portal"
    ).format(realm=realm.value)
