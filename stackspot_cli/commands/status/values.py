"""The values that decide what is asked of whom, each with where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stackspot_cli.app import App
from stackspot_cli.auth.findings import Finding
from stackspot_cli.errors import CannotConnect, UsageError
from stackspot_cli.translation import _, joined

if TYPE_CHECKING:
    from stackspot_cli.settings.settings import Settings

SERVICES = ("idm_base", "api_base", "inference_base", "data_base", "tools_base")


def setting_values(app: App) -> tuple[Finding, ...]:
    """Of the profile, the services' addresses, the network."""
    settings = app.settings
    addresses = [Finding.of(name, getattr(settings, name)) for name in SERVICES]
    proxy = _proxy(settings, app.environ, direct=app.options.sandbox)
    return (
        Finding.of("profile", settings.profile),
        Finding("config_file", str(settings.places.config_path.value), settings.places.config_path.origin),
        *addresses,
        proxy,
        _certificates(app.environ),
    )


def _certificates(environ: Mapping[str, str]) -> Finding:
    file, folder = environ.get("SSL_CERT_FILE", ""), environ.get("SSL_CERT_DIR", "")
    named = [(name, value) for name, value in (("SSL_CERT_FILE", file), ("SSL_CERT_DIR", folder)) if value]
    return Finding(
        "certificates",
        joined(", ", [_("the system's store"), *(value for _name, value in named)]),
        joined(", ", [_("environment {name}").format(name=name) for name, _value in named]) or _("default"),
    )


def _proxy(settings: Settings, environ: Mapping[str, str], *, direct: bool) -> Finding:
    """The proxies that the services' addresses go through; a password in one is not shown."""
    from stackspot_cli.network import proxies

    found: dict[str, str] = {}
    for name in () if direct else SERVICES:
        parts = urlsplit(getattr(settings, name).value)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            proxy = proxies.choose(parts.scheme, parts.hostname or "", port, environ)
        except (CannotConnect, UsageError):  # each service's line says why
            named = proxies.variable(parts.scheme, environ) or ""
            return Finding("proxy", None, _("environment {name}").format(name=named))
        if proxy:
            found[proxy.shown] = _("environment {name}").format(name=proxy.origin)
    if not found:
        return Finding("proxy", None, _("default"))
    return Finding("proxy", ", ".join(found), joined(", ", dict.fromkeys(found.values())))
