"""For programs: one object, in English whatever the locale, whose names stay."""

from __future__ import annotations

from typing import Any

from stackspot_cli.review.findings import SEVERITIES
from stackspot_cli.review.placing import Finding
from stackspot_cli.review.report import Report, clean, summary
from stackspot_cli.translation import untranslated

VERSION = 1  # of this form


def as_object(report: Report) -> Any:
    """complete: every file of the change that can be looked at was."""
    return untranslated(
        {
            "version": VERSION,
            "change": report.described,
            "model": report.model,
            "complete": report.is_whole,
            "interrupted": report.interrupted,
            "fail_on": report.fail_on,
            "fails": report.fails,
            "summary": summary(report),
            "counts": {severity: report.count(severity) for severity in SEVERITIES},
            "findings": [_finding(finding) for finding in report.findings],
            "files": {
                "looked_at": [clean(path) for path in report.looked_at],
                "not_looked_at": [
                    {
                        "file": clean(one.path),
                        "line": one.first or None,
                        "end_line": one.last or None,
                        "why": one.why,
                    }
                    for one in report.not_looked_at
                ],
                "left_out": [{"file": clean(one.path), "why": one.why} for one in report.left_out],
                "deleted": [clean(path) for path in report.gone],
            },
            "dropped": report.dropped,
            "duplicates": report.doubles,
            "parts": {"asked": report.asked, "remembered": report.remembered},
            "notes": list(report.notes),
        }
    )


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "file": clean(finding.file),
        "line": finding.line,
        "end_line": finding.end_line,
        "severity": finding.severity,
        "title": finding.title,
        "why": finding.why,
        "fix": finding.fix,
        "quote": finding.quote,
    }
