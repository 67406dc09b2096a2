"""`stackspot config import`: takes over a `.aider.litellm.yml`; a key written out in it moves to the keyring.

Knows what goes where: `${…}` stays as written, a literal key goes to a store, everything else to the config
file. The keys go first: where they cannot be stored, nothing at all has changed.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.auth.stores import Entry, Pair, StoreUnavailable
from stackspot_cli.commands import shared_options
from stackspot_cli.errors import UsageError
from stackspot_cli.files.private_files import is_there
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.settings import config_edit, config_file, config_keys
from stackspot_cli.settings.calling import Verbatim
from stackspot_cli.settings.config_edit import Change
from stackspot_cli.settings.config_file import ConfigFile
from stackspot_cli.settings.places import absolute
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    file: Annotated[
        str, typer.Argument(metavar="FILE", help=_("Such a file; ./.aider.litellm.yml otherwise."))
    ] = ".aider.litellm.yml"
    insecure_storage: shared_options.InsecureStorage = False


def run(options: Options, app: App) -> None:
    """Raises UsageError, ConfigError with the place, LocalError where something cannot be stored."""
    if app.options.sandbox:
        raise UsageError(
            _("with --sandbox nothing outlasts this call, and a key would be gone from where it is"),
            Verbatim(
                f"{replace(app.options, sandbox=False).program} config import {shlex.quote(options.file)}"
            ),
        )
    insecure_storage = options.insecure_storage
    file = absolute(options.file, _("the file to import"))
    source = _read(app, file)
    literal = tuple(profile for profile, _node in source.profiles() if source.key_written_out(profile))
    pairs = _pairs(app, source, literal)
    store = app.stores.file if insecure_storage else app.stores.keyring
    for profile, pair in pairs.items():
        try:
            store.set(profile, pair)
        except StoreUnavailable as problem:
            if not insecure_storage:
                problem.hint = _elsewhere(app, options.file, problem.remedy)
            raise
        with contextlib.suppress(StoreUnavailable):
            (app.stores.keyring if insecure_storage else app.stores.file).delete(profile)
        app.terminal.tell(
            _("stored the client key of profile {profile}: {store}").format(
                profile=profile, store=store.describe()
            )
        )
    target = app.places.config_path.value
    if is_there(target) and file.samefile(target):
        config_edit.apply(target, [Change(_key_of(profile), None) for profile in pairs])
        return
    _take_over(app, source, target, literal)
    if literal:
        app.terminal.note(
            _("{file} still holds what was written out in it: delete it there").format(file=file)
        )


def _elsewhere(app: App, named: str, remedy: str) -> str:
    """The import that does without a keyring, after what would mend the keyring."""
    command = f"{app.options.program} config import --insecure-storage {shlex.quote(named)}"
    elsewhere = _("`{command}` stores the key in a private file").format(command=command)
    return _("{remedy}; or {elsewhere}").format(remedy=remedy, elsewhere=elsewhere) if remedy else elsewhere


def _read(app: App, file: Path) -> ConfigFile:
    if not is_there(file):
        raise UsageError(
            _("there is no file {file}").format(file=file),
            _("stackspot config import PATH/TO/.aider.litellm.yml"),
        )
    source = config_file.read(file, required=True)
    config_keys.check(source, app.environ)
    if not source.root.at("providers"):
        raise UsageError(
            _("{file} has no `providers`").format(file=file),
            _("is it the right file? Each provider is a profile"),
        )
    return source


def _pairs(app: App, source: ConfigFile, profiles: tuple[str, ...]) -> dict[str, Pair]:
    """What the store is to keep. A key without an id beside it is not ours: it is left where it is, and named."""
    from stackspot_cli.auth.config_store import ConfigStore

    reader = ConfigStore(source, app.environ)
    pairs = {}
    for profile in profiles:
        entry = reader.get(profile) or Entry()
        if entry.client_id is None or entry.client_key is None:
            app.terminal.note(
                _("the key of profile {profile} is not taken over: there is no client_id beside it").format(
                    profile=profile
                )
            )
            continue
        realm = entry.realm.value if entry.realm else None
        pairs[profile] = Pair(entry.client_id.value, entry.client_key.value, realm, datetime.now(UTC))
    return pairs


def _take_over(app: App, source: ConfigFile, target: Path, literal: tuple[str, ...]) -> None:
    bare = [profile for profile in literal if len(list(source.root.items("providers", profile))) == 1]
    names = ", ".join(name for name, _node in source.profiles() if name not in bare)
    if not names:  # of what cannot be taken over nothing is left
        return
    without = [
        Change(("providers", profile) if profile in bare else _key_of(profile), None) for profile in literal
    ]
    if not is_there(target):
        text = config_file.read_text(source.path, required=True) or ""
        for change in without:
            text = config_edit.edited(text, change, source.path)
        config_edit.save(target, text)
    else:
        config_edit.apply(target, list(_changes(source, {_key_of(profile) for profile in literal})))
    app.terminal.tell(_("took over profile {names} to {path}").format(names=names, path=target))


def _changes(source: ConfigFile, leave_out: set[tuple[str, ...]]) -> Iterator[Change]:
    for keys, node in source.root.walk():
        match node.value:
            case _ if keys in leave_out:
                continue
            case str() as text:
                yield Change(keys, text)
            case bool() | int() | float() as plain:
                yield Change(keys, str(plain).lower(), typed=True)


def _key_of(profile: str) -> tuple[str, ...]:
    return ("providers", profile, "api_key")
