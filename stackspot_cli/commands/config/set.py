"""`stackspot config set`: one value of the config file changes; comments, order and quotes stay.

A client key is never taken from an argument.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands.config.file import note_what_passes
from stackspot_cli.commands.config.keys import Key, known_kind
from stackspot_cli.errors import ConfigError, StackSpotError, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _, joined


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    key: Key
    value: Annotated[str, typer.Argument(metavar="VALUE", help=_("The new value."))]


def run(options: Options, app: App) -> None:
    """Raises UsageError for a key or value that is not one, LocalError where the file cannot be written."""
    from stackspot_cli.settings import config_edit, config_keys, setting_kinds, substitution

    dotted, value = options.key, options.value.strip()
    keys = config_keys.split(dotted)
    kind = known_kind(keys, app.options.profile)
    if not value:
        raise UsageError(
            _("there is no value for {key}").format(key=dotted),
            _("stackspot config unset {key}").format(key=dotted),
        )
    _check(dotted, lambda: substitution.refuse_no_reference(value))
    refers = substitution.REFERENCE.search(value) is not None
    if kind is setting_kinds.SECRET and substitution.is_literal(value):
        raise UsageError(
            _("a client key does not belong into an argument, where every process can read it"),
            _("type `stackspot login`, or name a variable: stackspot config set {key} '${{NAME}}'").format(
                key=dotted
            ),
        )
    if not refers:
        _check(dotted, lambda: kind.read(value))
    path = app.places.config_path.value
    change = config_edit.Change(keys, value, typed=kind.typed and not refers)
    config_edit.apply(path, [change])
    app.listener.step(_("{key} is set in {path}").format(key=dotted, path=path))
    note_what_passes(app)
    if keys[0] == "providers" and keys[2:] == ("client_realm",) and not refers:
        _note_other_realm(app, keys[1], value)
    if keys in (("default_model",), ("default_profile",)) and not refers:
        _note_unknown(app, keys[0], value)


def _check(key: str, read: Callable[[], object]) -> None:
    """read: raises ValueError, which says what is wrong with the value."""
    try:
        read()
    except ValueError as problem:
        raise UsageError(
            _("{key} {problem}").format(key=key, problem=problem), _("nothing was changed")
        ) from problem


def _note_unknown(app: App, key: str, value: str) -> None:
    """What will fail at the next call is told now; it may be meant to come yet, so it is set."""
    from contextlib import suppress

    from stackspot_cli.safe_text import safe_line

    with suppress(ConfigError):  # of another line: the next call tells
        settings = app.settings
        if key == "default_model":
            try:
                if settings.by_name(value) is None:  # an agent's name: the next call asks for it
                    settings.find_model(value)
            except UsageError as error:
                app.terminal.note(joined("; ", (error.message, error.hint)))
        elif value not in _profiles(app):
            app.terminal.note(
                _("profile {profile} has no credentials yet; `{command}` stores them").format(
                    profile=safe_line(value, 60),
                    command=shlex.join(["stackspot", "--profile", value, "login"]),
                )
            )


def _profiles(app: App) -> set[str]:
    """Those that anything is kept or written for."""
    known: set[str] = set()
    for store in app.stores.of_profiles:
        try:
            known.update(store.profiles())
        except StackSpotError:
            continue
    return known


def _note_other_realm(app: App, profile: str, realm: str) -> None:
    """A pair that `login` stored was proved with a realm, and keeps it: the file's then counts for nothing."""
    try:
        stores = app.stores
        entries = [store.get(profile) for store in (stores.keyring, stores.file)]
    except StackSpotError:
        return  # what cannot be asked for holds no realm either; other commands say what is wrong with it
    stored = next((entry.realm for entry in entries if entry and entry.realm), None)
    if stored is not None and stored.value != realm:
        command = shlex.join(["stackspot", "--profile", profile, "login", "--realm", realm])
        app.terminal.note(
            _(
                "the stored credentials of profile {profile} are for realm {realm}, which comes first: "
                "`{command}` changes it"
            ).format(profile=profile, realm=stored.value, command=command)
        )
