"""For a comment or a summary page. What a model wrote is text in it: no heading, link, image, mention or command.

GitHub and GitLab read more than Markdown in a comment: `@name` calls people, `#1` links, and a line that begins with
`/approve` is an order (GitLab's quick actions).
"""

from __future__ import annotations

import re
from itertools import groupby

from stackspot_cli.review.findings import Severity
from stackspot_cli.review.placing import Finding
from stackspot_cli.review.report import Report, asides, clean, summary
from stackspot_cli.safe_text import pipe_text
from stackspot_cli.translation import _

_SIGNS: dict[Severity, str] = {"error": "🔴", "warning": "🟡", "note": "🔵"}
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
_JOINER = "\u2060"  # word joiner: takes no room, and ends what would be a mention or a reference
_CALLS = re.compile(r"[@#!~%$](?=\w)|(?<=\w)://|(?<=\bwww)\.")
_FENCES = re.compile(r"`{3,}")


def markdown(report: Report) -> str:
    lines = [
        "## " + plain(_("Review: {described}").format(described=report.described)),
        "",
        plain(summary(report)),
        "",
    ]
    for path, findings in groupby(report.findings, key=lambda finding: finding.file):
        lines += [f"### {code(clean(path))}", ""]
        for finding in findings:
            lines += [*_finding(finding), ""]
    told = asides(report)
    if told:
        lines += [*(f"- {plain(line)}" for line in told), ""]
    return "\n".join(lines)


def _finding(finding: Finding) -> list[str]:
    where = (
        _("line {line}").format(line=finding.line)
        if finding.line == finding.end_line
        else _("lines {line} to {end_line}").format(line=finding.line, end_line=finding.end_line)
    )
    lines = [
        f"**{_SIGNS[finding.severity]} {finding.severity}, {where}: {prose(finding.title)}**",
        "",
        code(finding.quote.strip()),
    ]
    if finding.why:
        lines += ["", prose(finding.why)]
    if finding.fix:
        lines += ["", *_block(finding.fix)]
    return lines


def prose(text: str) -> str:
    """A model's sentences on one line. Its pieces of code stay code, everything else is plain."""
    line = _on_one_line(text)
    parts = []
    place = 0
    for match in _CODE.finditer(line):
        parts += [_escaped(line[place : match.start()]), code(match[2].strip())]
        place = match.end()
    return _no_order("".join([*parts, _escaped(line[place:])]))


def plain(text: str) -> str:
    """The text as itself, on one line: no character of it means anything."""
    return _no_order(_escaped(_on_one_line(text)))


def _on_one_line(text: str) -> str:
    return " ".join(pipe_text(text).split())


def _escaped(text: str) -> str:
    called = _CALLS.sub(lambda match: match[0] + _JOINER, text)
    return _PUNCTUATION.sub(r"\\\1", called).replace("\\<", "&lt;")


def _no_order(line: str) -> str:
    return f"/{_JOINER}{line[1:]}" if line.startswith("/") else line


def code(text: str) -> str:
    """As inline code, in which nothing means anything."""
    line = " ".join(pipe_text(text).splitlines()) or " "
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _block(text: str) -> list[str]:
    safe = pipe_text(text)
    fence = "`" * max([3, *(len(run) + 1 for run in _FENCES.findall(safe))])
    return [fence, *_without_fence(safe), fence]


def _without_fence(text: str) -> list[str]:
    """A mend that a model fenced itself stands in one fence, not in two."""
    lines = text.splitlines()
    if len(lines) > 1 and lines[0].startswith("```") and lines[-1].strip() == "```":
        return lines[1:-1]
    return lines
