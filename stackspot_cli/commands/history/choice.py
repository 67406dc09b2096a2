"""Which conversation is meant, where an id may be left out."""

from __future__ import annotations

from stackspot_cli.app import App
from stackspot_cli.domain import Conversation
from stackspot_cli.errors import UsageError
from stackspot_cli.translation import _


def chosen(app: App, id_: str | None) -> Conversation:
    """The conversation of this id, or the profile's last."""
    if id_ is not None:
        return app.history.find(id_)
    last = app.history.last(app.settings.profile.value)
    if last is None:
        raise UsageError(_("there is no conversation yet"), _("`stackspot history list` lists all profiles'"))
    return last
