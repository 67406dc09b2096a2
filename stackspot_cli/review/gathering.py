"""What is known of a review while it goes on, and what it comes to.

Knows parts and what was said of them. Refuses to know who asks, and what a report looks like.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

from stackspot_cli.errors import AnswerCut, AnswerLacks, StackSpotError
from stackspot_cli.review.change import Change
from stackspot_cli.review.injection import spoken_to
from stackspot_cli.review.looking import Looked
from stackspot_cli.review.parts import Part, Room, TooLong, split
from stackspot_cli.review.placing import Finding, merged, place
from stackspot_cli.review.report import FailOn, NotLookedAt, Report, clean
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

MOST_NAMES = 20  # of files in one note


class Gathering:
    """parts: what is asked about. Add what came of each, in any order; `report` at any time."""

    def __init__(
        self,
        change: Change,
        parts: Sequence[Part],
        too_long: Sequence[TooLong],
        *,
        model: str,
        fail_on: FailOn = "error",
        notes: Sequence[str] = (),
    ) -> None:
        self.parts = tuple(parts)
        self._change = change
        self._too_long = tuple(too_long)
        self._model = model
        self._fail_on = fail_on
        self._notes = tuple(notes)
        self._looked: dict[tuple[str, int], Looked] = {}
        self._of_file = _by_file(self.parts)
        self._ours = {diff.path: [*spoken_to(diff)] for diff in change.files}
        self._interrupted = False

    @classmethod
    def of(
        cls,
        change: Change,
        *,
        room: Room,
        model: str,
        fail_on: FailOn = "error",
        rules_file: str | None = None,
    ) -> Self:
        """rules_file: where the rules are read from, seen from the repository's top."""
        parts: list[Part] = []
        too_long: list[TooLong] = []
        for diff in change.files:
            some, others = split(diff, room)
            parts += some
            too_long += others
        return cls(change, parts, too_long, model=model, fail_on=fail_on, notes=notes_of(change, rules_file))

    def add(self, looked: Looked | None) -> bool:
        """Whether there was something to add."""
        if looked is not None:
            self._looked[looked.part.path, looked.part.number] = looked
        return looked is not None

    def interrupt(self) -> None:
        self._interrupted = True

    @property
    def done(self) -> int:
        """How many parts are."""
        return len(self._looked)

    def of_file(self, path: str) -> tuple[Looked, ...] | None:
        """Everything that was said of a file; None while parts of it are open."""
        parts = self._of_file.get(path, [])
        looked = [self._looked.get((path, part.number)) for part in parts]
        found = tuple(one for one in looked if one is not None)
        return found if len(found) == len(parts) else None

    def count(self, path: str) -> int:
        """How many findings a file has so far."""
        looked = [self._looked.get((path, part.number)) for part in self._of_file.get(path, [])]
        told = [_placed(one) for one in looked if one is not None]
        return len(merged([self._ours.get(path, []), *(_found(one) for one in told)])[0])

    def refusal(self) -> StackSpotError | None:
        """What kept anything from being looked at, where the service never gave an answer at all."""
        errors = [looked.error for looked in self._looked.values()]
        known = [error for error in errors if error and not isinstance(error, AnswerCut | AnswerLacks)]
        return known[0] if known and len(known) == len(errors) and not self._too_long else None

    @property
    def only_too_long(self) -> bool:
        """Whether asking again could look at nothing more."""
        return bool(self._too_long) and all(one.error is None for one in self._looked.values())

    def report(self) -> Report:
        placed = [_placed(looked) for looked in self._in_order()]
        ours = [finding for findings in self._ours.values() for finding in findings]
        findings, doubles = merged([ours, *(_found(one) for one in placed)])
        missing = [*self._missing()]
        without = {one.path for one in missing}
        return Report(
            described=self._change.compared.described,
            model=self._model,
            findings=findings,
            looked_at=tuple(diff.path for diff in self._change.files if diff.path not in without),
            not_looked_at=tuple(missing),
            left_out=self._change.left_out,
            gone=self._change.gone,
            dropped=sum(one.count(None) for one in placed),
            doubles=doubles,
            asked=sum(not looked.remembered for looked in self._looked.values()),
            remembered=sum(looked.remembered for looked in self._looked.values()),
            notes=self._notes,
            fail_on=self._fail_on,
            interrupted=self._interrupted,
        )

    def _in_order(self) -> Iterable[Looked]:
        for part in self.parts:
            looked = self._looked.get((part.path, part.number))
            if looked is not None:
                yield looked

    def _missing(self) -> Iterable[NotLookedAt]:
        why = _("a hunk of it is longer than a part may be")
        yield from (NotLookedAt(one.path, why, one.first, one.last) for one in self._too_long)
        for part in self.parts:
            looked = self._looked.get((part.path, part.number))
            if looked is not None and looked.error is None:
                continue
            told = _("interrupted") if looked is None or looked.error is None else looked.error.message
            yield NotLookedAt(part.path, told, *(_numbers(part) if part.of > 1 else (0, 0)))


def _by_file(parts: Iterable[Part]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for part in parts:
        found.setdefault(part.path, []).append(part)
    return found


def _placed(looked: Looked) -> list[Finding | None]:
    return [place(claim, looked.part) for claim in looked.claims]


def _found(placed: Iterable[Finding | None]) -> list[Finding]:
    return [finding for finding in placed if finding is not None]


def _numbers(part: Part) -> tuple[int, int]:
    numbers = [line.number for line in part.lines if line.number is not None]
    return (numbers[0], numbers[-1]) if numbers else (0, 0)


def notes_of(change: Change, rules_file: str | None = None) -> list[str]:
    """What a reader should know of the change itself."""
    notes = []
    if change.untracked:
        notes.append(
            _("not known to git, so not looked at: {files}; `git add -N` makes them known").format(
                files=_named(change.untracked)
            )
        )
    if change.uncommitted:
        notes.append(_("not committed, so not looked at: {files}").format(files=_named(change.uncommitted)))
    if change.rules_changed:
        notes.append(
            _("the change alters what is left out of reviews: {files}").format(
                files=_named(change.rules_changed)
            )
        )
    if rules_file is not None and rules_file in {diff.path for diff in change.files}:
        notes.append(
            _("the change alters the rules that it was reviewed by: {file}").format(file=clean(rules_file))
        )
    return notes


def _named(paths: Sequence[str]) -> str:
    names = [safe_line(clean(path), 200) for path in paths[:MOST_NAMES]]
    return ", ".join([*names, "…"] if len(paths) > MOST_NAMES else names)
