"""SARIF 2.1.0 (OASIS), as GitHub's code scanning takes it: relative addresses, stable fingerprints, known rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from stackspot_cli.review.findings import SEVERITIES, Severity
from stackspot_cli.review.placing import Finding
from stackspot_cli.review.report import Report, asides, summary
from stackspot_cli.review.reports.fingerprints import fingerprints
from stackspot_cli.safe_text import pipe_text
from stackspot_cli.translation import untranslated

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
PROJECT = "https://ai.stackspot.com"
ROOT = "%SRCROOT%"
MOST_RESULTS = 5_000  # GitHub shows no more of one run
_RULES: dict[Severity, tuple[str, str]] = {
    "error": ("review/error", "Breaks, loses or leaks something, or opens a hole"),
    "warning": ("review/warning", "Will break, lose or leak something in some cases"),
    "note": ("review/note", "Is worth knowing"),
}
_LINK = re.compile(r"([\[\]\\])")


def as_object(report: Report, version: str) -> Any:
    findings = report.findings[:MOST_RESULTS]
    return untranslated(
        {
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": _driver(version)},
                    "automationDetails": {"id": "stackspot-review/"},
                    "columnKind": "unicodeCodePoints",
                    "originalUriBaseIds": {ROOT: {"description": {"text": "The top of the repository"}}},
                    "invocations": [_invocation(report)],
                    "results": _results(findings),
                    "properties": {"model": report.model, "change": report.described},
                }
            ],
        }
    )


def _driver(version: str) -> dict[str, Any]:
    return {
        "name": "stackspot review",
        "version": version,
        "semanticVersion": version,
        "informationUri": PROJECT,
        "rules": [
            {
                "id": id_,
                "name": f"Review{severity.capitalize()}",
                "shortDescription": {"text": text},
                "fullDescription": {"text": f"{text}, as a model judged it."},
                "help": {"text": "A model's finding: its place was checked, its judgement was not."},
                "defaultConfiguration": {"level": severity},
                "properties": {"tags": ["review"], "precision": "medium"},
            }
            for severity, (id_, text) in _RULES.items()
        ],
    }


def _invocation(report: Report) -> dict[str, Any]:
    level = "none" if report.is_whole else "error"
    told = [_text(str(untranslated(line))) for line in (*asides(report), summary(report))]
    return {
        "executionSuccessful": report.is_whole,
        "toolExecutionNotifications": [{"level": level, "message": {"text": text}} for text in told],
    }


def _results(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    marks = fingerprints(findings)
    return [
        {
            "ruleId": _RULES[finding.severity][0],
            "ruleIndex": SEVERITIES.index(finding.severity),
            "level": finding.severity,
            "message": {"text": _message(finding)},
            "locations": [{"physicalLocation": _location(finding)}],
            "partialFingerprints": {"primaryLocationLineHash": mark, "stackspotReview/v1": mark},
        }
        for finding, mark in zip(findings, marks, strict=True)
    ]


def _message(finding: Finding) -> str:
    return (
        "\n\n".join(_text(part) for part in (finding.title, finding.why, finding.fix) if part.strip()) or "…"
    )


def _location(finding: Finding) -> dict[str, Any]:
    address = quote(finding.file.encode("utf-8", "surrogateescape"), safe="/")
    return {
        "artifactLocation": {"uri": address, "uriBaseId": ROOT},
        "region": {
            "startLine": finding.line,
            "endLine": finding.end_line,
            "snippet": {"text": pipe_text(finding.quote)},
        },
    }


def _text(text: str) -> str:
    """A message of ours: `[text](address)` in it would be a link (3.11.6), and is none."""
    safe = pipe_text(text)
    return _LINK.sub(r"\\\1", safe) if "](" in safe else safe
