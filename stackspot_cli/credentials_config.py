"""The config file as a store of credentials: the profile's `client_id`, `api_key` and `client_realm`.

The last one asked, and the one that is warned about: a file that people copy is no place for a key.
"""

from __future__ import annotations

from collections.abc import Mapping

from stackspot_cli import config_file, config_keys
from stackspot_cli import setting_kinds as kinds
from stackspot_cli.config_file import ConfigFile
from stackspot_cli.credentials_store import Entry, Pair, StoreName, secret
from stackspot_cli.domain import Setting
from stackspot_cli.errors import LocalError
from stackspot_cli.messages import _


class ConfigStore:
    """Reads the file as it was parsed; changes nothing."""

    name: StoreName = "config"

    def __init__(self, config: ConfigFile, environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ

    def get(self, profile: str) -> Entry | None:
        client_id = self._read(profile, "client_id", kinds.TEXT)
        key = self._read(profile, "api_key", kinds.SECRET)
        if client_id is None and key is None:
            return None
        return Entry(
            client_id, secret(key) if key else None, self._read(profile, "client_realm", kinds.REALM)
        )

    def set(self, profile: str, pair: Pair) -> None:
        raise self._by_hand()

    def delete(self, profile: str) -> bool:
        if self.get(profile) is None:
            return False
        raise self._by_hand()

    def _by_hand(self) -> LocalError:
        return LocalError(
            _("{path} is changed by its owner alone").format(path=self._config.path),
            _("`stackspot config edit` opens it"),
        )

    def describe(self) -> str:
        return _("config file {path}").format(path=self._config.path)

    def _read(self, profile: str, key: str, kind: kinds.Kind[str]) -> Setting[str] | None:
        keys = ("providers", profile, key)
        node = self._config.root.at(*keys)
        found = node and config_keys.read(self._config, keys, node, kind, self._environ)
        if not node or not found:
            return None
        origin = _("profile {profile} in {path}").format(profile=profile, path=self._config.path)
        if (
            isinstance(node.value, str)
            and config_file.REFERENCE.search(node.value)
            and kind is not kinds.SECRET
        ):
            origin = f"{origin} ({node.value})"
        return Setting(found[0], origin, "config")
