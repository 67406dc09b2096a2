"""`stackspot review`: findings about a change, for people and for pipelines.

Knows in what order things happen: the change, its parts, the questions, the reports. Refuses to know git, formats
and prompts: see the room `review`.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.errors import AnswerCut, ExitCode, StackSpotError, Terminated, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stackspot_cli.commands.review.rules import House
    from stackspot_cli.model import Model
    from stackspot_cli.review.change import Change
    from stackspot_cli.review.choice import Wanted
    from stackspot_cli.review.gathering import Gathering
    from stackspot_cli.review.git import Git
    from stackspot_cli.review.parts import Part
    from stackspot_cli.review.report import Report

HELP = _(
    "Findings about a change, for people and for pipelines.\n\n"
    "Without a choice: what the upstream branch does not have, else what is not committed; in GitHub Actions, GitLab "
    "CI, Azure Pipelines and Jenkins the change of the pull or merge request. Files that .reviewignore names, binary, "
    "lock and generated files are left out.\n\n"
    "Ends with 0 where nothing is wrong, 10 where a finding is at or above --fail-on, 7 where a part could not be "
    "looked at."
)
MOST_JOBS = 64
LEAST_TOKENS = 1_000  # whatever the rules


class Format(StrEnum):
    """What a report can be written as."""

    text = "text"
    markdown = "markdown"
    json = "json"
    sarif = "sarif"
    gitlab = "gitlab"
    github = "github"
    junit = "junit"


class FailOn(StrEnum):
    """From which severity on a finding fails the call."""

    error = "error"
    warning = "warning"
    never = "never"


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `review`, as it was typed."""

    paths: Annotated[
        tuple[str, ...],
        typer.Argument(metavar="PATH…", help=_("Look at these files and folders as they are.")),
    ] = ()
    base: Annotated[
        str | None, typer.Option("--base", metavar="REV", help=_("What HEAD has and this commit does not."))
    ] = None
    staged: Annotated[bool, typer.Option("--staged", help=_("What is staged."))] = False
    commit: Annotated[str | None, typer.Option("--commit", metavar="REV", help=_("This one commit."))] = None
    model: shared_options.Model = None
    template: shared_options.Template = None
    rules: Annotated[
        str | None, typer.Option("--rules", metavar="FILE", help=_("Review by the rules in this file."))
    ] = None
    formats: Annotated[
        tuple[Format, ...],
        typer.Option("--format", help=_("Default: text. Repeatable, with -o FORMAT=FILE.")),
    ] = ()
    outputs: Annotated[
        tuple[str, ...],
        typer.Option(
            "-o", "--output", metavar="[FORMAT=]FILE", help=_("Write a report to this file; repeatable.")
        ),
    ] = ()
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help=_("From which severity on a finding ends with exit code 10."))
    ] = FailOn.error
    jobs: Annotated[int, typer.Option("--jobs", metavar="N", help=_("Parts asked about at once."))] = 4
    max_tokens_per_part: Annotated[
        int | None,
        typer.Option("--max-tokens-per-part", metavar="N", help=_("Longest prompt; default by the model.")),
    ] = None
    fresh: Annotated[
        bool, typer.Option("--fresh", help=_("Ask again, also about what was looked at before."))
    ] = False
    no_history: shared_options.NoHistory = False
    timeout: shared_options.Timeout = None
    deadline: shared_options.Deadline = None
    retries: shared_options.Retries = None


def run(options: Options, app: App) -> ExitCode:
    """Raises StackSpotError."""
    from stackspot_cli.commands.review import outputs, rules
    from stackspot_cli.review.git import repository
    from stackspot_cli.settings.settings import Overrides

    began = app.now()
    wanted = check(options)
    targets = outputs.targets(options.formats, options.outputs)
    app.override(
        Overrides(
            timeout=options.timeout,
            deadline=options.deadline,
            retries=options.retries,
            history=False if options.no_history else None,
        )
    )
    ends = app.ends(began)
    git, top = repository(Path.cwd(), app.environ)
    outputs.clear_the_way(targets, top, in_ci=app.terminal.is_build_log)
    change = read_change(app, git, top, wanted)
    house = rules.house(options.template, options.rules, app)
    model = rules.model_to_ask(app, options.model, house)
    gathering = gather(options, change, house, model, top)
    stopped: BaseException | None = None
    try:
        look_at_all(options, app, gathering, house, model, ends)
    except (KeyboardInterrupt, Terminated) as signal:  # what was found so far is worth having
        gathering.interrupt()
        stopped = signal
    report = gathering.report()
    outputs.put(report, targets, app)
    if stopped is not None:
        raise stopped
    return verdict(report, gathering)


def check(options: Options) -> Wanted:
    """Which change; refuses what contradicts itself, before anything is read."""
    from stackspot_cli.review.choice import Wanted

    said = [
        name
        for name, given in (
            ("--base", options.base is not None),
            ("--staged", options.staged),
            ("--commit", options.commit is not None),
            ("PATH…", bool(options.paths)),
        )
        if given
    ]
    if len(said) > 1:
        raise UsageError(
            _("{options} exclude one another").format(options=", ".join(said)),
            _("choose one; patterns in .reviewignore leave files of a change out"),
        )
    if options.template is not None and options.rules is not None:
        raise UsageError(_("-T and --rules exclude one another"), _("choose one"))
    if not 1 <= options.jobs <= MOST_JOBS:
        raise UsageError(
            _("--jobs is a whole number from 1 to {most}").format(most=MOST_JOBS), _("for example --jobs 4")
        )
    return Wanted(options.base, options.staged, options.commit, options.paths)


def read_change(app: App, git: Git, top: Path, wanted: Wanted) -> Change:
    """What git says."""
    from stackspot_cli.review.choice import choose
    from stackspot_cli.review.files import read

    compared = choose(wanted, git, app.environ)
    app.listener.step(_("the change: {described}").format(described=compared.described))
    if app.terminal.is_build_log and compared.side == "files" and not wanted.paths:
        app.terminal.note(
            _("this build does not tell what it builds; --base REV names it, else it is {described}").format(
                described=compared.described
            )
        )
    return read(git, top, compared, wanted.paths)


def gather(options: Options, change: Change, house: House, model: Model, top: Path) -> Gathering:
    """The parts of the change, and what is known before anybody was asked."""
    from stackspot_cli.review.gathering import Gathering
    from stackspot_cli.review.tokens import room_of

    tokens = options.max_tokens_per_part
    if tokens is not None and not LEAST_TOKENS <= tokens <= model.max_input_tokens:
        raise UsageError(
            _("--max-tokens-per-part is a whole number from {least} to {most}").format(
                least=LEAST_TOKENS, most=model.max_input_tokens
            ),
            _("`stackspot models {name}` shows its limits").format(name=model.name),
        )
    return Gathering.of(
        change,
        room=room_of(house.text, tokens, model),
        model=model.name,
        fail_on=options.fail_on.value,
        rules_file=house.within(top),
    )


def look_at_all(
    options: Options, app: App, gathering: Gathering, house: House, model: Model, ends: float | None
) -> None:
    """Asks about each part, unless it was asked about before."""
    from contextlib import closing

    from stackspot_cli.commands.review.asking import Reviewer
    from stackspot_cli.commands.review.drawing import drawn
    from stackspot_cli.review.looking import Looking

    parts: Sequence[Part] = gathering.parts
    if not parts:
        return
    reviewer = Reviewer(app, model, house, fresh=options.fresh, ends=ends)
    asked = [part for part in parts if not gathering.add(reviewer.recalled(part))]
    if asked and not signed_in(app, gathering, asked):
        return
    with drawn(app, gathering) as line:
        looking = Looking(asked, reviewer.look, options.jobs)
        reviewer.check = looking.check
        try:
            with closing(looking.each(line.tick)) as each:
                for looked in each:
                    gathering.add(looked)
                    line.done(looked.part.path)
        finally:  # an answer that came is never lost to whatever ended the waiting
            for looked in looking.finished:
                gathering.add(looked)
    reviewer.close()


def signed_in(app: App, gathering: Gathering, asked: Sequence[Part]) -> bool:
    """Whether anybody can be asked. Raises StackSpotError where nothing is remembered either."""
    from stackspot_cli.review.looking import Looked

    try:
        app.client.sign_in()
    except StackSpotError as error:
        if not gathering.done:
            raise
        for part in asked:
            gathering.add(Looked(part, error=error))
        return False
    return True


def verdict(report: Report, gathering: Gathering) -> ExitCode:
    """Raises what kept all of it from happening, and AnswerCut where a part was not looked at."""
    from stackspot_cli.review.report import shown

    refusal = gathering.refusal()
    if refusal is not None:
        raise refusal
    if report.not_looked_at:
        names = dict.fromkeys(map(shown, report.not_looked_at))
        hint = (
            _("name it in .reviewignore, or choose a model with a larger input limit")
            if gathering.only_too_long
            else _("run it again: what was looked at is remembered and not asked about twice")
        )
        raise AnswerCut(
            _("not everything was looked at: {files}").format(files=", ".join(map(safe_line, names))), hint
        )
    return ExitCode.FINDINGS if report.fails else ExitCode.OK
