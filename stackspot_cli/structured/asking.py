"""An answer of a schema: asked for, taken out, and asked for once more where it does not fit.

Pure but for whoever is called. Refuses to know how a question travels and where the value goes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeAlias

from stackspot_cli.errors import AnswerUnfit, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.structured.complaints import Complaint
from stackspot_cli.structured.fitting import Unfit, fit, request_for_repair
from stackspot_cli.structured.json_text import Found
from stackspot_cli.structured.schema import Schema
from stackspot_cli.structured.short_form import NotASchema
from stackspot_cli.translation import _, joined

Ask: TypeAlias = Callable[[str], str]
"""What is to be said besides the prompt: "" at first, later what is wrong. Gives the whole answer's text."""


@dataclass(frozen=True, slots=True)
class Value:
    """The value, as it was written and as Python reads it, and how often it had to be asked for once more."""

    found: Found
    repairs: int


def ask_for_value(ask: Ask, schema: Schema, *, may_repair: bool = True) -> Value:
    """Raises AnswerUnfit where nothing fits, UsageError where the schema cannot be held against a value."""
    asked = asking(schema, may_repair=may_repair)
    words = next(asked)
    while True:
        try:
            words = asked.send(ask(words))
        except StopIteration as end:
            value: Value = end.value
            return value


def asking(schema: Schema, *, may_repair: bool = True) -> Generator[str, str, Value]:
    """The same for who cannot wait inside a call: gives what is to be said, takes the answer's text."""
    answer = yield ""
    fitting = _fit(answer, schema)
    repairs = 0
    if isinstance(fitting, Unfit) and may_repair:
        repairs = 1
        answer = yield request_for_repair(schema, fitting.complaints)
        fitting = _fit(answer, schema)
    if isinstance(fitting, Unfit):
        raise unfit(fitting.complaints, answer)
    return Value(fitting, repairs)


def unfit(complaints: tuple[Complaint, ...], answer: str) -> AnswerUnfit:
    error = AnswerUnfit(
        _("the answer does not fit the schema: {complaints}").format(
            complaints=joined("; ", [complaint.sentence for complaint in complaints])
        ),
        _("ask for less, say in the prompt what the fields mean, or make the schema wider"),
    )
    error.answer = answer
    return error


def _fit(answer: str, schema: Schema) -> Found | Unfit:
    try:
        return fit(answer, schema)
    except NotASchema as error:
        raise not_a_schema(error) from error


def not_a_schema(error: NotASchema) -> UsageError:
    return UsageError(
        _("the schema cannot be used: {why}").format(why=error.args[0]),
        _("a schema is a file, JSON, or the short form: --schema 'name, line int, why: the reason'"),
    )
