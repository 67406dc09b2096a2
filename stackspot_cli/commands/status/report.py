"""What `status` found, as a person and as a script read it.

Pure: knows how findings look, asks nobody. The JSON's keys are part of the contract with scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stackspot_cli.auth.findings import Finding
from stackspot_cli.network.probe import Probe
from stackspot_cli.network.quota import Used
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.table import aligned
from stackspot_cli.translation import _

LONGEST = 1000  # characters: an address, or a service's own words


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
class Report:
    values: tuple[Finding, ...]
    token: TokenFacts
    token_can_be_had: bool
    problem: str | None
    hint: str | None
    services: tuple[ServiceFacts, ...]
    clock_skew_seconds: float | None
    keyring: KeyringFacts
    quota: QuotaFacts
    files: tuple[FileFacts, ...]
    remarks: tuple[str, ...]
    offline: bool


# --- for scripts -----------------------------------------------------------------------------------


def as_object(report: Report) -> dict[str, object]:
    values: dict[str, object] = {
        finding.name: {"value": finding.value, "origin": finding.origin} for finding in report.values
    }
    token = report.token
    return {
        "ok": report.token_can_be_had,
        "problem": report.problem,
        "hint": report.hint,
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
            "backend": report.keyring.backend,
            "holds_profile": report.keyring.holds_profile,
            "problem": report.keyring.problem,
        },
        "quota": _quota_object(report.quota),
        "files": [
            {"name": file.name, "path": file.path, "mode": file.mode, "private": file.private}
            for file in report.files
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


# --- for people ------------------------------------------------------------------------------------


def as_text(report: Report) -> str:
    tables: list[Sequence[tuple[str, ...]]] = [
        [(_label(one.name), str(one.value or "–"), f"({one.origin})") for one in report.values],
        _states(report),
        [_service_row(service) for service in report.services],
        [_file_row(file) for file in report.files],
    ]
    shown = [aligned(rows, empty="", longest_cell=LONGEST) for rows in tables if rows]
    remarks = "".join(f"! {safe_line(remark, LONGEST)}\n" for remark in report.remarks)
    return "\n".join(shown) + f"{remarks}\n{_verdict(report)}\n"


def _label(name: str) -> str:
    return {
        "profile": _("profile"),
        "certificates": _("certificates"),
        "history": _("history"),
        "client_id": _("client id"),
        "client_key": _("client key"),
        "config_file": _("config file"),
        "private_file": _("private file"),
        "token_cache": _("token cache"),
    }.get(name, name)


def _states(report: Report) -> list[tuple[str, ...]]:
    token = report.token
    rows: list[tuple[str, ...]] = []
    cached = (
        _("good for {time} yet").format(time=_time(token.expires_in_seconds))
        if token.expires_in_seconds
        else _("none")
    )
    rows.append((_("cached token"), cached))
    if token.new_in_seconds is not None:
        had = [_("had in {time}").format(time=_milliseconds(token.new_in_seconds))]
        if token.new_lives_seconds:
            had.append(_("good for {time}").format(time=_time(token.new_lives_seconds)))
        rows.append((_("new token"), ", ".join(had)))
    elif token.problem:
        rows.append((_("new token"), token.problem))
    keyring = report.keyring
    if keyring.backend is None:
        rows.append((_("keyring"), keyring.problem or "–"))
    else:
        held = _("holds this profile") if keyring.holds_profile else _("holds nothing for this profile")
        rows.append((_("keyring"), f"{keyring.backend}, {held}"))
    rows.append((_("quota"), _quota(report.quota)))
    if report.clock_skew_seconds is not None:
        rows.append(
            (_("clock"), _("{seconds:+.0f} s from the service's").format(seconds=report.clock_skew_seconds))
        )
    return rows


def _quota(quota: QuotaFacts) -> str:
    used = quota.used
    if used is None:
        return _("none is set, and requests are not counted")
    parts = [
        _("last minute: {requests}, {tokens} tokens").format(
            requests=_of(used.minute_requests, quota.per_minute), tokens=used.minute_tokens
        ),
        _("last day: {requests}, {tokens} tokens").format(
            requests=_of(used.day_requests, quota.per_day), tokens=used.day_tokens
        ),
    ]
    if used.per_minute is not None:
        parts.append(
            _("slowed down to {rate} a minute after a refusal").format(rate=f"{used.per_minute:.3g}")
        )
    return _("{used} (of this machine)").format(used="; ".join(parts))


def _of(requests: int, limit: int | None) -> str:
    if limit is None:
        return _("{count} requests").format(count=requests)
    return _("{count} of {limit} requests").format(count=requests, limit=limit)


def _service_row(service: ServiceFacts) -> tuple[str, ...]:
    probe = service.probe
    steps = ", ".join(f"{step.name.upper()} {_milliseconds(step.seconds)}" for step in probe.steps)
    if probe.reached:
        state = _("reached in {time}, status {status}").format(
            time=_milliseconds(probe.seconds), status=probe.status
        )
    else:
        state = _("not reached: {step}: {problem}").format(
            step=(probe.failed or "").upper(), problem=probe.problem
        )
    return (service.name, probe.url, state, f"({steps})" if steps else "")


def _file_row(file: FileFacts) -> tuple[str, ...]:
    state = _("not there") if file.mode is None else file.mode
    if not file.private:
        state = ", ".join((state, _("others can read it: chmod go-rwx")))
    return (_label(file.name), file.path, state)


def _verdict(report: Report) -> str:
    if not report.token_can_be_had:
        return _("no token can be had")  # stderr says why
    if report.offline:
        return _("the credentials are complete; the service was not asked (--offline)")
    if report.token.new_in_seconds is None:
        return _("the token service is not reached, and the cached token is good yet")
    return _("all is well: a token was had")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _time(seconds: float | None) -> str:
    minutes, rest = divmod(int(seconds or 0), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
