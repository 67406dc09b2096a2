"""`stackspot config show`: every setting, and where it came from; the client key as dots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.errors import CredentialsMissing, LocalError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.terminal.listing import listing
from stackspot_cli.terminal.table import FOUND
from stackspot_cli.translation import untranslated

if TYPE_CHECKING:
    from stackspot_cli.auth.credentials import Credentials
    from stackspot_cli.auth.findings import Finding
    from stackspot_cli.auth.stores import Entry


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    format: shared_options.Listing = ListingFormat.text


def run(options: Options, app: App) -> None:
    """Raises UsageError for a value that cannot be one."""
    findings = all_findings(app)
    if options.format is ListingFormat.json:
        shown = {one.name: {"value": one.value, "origin": one.origin} for one in findings}
        app.terminal.write_json(untranslated(shown))
        return
    rows = [(one.name, as_written(one.value), f"({one.origin})") for one in findings]
    app.terminal.write(listing(app.terminal, rows, FOUND))


_SHOWN = (
    "idm_base",
    "api_base",
    "inference_base",
    "data_base",
    "tools_base",
    "model",
    "timeout_seconds",
    "deadline_seconds",
    "retries",
    "retry_wait_seconds",
    "per_minute",
    "per_day",
    "max_answer_bytes",
    "history_enabled",
    "vi",
    "send_secrets",
)


def all_findings(app: App) -> tuple[Finding, ...]:
    """In the order in which they are shown. Raises UsageError for a value that cannot be one."""
    from stackspot_cli.auth.findings import doubt_of_id, findings, id_is_doubtful

    profile, file, *more = settings_findings(app)
    held: Credentials | Entry
    try:
        held = app.credentials
    except (CredentialsMissing, LocalError) as problem:
        app.terminal.note(problem.message)
        held = app.half_credentials
    if id_is_doubtful(held):
        app.terminal.note(doubt_of_id())
    return (profile, file, *findings(held), *more)


def settings_findings(app: App) -> tuple[Finding, ...]:
    """Those that no store of credentials is asked for. Raises as `all_findings`."""
    from stackspot_cli.auth.findings import Finding

    settings = app.settings
    places = settings.places.config_path
    return (
        Finding.of("profile", settings.profile),
        Finding("config_file", str(places.value), places.origin),
        *(
            Finding.of(field.removesuffix("_seconds").removesuffix("_enabled"), getattr(settings, field))
            for field in _SHOWN
        ),
    )


def as_written(value: object) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
    return str(value)
