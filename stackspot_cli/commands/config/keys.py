"""A key of the config file, as it is typed: which one is meant, and which are known.

Knows sentences about keys; what they mean is `settings.config_keys`'s to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.commands import shell_values
from stackspot_cli.errors import UsageError
from stackspot_cli.nearest import nearest
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.settings.setting_kinds import Kind

Key = Annotated[
    str,
    typer.Argument(
        metavar="KEY",
        help=_("With dots: providers.stackspot.client_realm."),
        autocompletion=shell_values.config_keys,
    ),
]


def known_kind(keys: tuple[str, ...], profile: str | None = None) -> Kind[object]:
    """Raises UsageError for a key that nobody reads, with the nearest that somebody does. profile: whose it may be."""
    from stackspot_cli.settings import config_keys
    from stackspot_cli.settings.settings import DEFAULT_PROFILE

    kind = config_keys.kind_of(keys)
    if kind is not None:
        return kind
    name = config_keys.join(keys)
    if config_keys.is_group(keys):
        raise UsageError(
            _("{key} is a group of keys").format(key=name),
            _("name one of them: {example}").format(example=config_keys.join((*keys, *_below(keys)))),
        )
    keys = _with_profile(keys, profile or DEFAULT_PROFILE)
    known = config_keys.known_beside(keys)
    near = nearest(keys[-1], known, also_called=config_keys.ALSO_CALLED)
    if near:
        names = ", ".join(config_keys.join((*keys[:-1], one)) for one in near)
        hint = _("did you mean {names}?").format(names=names)
    elif known:
        hint = _("known here: {names}").format(names=", ".join(known))
    else:
        hint = _("write keys with dots: providers.stackspot.client_realm")
    raise UsageError(_("there is no setting {key}").format(key=name), hint)


def _with_profile(keys: tuple[str, ...], profile: str) -> tuple[str, ...]:
    """What is said without its profile: `client_id` for `providers.acme.client_id`."""
    from stackspot_cli.settings import config_keys

    of_profile = ("providers", profile, *keys)
    meant = config_keys.ALSO_CALLED.get(keys[-1].lower(), keys[-1].lower())
    alone = len(keys) == 1 and meant not in config_keys.known_beside(keys)
    return of_profile if alone and meant in config_keys.known_beside(of_profile) else keys


def _below(keys: tuple[str, ...]) -> tuple[str, ...]:
    if keys[2:] == ("quota",):
        return ("per_minute",)
    return {1: ("stackspot", "client_realm"), 2: ("client_realm",), 3: ("NAME", "agent")}.get(
        len(keys), ("agent",)
    )
