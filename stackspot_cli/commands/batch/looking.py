"""All lines of IN looked at before anything is sent, and the ones that are to be asked, one by one afterwards.

Knows which lines are bad and how that is told. Refuses to know threads and OUT.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator
from dataclasses import field

from stackspot_cli.batch import lines
from stackspot_cli.batch.ids import Id, Ids, digest
from stackspot_cli.batch.questions import Asking, Wish, asking
from stackspot_cli.batch.source import LINE_BYTES, RawLine, Source
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

MOST_TOLD = 10  # bad lines; whoever has more has one reason for them all


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that could be asked when all of them were looked at, and cannot any more."""

    id: Id
    error: UsageError


@dataclass(slots=True)
class Seen:
    """What is known of IN. digests: of the ids of all good lines, in IN's order. bad: the numbers of the others."""

    digests: array[int] = field(default_factory=lambda: array("Q"))
    bad: set[int] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)

    def refuse(self, number: int, why: str) -> None:
        self.bad.add(number)
        if len(self.told) < MOST_TOLD:
            self.told.append(_("line {number}: {why}").format(number=number, why=why))


class Prompts:
    """IN with what is wished of its lines. parameters: of the template, None without one."""

    def __init__(self, source: Source, wish: Wish, parameters: Collection[str] | None) -> None:
        self._source = source
        self._wish = wish
        self._parameters = parameters

    def look(self) -> Seen:
        """At every line: whether it could be sent as it stands."""
        seen, ids = Seen(), Ids()
        for raw in self._source.lines():
            try:
                line = self._line(raw)
                asking(line, self._wish)
            except UsageError as error:
                seen.refuse(raw.number, error.message)
                continue
            seen.unknown.update(dict.fromkeys(line.unknown))
            seen.digests.append(digest(line.id))
            ids.add(seen.digests[-1])
        repeated = set(ids.repeated())
        if repeated:
            self._refuse_repeated(seen, repeated)
        return seen

    def _refuse_repeated(self, seen: Seen, repeated: set[int]) -> None:
        first: dict[int, int] = {}
        kept: array[int] = array("Q")
        good = iter(seen.digests)
        for raw in self._source.lines():
            if raw.number in seen.bad:
                continue
            one = next(good)
            if one in first:
                shown = safe_line(str(self._line(raw).id), 60)
                seen.refuse(
                    raw.number,
                    _("the id {id} is that of line {other} already").format(id=shown, other=first[one]),
                )
                continue
            if one in repeated:
                first[one] = raw.number
            kept.append(one)
        seen.digests = kept

    def unanswered(self, seen: Seen, answered: Collection[int] | Ids) -> Iterator[Asking | Refused]:
        """Those that are to be asked."""
        for raw in self._source.lines():
            if raw.number in seen.bad:
                continue
            line = self._line(raw)
            if digest(line.id) in answered:
                continue
            try:
                yield asking(line, self._wish)
            except UsageError as error:  # a file that is gone, or has grown
                yield Refused(line.id, error)

    def _line(self, raw: RawLine) -> lines.Line:
        if raw.data is None:
            raise UsageError(_("it is longer than {limit} bytes").format(limit=LINE_BYTES))
        return lines.read(raw.data, raw.number, self._parameters)


def tell_bad(seen: Seen, name: str, note: Callable[[str], None], *, skip: bool) -> None:
    """Names the bad lines. Raises UsageError for them, unless they are to be left out."""
    more = len(seen.bad) - len(seen.told)
    if skip:
        for told in seen.told:
            note(_("left out, {what}").format(what=told))
        if more:
            note(_("left out, {count} more").format(count=more))
        return
    first, *others = seen.told
    for told in others:
        note(told)
    if more:
        note(_("{count} more lines are bad").format(count=more))
    raise UsageError(
        _("{name}, {what}").format(name=name, what=first),
        _("nothing was sent; correct it, or leave such lines out with --skip-bad"),
    )
