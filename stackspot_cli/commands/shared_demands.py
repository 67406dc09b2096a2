"""What several commands ask of an answer besides: a schema that it fits, patterns that it holds or does not.

Everything that is wrong with them is told before anything is sent. Errors are UsageError.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackspot_cli.errors import UsageError
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.output.present import Demand
    from stackspot_cli.structured.schema import Schema


def check_schema(*, one: object, many: object, extract: bool) -> None:
    """Refuses options that exclude one another."""
    if one is not None and many is not None:
        raise UsageError(_("--schema and --schema-multi exclude one another"), _("choose one"))
    if extract and (one is not None or many is not None):
        raise UsageError(
            _("-x and --schema exclude one another"),
            _("leave -x out: the value is taken out of whatever stands around it"),
        )


def schema_asked(one: Any, many: str | None, read_file: Callable[[Path], str]) -> Schema | None:
    """The schema of `--schema` or `--schema-multi`; None where neither was given.

    one, many: a file's name, JSON, or the short form; one may be a JSON Schema as Python has it. read_file: the text
    of a file, or UsageError.
    """
    given = one if many is None else many
    if given is None:
        return None
    from stackspot_cli.structured import schema  # deferred, with its library: few answers are held to one
    from stackspot_cli.structured.asking import not_a_schema
    from stackspot_cli.structured.short_form import NotASchema

    try:
        if not isinstance(given, str):
            return schema.from_document(given)
        text = read_file(Path(given)) if is_file_name(given) else given
        return schema.from_text(text, many=many is not None)
    except NotASchema as error:
        raise not_a_schema(error) from error


def is_file_name(given: str) -> bool:
    """JSON begins with a brace; the short form has no path's separator, and may have several lines."""
    if given.lstrip().startswith("{") or "\n" in given:
        return False
    return given.endswith(".json") or "/" in given or os.sep in given


def demands(fail_if: Sequence[str], fail_unless: Sequence[str]) -> tuple[Demand, ...]:
    """Each pattern, ready to be held against a whole answer. None was given: nothing is loaded."""
    if not (fail_if or fail_unless):
        return ()
    from stackspot_cli.structured import verdicts

    made: list[Demand] = []
    for option, texts, verdict in (
        ("--fail-if", fail_if, verdicts.found_in),
        ("--fail-unless", fail_unless, verdicts.missing_in),
    ):
        for text in texts:
            pattern = _pattern(option, text)
            made.append(lambda answer, pattern=pattern, verdict=verdict: verdict(pattern, answer.text))  # type: ignore[misc]  # bound now
    return tuple(made)


def _pattern(option: str, text: str) -> Any:
    from stackspot_cli.safe_text import safe_line
    from stackspot_cli.structured.patterns import NotAPattern, compile_pattern

    try:
        return compile_pattern(text, by_line=True)
    except NotAPattern as error:
        raise UsageError(
            _("{option}: {pattern} is no regular expression: {why}").format(
                option=option, pattern=repr(safe_line(text)), why=error
            ),
            _("a point, a bracket or a star that is meant as itself takes a backslash before it"),
        ) from error
