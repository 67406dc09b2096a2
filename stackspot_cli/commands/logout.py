"""`stackspot logout`: forgets what `login` stored, and the tokens that were had with it. Twice is no error.

Knows where things may be; refuses to touch what a person wrote: the environment and the config file are named.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.errors import LocalError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `logout`, as it was typed."""

    every_profile: Annotated[
        bool, typer.Option("--all", help=_("Forget every profile, and every token."))
    ] = False


def run(options: Options, app: App) -> None:
    """Raises LocalError where something may be left."""
    troubles: list[LocalError] = []
    profiles = _every_profile(app, troubles) if options.every_profile else (app.settings.profile.value,)
    removed = False
    for profile in profiles:
        _forget_tokens(app, profile, troubles)
        removed |= _forget_entries(app, profile, troubles)
    if not removed and not troubles:
        app.terminal.tell(
            _("nothing is stored for any profile")
            if options.every_profile
            else _("nothing is stored for profile {profile}").format(profile=profiles[0])
        )
    if options.every_profile:
        with _collecting(troubles):
            app.token_folder.forget_all()
    _name_what_stays(app, profiles)
    for trouble in troubles:
        raise LocalError(
            _("{problem}: an entry may be left there").format(problem=trouble.message), _way_out(trouble)
        ) from trouble


def _way_out(trouble: LocalError) -> str:
    """How to forget it after all: a store's own hint tells where else to keep a key."""
    from stackspot_cli.auth.keyring_store import SERVICE
    from stackspot_cli.auth.stores import StoreUnavailable

    if not isinstance(trouble, StoreUnavailable):
        return trouble.hint
    return trouble.remedy or _(
        "try again, or remove the entry {service} in the system's own program for keyrings"
    ).format(service=SERVICE)


def _every_profile(app: App, troubles: list[LocalError]) -> tuple[str, ...]:
    from stackspot_cli.settings.settings import DEFAULT_PROFILE

    names: list[str] = [DEFAULT_PROFILE, app.settings.profile.value]
    for store in (app.stores.config, app.stores.keyring, app.stores.file):
        with _collecting(troubles):
            names += store.profiles()
    return tuple(dict.fromkeys(names))


def _forget_tokens(app: App, profile: str, troubles: list[LocalError]) -> None:
    from stackspot_cli.auth.credentials import kept

    for credentials in kept(app.stores, profile, app.settings.realm):
        with _collecting(troubles):
            app.token_folder.of(credentials).forget()


def _forget_entries(app: App, profile: str, troubles: list[LocalError]) -> bool:
    """Whether there were any."""
    removed = []
    for store in (app.stores.keyring, app.stores.file):
        with _collecting(troubles):
            if store.delete(profile):
                removed.append(store.describe())
    if removed:
        for place in removed:
            app.terminal.tell(
                _("removed the credentials of profile {profile}: {place}").format(
                    profile=profile, place=place
                )
            )
    return bool(removed)


@contextlib.contextmanager
def _collecting(troubles: list[LocalError]) -> Iterator[None]:
    """Keeps a failure for the end, so that the rest is forgotten all the same. No keyring is no failure."""
    from stackspot_cli.auth.stores import StoreUnavailable

    try:
        yield
        return
    except LocalError as problem:
        trouble = problem
    except OSError as problem:
        why = problem.strerror or type(problem).__name__
        trouble = LocalError(_("the token cache cannot be cleared ({why})").format(why=why))
    expected = isinstance(trouble, StoreUnavailable) and trouble.expected
    if not expected and all(trouble.message != other.message for other in troubles):
        troubles.append(trouble)


def _name_what_stays(app: App, profiles: Iterable[str]) -> None:
    from stackspot_cli.auth.stores import overriding_variables

    names = overriding_variables(app.environ)
    if names:
        app.terminal.note(_("the environment still sets {names}").format(names=" ".join(names)))
    for profile in profiles:
        if app.settings.config.key_written_out(profile):
            app.terminal.note(
                _("{place} still holds a client key for profile {profile}").format(
                    place=app.stores.config.describe(), profile=profile
                )
            )
