"""The config file as a store of credentials: the profile's `client_id`, `api_key` and `client_realm`.

The last one asked, and the one that is warned about: a file that people copy is no place for a key.
"""

from __future__ import annotations

from collections.abc import Mapping

from stackspot_cli.auth.stores import Entry, Pair, StoreName, secret
from stackspot_cli.settings import config_keys, setting_kinds, substitution
from stackspot_cli.settings.config_file import ConfigFile
from stackspot_cli.settings.setting import Setting
from stackspot_cli.translation import _


class ConfigStore:
    """Reads the file as it was parsed; writes through `config_edit`, which keeps comments."""

    name: StoreName = "config"

    def __init__(self, config: ConfigFile, environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ

    def get(self, profile: str) -> Entry | None:
        client_id = self._read(profile, "client_id", setting_kinds.TEXT)
        key = self._read(profile, "api_key", setting_kinds.SECRET)
        if client_id is None and key is None:
            return None
        return Entry(
            client_id, secret(key) if key else None, self._read(profile, "client_realm", setting_kinds.REALM)
        )

    def set(self, profile: str, pair: Pair) -> None:
        values = {
            "client_id": pair.client_id,
            "api_key": pair.client_key.reveal(),
            "client_realm": pair.realm,
        }
        self._apply({("providers", profile, key): text for key, text in values.items() if text})

    def delete(self, profile: str) -> bool:
        keys = [("providers", profile, key) for key in ("client_id", "api_key")]
        there: dict[tuple[str, str, str], str | None] = {
            key: None for key in keys if self._config.root.at(*key)
        }
        self._apply(there)
        return bool(there)

    def _apply(self, texts: Mapping[tuple[str, str, str], str | None]) -> None:
        from stackspot_cli.settings import config_edit  # deferred: for a change alone

        changes = [config_edit.Change(keys, text) for keys, text in texts.items()]
        self._config = config_edit.apply(self._config.path, changes)

    def describe(self) -> str:
        return _("config file {path}").format(path=self._config.path)

    def profiles(self) -> tuple[str, ...]:
        """All that the file names, with a key or without."""
        return tuple(name for name, _node in self._config.profiles())

    def _read(self, profile: str, key: str, kind: setting_kinds.Kind[str]) -> Setting[str] | None:
        keys = ("providers", profile, key)
        node = self._config.root.at(*keys)
        value = node and config_keys.read(self._config, keys, node, kind, self._environ)
        if not node or not value:
            return None
        origin = _("profile {profile} in {path}").format(profile=profile, path=self._config.path)
        written = node.value if isinstance(node.value, str) and kind is not setting_kinds.SECRET else ""
        if substitution.REFERENCE.search(written):
            origin = f"{origin} ({written})"
        return Setting(value[0], origin, "config", self._config.line(node))
