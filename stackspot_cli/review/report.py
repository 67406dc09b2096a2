"""What a review came to, as one value that every report is made of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.review.findings import SEVERITIES, Severity
from stackspot_cli.review.leaving_out import LeftOut
from stackspot_cli.review.placing import Finding
from stackspot_cli.translation import _, joined

FailOn: TypeAlias = Literal["error", "warning", "never"]


@dataclass(frozen=True, slots=True)
class NotLookedAt:
    """A file, or the lines from first to last of it, that no usable answer came for. first 0: all of it."""

    path: str
    why: str
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """described: which change. looked_at: the files of which every part was. asked, remembered: parts.

    dropped: findings whose place is nowhere in the change. doubles: those that several parts told.
    notes: what a reader should know of the change itself. interrupted: more was to come.
    """

    described: str
    model: str
    findings: tuple[Finding, ...] = ()
    looked_at: tuple[str, ...] = ()
    not_looked_at: tuple[NotLookedAt, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    gone: tuple[str, ...] = ()
    dropped: int = 0
    doubles: int = 0
    asked: int = 0
    remembered: int = 0
    notes: tuple[str, ...] = ()
    fail_on: FailOn = "error"
    interrupted: bool = False

    @property
    def is_whole(self) -> bool:
        return not (self.not_looked_at or self.interrupted)

    @property
    def is_empty(self) -> bool:
        """There was nothing to look at, and nothing that could not be."""
        return not (self.looked_at or self.not_looked_at or self.left_out or self.gone or self.interrupted)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    def counts(self, finding: Finding) -> bool:
        """Whether it is at or above `fail_on`."""
        if self.fail_on == "never":
            return False
        return SEVERITIES.index(finding.severity) <= SEVERITIES.index(self.fail_on)

    @property
    def fails(self) -> bool:
        return any(self.counts(finding) for finding in self.findings)


def summary(report: Report) -> str:
    """One line: of which change, how many findings of which weight, in how many files."""
    if report.is_empty:
        return _("no change: {described}").format(described=report.described)
    found = [f"{severity}: {report.count(severity)}" for severity in SEVERITIES if report.count(severity)]
    told = joined(", ", found) if found else _("no findings")
    told = _("{change}: {findings}; files looked at: {count}").format(
        change=report.described, findings=told, count=len(report.looked_at)
    )
    if report.interrupted:
        told = _("{summary}; interrupted, so more may be wrong").format(summary=told)
    return told


def asides(report: Report) -> list[str]:
    """What a reader must know before trusting the findings: a line for each reason, with the files that it is of."""
    missing = _by_reason((shown(one), one.why) for one in report.not_looked_at)
    left_out = _by_reason((clean(one.path), one.why) for one in report.left_out)
    lines = [_("not looked at: {files}: {why}").format(files=files, why=why) for why, files in missing]
    lines += [_("left out: {files} ({why})").format(files=files, why=why) for why, files in left_out]
    if report.gone:
        lines.append(_("deleted: {files}").format(files=", ".join(map(clean, report.gone))))
    if report.dropped:
        lines.append(
            _("findings dropped, because their place is nowhere in the change: {count}").format(
                count=report.dropped
            )
        )
    return [*lines, *report.notes]


def _by_reason(files: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    names: dict[str, list[str]] = {}
    for name, why in files:
        names.setdefault(why, []).append(name)
    for why, some in names.items():
        yield why, ", ".join(some)


def shown(one: NotLookedAt) -> str:
    name = clean(one.path)
    return f"{name}:{one.first}-{one.last}" if one.first else name


def clean(path: str) -> str:
    """A file's name for a document: bytes that are no UTF-8 become U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
