"""Which conversation is meant, where an id may be left out."""

from __future__ import annotations

from stackspot_cli.account import Account
from stackspot_cli.app import App
from stackspot_cli.domain import Conversation
from stackspot_cli.errors import UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _


def named_profile(app: App) -> str | None:
    """The profile that `--profile` names: the commands that take many conversations then take those of it alone."""
    return app.options.profile or None


def several_profiles(app: App) -> bool:
    """Whether it has to be said whose each is."""
    return named_profile(app) is None and len(app.history.profiles()) > 1


def none_yet(app: App) -> str:
    profile = named_profile(app)
    if profile is None:
        return _("no conversations yet")
    return _("profile {profile} has no conversations yet").format(profile=safe_line(profile, 60))


def chosen(app: App, id_: str | None) -> Conversation:
    """The conversation of this id, or the profile's last."""
    if id_ is not None:
        return app.history.find(id_)
    last = app.history.last(Account(app.settings.profile.value))
    if last is None:
        raise UsageError(_("there is no conversation yet"), _("`stackspot history list` lists all profiles'"))
    return last
