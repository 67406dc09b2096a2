"""The environment as a store of credentials: the same for every profile, and only its shell can change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stackspot_cli.auth.stores import (
    ID_VARIABLES,
    KEY_VARIABLES,
    REALM_VARIABLES,
    Entry,
    Pair,
    StoreName,
    checked,
    overriding_variables,
    secret,
)
from stackspot_cli.domain import Secret
from stackspot_cli.errors import LocalError
from stackspot_cli.redaction import SECRET_VARIABLES
from stackspot_cli.settings import setting_kinds
from stackspot_cli.settings.setting import Setting
from stackspot_cli.translation import _


class EnvironmentStore:
    """`set` and `delete` of something that is there say what to type instead."""

    name: StoreName = "environment"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def get(self, profile: str) -> Entry | None:
        client_id = self._first(ID_VARIABLES)
        key = self._first(KEY_VARIABLES)
        realm = self._first(REALM_VARIABLES)
        if client_id is None and key is None:
            return None
        for setting, kind in (
            (client_id, setting_kinds.TEXT),
            (key, setting_kinds.SECRET),
            (realm, setting_kinds.REALM),
        ):
            if setting is not None:
                checked(setting.value, setting.origin, kind)
        return Entry(client_id, secret(key) if key else None, realm)

    def secrets(self) -> tuple[Secret, ...]:
        """Every key that the environment holds, whether it is in use or not; the gateway's own as well."""
        return tuple(
            Secret(text) for name in SECRET_VARIABLES if (text := self._environ.get(name, "").strip())
        )

    def set(self, profile: str, pair: Pair) -> None:
        raise self._not_ours(_("export {names}").format(names=f"{ID_VARIABLES[0]}=… {KEY_VARIABLES[0]}=…"))

    def delete(self, profile: str) -> bool:
        if self._first(ID_VARIABLES) or self._first(KEY_VARIABLES):
            names = overriding_variables(self._environ)
            raise self._not_ours(_("unset {names}").format(names=" ".join(names)))
        return False

    def describe(self) -> str:
        return _("environment variables {id} and {key}").format(id=ID_VARIABLES[0], key=KEY_VARIABLES[0])

    def profiles(self) -> tuple[str, ...]:
        """None: the environment belongs to no profile."""
        return ()

    def _first(self, names: Sequence[str]) -> Setting[str] | None:
        for name in names:
            text = self._environ.get(name, "").strip()
            if text:
                return Setting(text, _("environment {name}").format(name=name), "environment")
        return None

    def _not_ours(self, command: str) -> LocalError:
        return LocalError(
            _("only the shell that set the environment can change it"),
            _("type `{command}`").format(command=command),
        )
