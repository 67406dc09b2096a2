"""Where a setting's value is looked for: option, environment, profile, default. The first rung that holds one counts.

Knows how each rung is written and named. Refuses to know which settings there are (`settings` does).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from stackspot_cli.errors import UsageError
from stackspot_cli.settings import config_keys
from stackspot_cli.settings.config_file import ConfigFile, Node
from stackspot_cli.settings.setting import Setting
from stackspot_cli.settings.setting_kinds import Kind
from stackspot_cli.translation import _

T = TypeVar("T")


class Ladder:
    """profile: whose values in the config file count; empty for those of none."""

    def __init__(self, environ: Mapping[str, str], config: ConfigFile, profile: str) -> None:
        self.environ = environ
        self.config = config
        self.profile = profile

    def pick(
        self,
        kind: Kind[T],
        option: tuple[str, object] | None,
        variables: tuple[str, ...],
        key: str | tuple[str, ...],
        default: T,
    ) -> Setting[T]:
        """variables: without `STACKSPOTAI_`, unless they start with STACKSPOT_ themselves. key: below a profile."""
        return (
            self.from_option(kind, option)
            or self.from_environment(kind, variables)
            or self.from_config(kind, *((key,) if isinstance(key, str) else key))
            or Setting(default, _("default"), "default")
        )

    def from_option(self, kind: Kind[T], option: tuple[str, object] | None) -> Setting[T] | None:
        if option is None or option[1] is None:
            return None
        name, given = option
        text = str(given).lower() if isinstance(given, bool) else str(given).strip()
        origin = _("option {name}").format(name=name)
        return Setting(_parsed(kind, text, origin, _("`--help` shows what it takes")), origin, "option")

    def from_environment(self, kind: Kind[T], variables: tuple[str, ...]) -> Setting[T] | None:
        for short in variables:
            name = short if short.startswith("STACKSPOT_") else f"STACKSPOTAI_{short}"
            text = self.environ.get(name, "").strip()
            if text:
                hint = _("correct {name}, or unset it").format(name=name)
                return Setting(_parsed(kind, text, name, hint), _origin_of_variable(name), "environment")
        return None

    def from_config(self, kind: Kind[T], *key: str) -> Setting[T] | None:
        """The profile's own value, else the top level's where the key may stand there."""
        rungs: list[tuple[str, ...]] = [("providers", self.profile, *key)]
        if key[0] in config_keys.PLAIN_KEYS:
            rungs.append(key)
        for keys in rungs:
            node = self.config.root.at(*keys)
            found = None if node is None else self.read(kind, keys, node)
            if found is not None:
                place = self.config.line(node) if node else ""
                return Setting(found[0], _origin_in_config(self.config, keys), "config", place)
        return None

    def read(self, kind: Kind[T], keys: tuple[str, ...], node: Node) -> tuple[T] | None:
        return config_keys.read(self.config, keys, node, kind, self.environ)


def _parsed(kind: Kind[T], text: str, name: str, hint: str) -> T:
    try:
        return kind.read(text)
    except ValueError as problem:
        raise UsageError(_("{name} {problem}").format(name=name, problem=problem), hint) from problem


def _origin_of_variable(name: str) -> str:
    return _("environment {name}").format(name=name)


def _origin_in_config(config: ConfigFile, keys: tuple[str, ...]) -> str:
    if len(keys) == 1:
        return str(config.path)
    return _("profile {profile} in {path}").format(profile=keys[1], path=config.path)
