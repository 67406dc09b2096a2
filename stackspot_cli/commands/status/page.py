"""What `status` found, as a person reads it: each part as it is learned.

Pure but for the terminal that it is written on. Refuses to know who found it.
"""

from __future__ import annotations

from collections.abc import Sequence

from stackspot_cli.auth.findings import Finding
from stackspot_cli.commands.status.report import FileFacts, Here, Part, QuotaFacts, Report, ServiceFacts
from stackspot_cli.safe_text import safe_line
from stackspot_cli.terminal.listing import fitted, listing
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.terminal.table import FACTS, FOUND, Column, width
from stackspot_cli.translation import _

LONGEST = 1000  # characters: an address, or a service's own words
REACHABLE_CELLS = 20  # "reachable in 1234 ms"
WITHOUT_A_TOKEN = (
    500  # any status below it, a 401 above all, is what a service says to somebody without a token
)


class Page:
    """Parts are told in the order of `Report.parts`: the services one by one, in whatever order they answer."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._is_empty = True
        self._services: tuple[Column, ...] = ()
        self._services_told = False

    def tell(self, part: Part) -> None:
        """Written at once. Raises what the terminal raises."""
        match part:
            case Here():
                self._put([*map(_found, part.credentials)], FOUND)
                self._put(_states(part), FACTS)
                self._put([_file_row(file) for file in part.files], FOUND)
            case ServiceFacts():
                self._put([_service_row(part)], self._services, begins=not self._services_told)
                self._services_told = True
            case Report():
                self._end(part)
            case settings:
                self._services = _service_columns(settings)
                self._put([_found(one) for one in settings], FOUND)
        self._terminal.flush()

    def _put(
        self, rows: Sequence[tuple[str, ...]], columns: Sequence[Column], *, begins: bool = True
    ) -> None:
        if not rows:
            return
        if begins and not self._is_empty:
            self._terminal.write("\n")
        self._is_empty = False
        self._terminal.write(listing(self._terminal, rows, columns, empty=""))

    def _end(self, report: Report) -> None:
        self._put(_answers(report), FACTS)
        for remark in report.remarks:
            self._terminal.write(fitted(self._terminal, f"! {safe_line(remark, LONGEST)}", indent=2))
        self._terminal.write("\n" + fitted(self._terminal, _verdict(report)))


def _found(finding: Finding) -> tuple[str, ...]:
    return _label(finding.name), str(finding.value or "–"), f"({finding.origin})"


def _service_columns(settings: Sequence[Finding]) -> tuple[Column, ...]:
    """Their lines come one by one, and stand below one another nevertheless."""
    bases = [one for one in settings if one.name.endswith("_base")]
    names = max((width(one.name.removesuffix("_base")) for one in bases), default=0)
    addresses = max((width(safe_line(str(one.value), LONGEST)) for one in bases), default=0)
    return (
        Column(least=names, longest=LONGEST),
        Column(least=addresses, longest=LONGEST),
        Column(least=REACHABLE_CELLS, longest=LONGEST),
        Column(aside=True, longest=LONGEST),
    )


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


def _states(here: Here) -> list[tuple[str, ...]]:
    keyring, left = here.keyring, here.token.expires_in_seconds
    if keyring.backend is None:
        held = keyring.problem or "–"
    else:
        holds = _("holds this profile") if keyring.holds_profile else _("holds nothing for this profile")
        held = f"{keyring.backend}, {holds}"
    return [
        (_("keyring"), held),
        (_("cached token"), _("good for {time} yet").format(time=_time(left)) if left else _("none")),
        (_("quota"), _quota(here.quota)),
    ]


def _answers(report: Report) -> list[tuple[str, ...]]:
    """What the network gave beside the services' lines."""
    token, skew = report.token, report.clock_skew_seconds
    rows: list[tuple[str, ...]] = []
    if token.new_in_seconds is not None:
        had = [_("had in {time}").format(time=_milliseconds(token.new_in_seconds))]
        if token.new_lives_seconds:
            had.append(_("good for {time}").format(time=_time(token.new_lives_seconds)))
        rows.append((_("new token"), ", ".join(had)))
    elif token.problem:
        rows.append((_("new token"), token.problem))
    if skew is not None:
        rows.append((_("clock"), _("{seconds:+.0f} s from the service's").format(seconds=skew)))
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
        state = _("reachable in {time}").format(time=_milliseconds(probe.seconds))
        if probe.status is not None and probe.status >= WITHOUT_A_TOKEN:
            state = _("{state}, but it answers {status}").format(state=state, status=probe.status)
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
    if report.failure is not None:
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
