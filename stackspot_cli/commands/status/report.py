"""What `status` found, piece by piece and as a whole, and as a script reads it.

Pure: asks nobody. The JSON's keys are part of the contract with scripts. Refuses to know how it looks (`page`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from stackspot_cli.auth.findings import Finding
from stackspot_cli.errors import StackSpotError
from stackspot_cli.lean_dataclasses import dataclass

if TYPE_CHECKING:
    from stackspot_cli.network.probe import Probe
    from stackspot_cli.network.quota import Used


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """The cached token, and the new one that was asked for as a proof. problem: why there is no new one."""

    cached: bool = False
    expires_in_seconds: float | None = None
    expires_at: datetime | None = None
    new_in_seconds: float | None = None
    new_lives_seconds: float | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    name: str
    probe: Probe


@dataclass(frozen=True, slots=True)
class KeyringFacts:
    """backend: None where there is none that works, with why in problem."""

    backend: str | None
    holds_profile: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class QuotaFacts:
    """per_minute, per_day: requests, None for no quota. used: of this machine; None where nothing is counted."""

    per_minute: int | None = None
    per_day: int | None = None
    used: Used | None = None


@dataclass(frozen=True, slots=True)
class FileFacts:
    """mode: octal digits, None where the file is not there. private: nobody else can read it."""

    name: str
    path: str
    mode: str | None
    private: bool


@dataclass(frozen=True, slots=True)
class Here:
    """What this machine holds: known without the network. token: the cached one alone."""

    credentials: tuple[Finding, ...]
    token: TokenFacts
    keyring: KeyringFacts
    quota: QuotaFacts
    files: tuple[FileFacts, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole. settings: whom it would ask, and how. token: the cached and the new one.

    failure: why no token can be had.
    """

    settings: tuple[Finding, ...]
    here: Here
    services: tuple[ServiceFacts, ...]
    token: TokenFacts
    failure: StackSpotError | None
    clock_skew_seconds: float | None
    remarks: tuple[str, ...]
    offline: bool

    @property
    def parts(self) -> Iterator[Part]:
        """In the order in which they are learned."""
        yield self.settings
        yield self.here
        yield from self.services
        yield self


Part: TypeAlias = tuple[Finding, ...] | Here | ServiceFacts | Report


def as_object(report: Report) -> dict[str, object]:
    values: dict[str, object] = {
        finding.name: {"value": finding.value, "origin": finding.origin}
        for finding in (*report.settings[:2], *report.here.credentials, *report.settings[2:])
    }
    token, here = report.token, report.here
    return {
        "ok": report.failure is None,
        "problem": report.failure and report.failure.message,
        "hint": report.failure and report.failure.hint,
        "offline": report.offline,
        **values,
        "token": {
            "cached": token.cached,
            "expires_in_seconds": _rounded(token.expires_in_seconds),
            "expires_at": token.expires_at.isoformat(timespec="seconds") if token.expires_at else None,
            "new_in_seconds": _rounded(token.new_in_seconds),
            "new_lives_seconds": _rounded(token.new_lives_seconds),
            "problem": token.problem,
        },
        "services": [_service_object(service) for service in report.services],
        "clock_skew_seconds": report.clock_skew_seconds,
        "keyring": {
            "backend": here.keyring.backend,
            "holds_profile": here.keyring.holds_profile,
            "problem": here.keyring.problem,
        },
        "quota": _quota_object(here.quota),
        "files": [
            {"name": file.name, "path": file.path, "mode": file.mode, "private": file.private}
            for file in here.files
        ],
        "remarks": list(report.remarks),
    }


def _service_object(service: ServiceFacts) -> dict[str, object]:
    probe = service.probe
    return {
        "name": service.name,
        "url": probe.url,
        "proxy": probe.proxy,
        "reached": probe.reached,
        "status": probe.status,
        "failed": probe.failed,
        "problem": probe.problem,
        "seconds": {step.name: _rounded(step.seconds) for step in probe.steps},
    }


def _quota_object(quota: QuotaFacts) -> dict[str, object]:
    used = quota.used
    return {
        "per_minute": quota.per_minute,
        "per_day": quota.per_day,
        "counted": used is not None,
        "of": "this machine",
        "last_minute": used and {"requests": used.minute_requests, "tokens": used.minute_tokens},
        "last_day": used and {"requests": used.day_requests, "tokens": used.day_tokens},
        "slowed_down_to_per_minute": used and _rounded(used.per_minute),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
