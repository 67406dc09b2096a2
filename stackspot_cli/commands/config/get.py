"""`stackspot config get`: one value of the config file, as it is written there, or one of `config show`'s where the
file has none; a client key as dots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.commands.config import file
from stackspot_cli.commands.config.keys import Key, known_kind
from stackspot_cli.commands.config.show import all_findings, as_written, settings_findings
from stackspot_cli.domain import DOTS
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.settings.config_file import Node


SHOWN_AS = {"default_model": "model", "default_profile": "profile"}
CREDENTIALS = ("client_id", "client_key", "realm")  # the stores are asked for them


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    key: Key


def run(options: Options, app: App) -> None:
    """Raises UsageError for a key that nobody knows, or that has no value."""
    from stackspot_cli.settings import config_keys

    keys = config_keys.split(options.key)
    config = file.read(app)
    node = config.root.at(*keys)
    if node is None or node.value is None:
        if (value := _that_applies(app, options.key)) is not None:
            app.terminal.write(f"{safe_line(value, 10_000)}\n")
            return
        known_kind(keys, app.options.profile)
        raise UsageError(
            _("{key} is not set in {path}").format(key=options.key, path=config.path),
            _("`stackspot config show` prints the values that apply"),
        )
    for name, text in _leaves(node, keys):
        line = text if name == keys else f"{config_keys.join(name[len(keys) :])}: {text}"
        app.terminal.write(f"{safe_line(line, 10_000)}\n")


def _that_applies(app: App, name: str) -> str | None:
    """What `config show` prints beside this name; None where it has no such, or no value for it."""
    name = SHOWN_AS.get(name, name)
    found = next((one for one in settings_findings(app) if one.name == name), None)
    if found is None and name in CREDENTIALS:
        found = next((one for one in all_findings(app) if one.name == name), None)
    return None if found is None or found.value is None else as_written(found.value)


def _leaves(node: Node, keys: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    match node.value:
        case tuple() as items:
            return [leaf for at, one in enumerate(items) for leaf in _leaves(one, (*keys, str(at)))]
        case None | str() | int() | float() as scalar:
            return [(keys, _masked(keys, scalar))]
        case mapping:
            return [leaf for key, one in mapping.items() for leaf in _leaves(one, (*keys, key))]


def _masked(keys: tuple[str, ...], scalar: object) -> str:
    """As written, but for a secret that is written out. Unknown keys that sound like one are masked as well."""
    from stackspot_cli.settings.substitution import is_literal

    sounds_secret = any(sign in keys[-1].lower() for sign in ("key", "secret", "token", "password"))
    if sounds_secret and is_literal(str(scalar)) and not isinstance(scalar, int | float):
        return DOTS
    return as_written(scalar) if scalar is not None else ""
