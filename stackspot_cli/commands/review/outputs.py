"""Which report goes where: to stdout, into files, into the summary page of a GitHub job."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from stackspot_cli.app import App
from stackspot_cli.errors import UsageError
from stackspot_cli.exact_json import dumps
from stackspot_cli.lean_dataclasses import dataclass, replace
from stackspot_cli.nearest import nearest
from stackspot_cli.review.report import Report, summary
from stackspot_cli.safe_text import pipe_text, safe_line, safe_text
from stackspot_cli.translation import _, joined

STDOUT = "-"
FORMATS = ("text", "markdown", "json", "sarif", "gitlab", "github", "junit")
WITH_SUMMARY = ("text", "markdown", "github")  # formats that say in words what the review came to
# What a file's name says of its format, where nothing else does.
BY_ENDING = {".md": "markdown", ".markdown": "markdown", ".json": "json", ".sarif": "sarif", ".xml": "junit"}
MOST_SUMMARY_BYTES = 1_000_000  # GitHub takes 1 MiB of one step


@dataclass(frozen=True, slots=True)
class Target:
    """path: None for stdout."""

    format: str
    path: str | None = None


def targets(formats: Sequence[str], outputs: Sequence[str]) -> tuple[Target, ...]:
    """A format goes to stdout unless an output names it; an output without a format takes the only one, or the one
    that its file's ending means.

    Raises UsageError where two would go to one place.
    """
    files = [_target(output, formats) for output in outputs]
    named = {target.format for target in files}
    here = [Target(str(format_)) for format_ in dict.fromkeys(formats) if format_ not in named]
    if not formats and not any(_is_bare(output) for output in outputs):
        here = [Target("text")]  # the log of a pipeline wants words, too
    found = [*here, *files]
    seen: set[str | None] = set()
    for target in found:
        if target.path in seen:
            raise UsageError(
                _("two reports go to {place}").format(place=safe_line(target.path or _("stdout"))),
                _("give each a file: -o FORMAT=FILE"),
            )
        seen.add(target.path)
    return tuple(found)


def _is_bare(output: str) -> bool:
    return output.partition("=")[0] not in FORMATS or "=" not in output


def _refuse_mistyped(output: str) -> None:
    """What is nearly a format before an equals sign was meant as one: nobody finds a report under such a name."""
    word, equals, _path = output.partition("=")
    near = nearest(word, FORMATS, most=1) if equals else []
    if near:
        raise UsageError(
            _("there is no format {name}").format(name=safe_line(word, 40)),
            _("did you mean -o {near}=FILE? A file of that name is -o ./{file}").format(
                near=near[0], file=safe_line(output)
            ),
        )


def _target(output: str, formats: Sequence[str]) -> Target:
    format_, _equals, path = output.partition("=")
    if _is_bare(output):
        _refuse_mistyped(output)
        if len(formats) > 1:
            raise UsageError(
                _("-o {file}: which of the formats?").format(file=safe_line(output)),
                _("for example -o {format}={file}").format(format=formats[-1], file=safe_line(output)),
            )
        format_, path = str(formats[0]) if formats else _by_ending(output), output
    if not path:
        raise UsageError(_("-o names no file"), _("for example -o sarif=review.sarif"))
    return Target(format_, None if path == STDOUT else path)


def _by_ending(path: str) -> str:
    return BY_ENDING.get(Path(path).suffix.lower(), "text")


def clear_the_way(wanted: Sequence[Target], top: Path, *, in_ci: bool) -> None:
    """Before anything is asked: whoever wrote a change may have put something where a report is to go.

    A link there would have the report written elsewhere; a forged report would stand where ours never came to be.
    top: of the repository; what is outside of it nobody's change can reach. Raises UsageError.
    """
    inside = top.resolve()
    for target in wanted:
        if target.path is None:
            continue
        path = Path(os.path.normpath(Path.cwd() / target.path))
        if not path.is_relative_to(inside):
            continue
        if path.parent.resolve() != path.parent or (path.is_symlink() and not in_ci):
            raise UsageError(
                _("-o {file}: a link of the repository leads elsewhere").format(file=safe_line(target.path)),
                _("remove the link, or name a file outside of the repository"),
            )
        if in_ci and (path.is_symlink() or path.is_file()):
            with contextlib.suppress(OSError):  # the writing will tell
                path.unlink()


def put(report: Report, wanted: Sequence[Target], app: App) -> None:
    """Writes every report. Raises LocalError, after all that can be written is."""
    from stackspot_cli.errors import LocalError

    terminal = app.terminal
    trouble: LocalError | None = None
    for target in wanted:
        try:
            _put(report, target, app)
        except LocalError as error:
            trouble = trouble or error
    if not any(target.path is None and target.format in WITH_SUMMARY for target in wanted):
        terminal.note(summary(report))
    _put_summary(report, app)
    if trouble is not None:
        raise trouble


def _put(report: Report, target: Target, app: App) -> None:
    from stackspot_cli.output.file import WholeFile

    terminal = app.terminal
    if target.path is not None:
        with WholeFile(Path(target.path), terminal.note) as file:
            file.write(rendered(report, target.format, app.version))
        return
    text = rendered(
        report,
        target.format,
        app.version,
        to_terminal=terminal.stdout_is_terminal,
        color=terminal.color,
        ascii_only=not terminal.is_unicode,
    )
    if target.format == "github":  # commands of ours, which the log is to obey
        terminal.write_exactly(text)
        terminal.flush()
    else:
        terminal.write(text)
        terminal.finish()


def rendered(
    report: Report,
    format_: str,
    version: str,
    *,
    to_terminal: bool = False,
    color: bool = False,
    ascii_only: bool = False,
) -> str:
    """The report as a text in this format. ascii_only: for a stream that cannot carry every character."""
    shown = safe_text if to_terminal else pipe_text
    match format_:
        case "markdown":
            from stackspot_cli.review.reports.markdown import markdown

            return shown(markdown(report))
        case "json":
            from stackspot_cli.review.reports.json import as_object

            return dumps(as_object(report), ascii_only=ascii_only, indent=2) + "\n"
        case "sarif":
            from stackspot_cli.review.reports import sarif

            return dumps(sarif.as_object(report, version), ascii_only=ascii_only, indent=2) + "\n"
        case "gitlab":
            from stackspot_cli.review.reports.gitlab import as_list

            return dumps(as_list(report), ascii_only=ascii_only, indent=2) + "\n"
        case "github":
            from stackspot_cli.review.reports.github import github

            return shown(github(report))
        case "junit":
            from stackspot_cli.review.reports.junit import junit

            return _in_xml(shown(junit(report)), ascii_only)
        case _:
            from stackspot_cli.review.reports.text import text as as_text

            return as_text(report, shown, color=color)


def _in_xml(text: str, ascii_only: bool) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode() if ascii_only else text


def _put_summary(report: Report, app: App) -> None:
    """Adds to the page of a GitHub job. One that cannot be written costs a note, not the review."""
    path = app.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    text = rendered(report, "markdown", app.version)
    shown = report
    while len(text.encode("utf-8", "replace")) > MOST_SUMMARY_BYTES and shown.findings:
        shown = replace(shown, findings=shown.findings[: len(shown.findings) // 2])
        more = _("findings shown here: {count}; the report has all of them").format(count=len(shown.findings))
        text = rendered(replace(shown, notes=(*report.notes, more)), "markdown", app.version)
    try:
        with Path(path).open("a", encoding="utf-8", errors="replace") as page:
            page.write(text + "\n")
    except OSError as error:
        app.terminal.note(
            joined(": ", (_("the job's summary cannot be written"), error.strerror or str(error)))
        )
