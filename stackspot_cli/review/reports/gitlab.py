"""GitLab's code quality report (docs.gitlab.com, "Code Quality report format"): a list, relative paths."""

from __future__ import annotations

from typing import Any

from stackspot_cli.review.findings import Severity
from stackspot_cli.review.report import Report, clean
from stackspot_cli.review.reports.fingerprints import fingerprints
from stackspot_cli.safe_text import pipe_text

_SEVERITIES: dict[Severity, str] = {"error": "critical", "warning": "minor", "note": "info"}


def as_list(report: Report) -> Any:
    return [
        {
            "description": pipe_text(" ".join(part for part in (finding.title, finding.why) if part.strip())),
            "check_name": f"review/{finding.severity}",
            "fingerprint": mark,
            "severity": _SEVERITIES[finding.severity],
            "location": {
                "path": clean(finding.file),
                "lines": {"begin": finding.line, "end": finding.end_line},
            },
        }
        for finding, mark in zip(report.findings, fingerprints(report.findings), strict=True)
    ]
