"""GitHub's annotation commands: ours, with the answer's words escaped in them so that they command nothing.

Source: actions/toolkit, packages/core/src/command.ts, for what is escaped; and see `terminal.build_log`.
"""

from __future__ import annotations

from stackspot_cli.review.findings import Severity
from stackspot_cli.review.placing import Finding
from stackspot_cli.review.report import Report, asides, clean, summary
from stackspot_cli.safe_text import pipe_text
from stackspot_cli.terminal.build_log import guarded

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}
LONGEST = 4_000  # characters of a message: GitHub cuts a longer one


def github(report: Report) -> str:
    """A command for each finding; what else there is to say as lines that are none."""
    lines = [_command(finding) for finding in report.findings]
    lines += [_inert(line) for line in (*asides(report), summary(report))]
    return "\n".join(lines) + "\n"


def _command(finding: Finding) -> str:
    message = "\n".join(part for part in (finding.why, finding.fix) if part.strip()) or finding.title
    where = {
        "file": clean(finding.file),
        "line": str(finding.line),
        "endLine": str(finding.end_line),
        "title": finding.title,
    }
    properties = ",".join(f"{name}={_property(value)}" for name, value in where.items())
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(message[:LONGEST])}"


def _data(text: str) -> str:
    escaped = _inert(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return escaped.replace("\u2028", "%0A").replace("\u2029", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _inert(text: str) -> str:
    return guarded(pipe_text(text))
