"""For people: grouped by file, the line quoted, in colour where that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from stackspot_cli.review.findings import Severity
from stackspot_cli.review.placing import Finding
from stackspot_cli.review.report import Report, asides, clean, summary

_INDENT = "    "
_SGR: dict[Severity, str] = {"error": "1;31", "warning": "33", "note": "36"}
_BOLD, _DIM, _GREEN = "1", "2", "32"


def text(report: Report, safe: Callable[[str], str], *, color: bool = False) -> str:
    """safe: what makes a string from outside harmless where this is written."""
    lines: list[str] = []
    for path, findings in groupby(report.findings, key=lambda finding: finding.file):
        lines.append(_painted(safe(clean(path)), _BOLD, color))
        for finding in findings:
            lines += [*_finding(finding, safe, color), ""]
    lines += [safe(line) for line in asides(report)]
    sign = _GREEN if report.is_whole and not report.findings else _BOLD
    return "\n".join([*lines, _painted(safe(summary(report)), sign, color)]) + "\n"


def _finding(finding: Finding, safe: Callable[[str], str], color: bool) -> list[str]:
    place = f"{finding.line}" if finding.end_line == finding.line else f"{finding.line}-{finding.end_line}"
    word = _painted(finding.severity, _SGR[finding.severity], color)
    lines = [f"  {place}: {word}: {safe(finding.title)}"]
    lines.append(_painted(f"{_INDENT}| {safe(finding.quote)}", _DIM, color))
    lines += [f"{_INDENT}{line}" for line in safe(finding.why).splitlines()]
    lines += [f"{_INDENT}> {line}" for line in safe(finding.fix).splitlines()]
    return lines


def _painted(text: str, style: str, color: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if color and text else text
