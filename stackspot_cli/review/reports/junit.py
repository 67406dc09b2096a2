"""JUnit's XML as Jenkins, GitLab and Azure read it: a suite for the review, a case for each finding and clean file."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from stackspot_cli.review.placing import Finding
from stackspot_cli.review.report import Report, clean, shown, summary
from stackspot_cli.safe_text import pipe_text
from stackspot_cli.translation import untranslated

# What XML 1.0 has no place for, beside the controls that are shown already.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """A finding at or above `fail_on` is a failure, one below it passes; a file not looked at is an error."""
    with_findings = {finding.file for finding in report.findings}
    cases = [_case(finding, report.counts(finding)) for finding in report.findings]
    cases += [_of_file(clean(path)) for path in report.looked_at if path not in with_findings]
    cases += [_of_file(shown(one), _missing(one.why)) for one in report.not_looked_at]
    if report.interrupted:
        cases.append(_of_file("review", _missing("interrupted")))
    cases += [_of_file(clean(one.path), _element("skipped", message=one.why)) for one in report.left_out]
    counts = {
        "name": "stackspot review",
        "tests": str(len(cases)),
        "failures": str(sum(map(report.counts, report.findings))),
        "errors": str(len(report.not_looked_at) + report.interrupted),
    }
    told = _element("system-out", _text(f"{untranslated(report.described)}\n{untranslated(summary(report))}"))
    suite = _element("testsuite", *cases, told, skipped=str(len(report.left_out)), **counts)
    suites = _element("testsuites", suite, **counts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{suites}\n'


def _case(finding: Finding, fails: bool) -> str:
    told = _text("\n\n".join(part for part in (finding.quote, finding.why, finding.fix) if part.strip()))
    if fails:
        inner = _element("failure", told, message=finding.title, type=finding.severity)
    else:
        inner = _element("system-out", _text(f"{finding.severity}: {finding.title}\n\n") + told)
    return _element("testcase", inner, name=f"{finding.line}: {finding.title}", classname=clean(finding.file))


def _of_file(path: str, *inner: str) -> str:
    return _element("testcase", *inner, name="review", classname=path)


def _missing(why: str) -> str:
    return _element("error", message=why, type="not looked at")


def _element(tag: str, /, *inner: str, **attributes: str) -> str:
    told = "".join(
        f" {key}={quoteattr(_legal(str(untranslated(value))))}" for key, value in attributes.items()
    )
    return f"<{tag}{told}>{''.join(inner)}</{tag}>" if inner else f"<{tag}{told}/>"


def _text(text: str) -> str:
    return escape(_legal(text))


def _legal(text: str) -> str:
    return _NO_XML.sub("\ufffd", pipe_text(text))
