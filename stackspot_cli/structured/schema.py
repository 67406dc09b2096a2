"""A JSON Schema as somebody asked for it: read, checked, and held against values. Drafts 2020-12 and 7.

Knows the library `jsonschema`. Refuses to know files, models, and what becomes of a complaint. Nothing is ever
fetched: a reference leads to a place inside the document, or the schema is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.structured import json_text
from stackspot_cli.structured.complaints import Complaint, complaint_of, complaint_of_schema
from stackspot_cli.structured.patterns import NotAPattern, TooSlow, compile_pattern
from stackspot_cli.structured.short_form import NotASchema, read_short_form
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MOST_COMPLAINTS = 10  # of one value: what a person, or a model, can take in at once
_DRAFTS = ("draft/2020-12", "draft-07")


@dataclass(frozen=True, slots=True)
class Schema:
    """document: the schema itself. many: a list of values that fit it is asked for."""

    document: Mapping[str, Any] | bool
    many: bool
    _validator: Validator

    @property
    def whole(self) -> Any:
        """The schema of the whole answer, to be shown."""
        return {"type": "array", "items": self.document} if self.many else self.document

    def complaints(self, value: Any) -> tuple[Complaint, ...]:
        """What does not fit, by place; none where it fits. Raises NotASchema where the schema never ends."""
        from referencing.exceptions import Unresolvable

        try:
            return tuple(_first(self._errors(value), MOST_COMPLAINTS))
        except RecursionError as error:
            raise NotASchema(_("it refers to itself without end")) from error
        except TooSlow as error:
            raise NotASchema(_("one of its patterns takes too long")) from error
        except Unresolvable as error:
            raise NotASchema(_("one of its references leads to nothing inside it")) from error

    def _errors(self, value: Any) -> Iterator[Complaint]:
        if not self.many:
            yield from map(complaint_of, self._sorted(value))
        elif not isinstance(value, list):
            yield Complaint((), _("it is {what}, and a list was asked for").format(what=json_kind(value)))
        else:
            for place, item in enumerate(value):
                for error in self._sorted(item):
                    yield complaint_of(error, (place,))

    def _sorted(self, value: Any) -> list[Any]:
        return sorted(
            self._validator.iter_errors(value), key=lambda error: [str(step) for step in error.path]
        )


def _first(items: Iterable[Complaint], most: int) -> Iterator[Complaint]:
    for number, item in enumerate(items):
        if number == most:
            return
        yield item


def json_kind(value: Any) -> str:
    """What JSON calls it."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"


def from_text(text: str, *, many: bool = False) -> Schema:
    """JSON, or the short form. Raises NotASchema with the place."""
    if not text.lstrip("\ufeff").lstrip().startswith("{"):
        return from_document(read_short_form(text), many=many)
    try:
        document = json_text.read(text.removeprefix("\ufeff"))
    except json_text.NotJson as error:
        raise NotASchema(_("it is no JSON: {why}").format(why=error)) from error
    return from_document(document, many=many)


def from_document(document: Any, *, many: bool = False) -> Schema:
    """Raises NotASchema with the place."""
    import jsonschema  # deferred: only an answer with a schema needs it
    from jsonschema import validators
    from referencing.jsonschema import EMPTY_REGISTRY

    if not isinstance(document, dict | bool):
        raise NotASchema(_("a schema is an object"))
    kind: Any = validators.Draft7Validator if _is_draft_7(document) else validators.Draft202012Validator
    try:
        kind.check_schema(document)
    except jsonschema.SchemaError as error:
        complaint = complaint_of_schema(error)
        raise NotASchema(
            _("at {place}: {why}").format(place=complaint.place or "/", why=complaint.reason)
        ) from error
    except RecursionError as error:
        raise NotASchema(_("it is nested too deeply")) from error
    keywords = {"pattern": _pattern, "patternProperties": _pattern_properties}  # bounded in time
    bounded: Any = validators.extend(kind, keywords)  # type: ignore[no-untyped-call]  # the stubs leave it out
    validator = bounded(document, registry=EMPTY_REGISTRY)  # which fetches nothing
    _check_inside(document, validator)
    return Schema(document, many, validator)


def _is_draft_7(document: dict[str, Any] | bool) -> bool:
    """By `$schema`, which need not be there. Raises NotASchema for another draft."""
    draft = document.get("$schema") if isinstance(document, dict) else None
    if draft is None:
        return False
    if not isinstance(draft, str) or not any(name in draft for name in _DRAFTS):
        raise NotASchema(
            _("at {place}: JSON Schema 2020-12 and draft 7 are understood, not {draft}").format(
                place="/$schema", draft=json.dumps(draft)
            )
        )
    return _DRAFTS[1] in draft


def _check_inside(document: Any, validator: Validator) -> None:
    """References lead somewhere inside, and patterns are patterns. Raises NotASchema with the place."""
    resolver = validator._resolver  # type: ignore[attr-defined]  # the one that validation itself will use
    for place, key, value, within in _keywords(document, resolver):
        if key in ("$ref", "$dynamicRef") and isinstance(value, str):
            _check_reference(place, value, within)
        elif key == "pattern" and isinstance(value, str):
            _check_pattern(place, value)
        elif key == "patternProperties" and isinstance(value, dict):
            for pattern in value:
                _check_pattern(f"{place}/{pattern}", pattern)


def _check_reference(place: str, reference: str, resolver: Any) -> None:
    from referencing.exceptions import Unresolvable

    try:
        resolver.lookup(reference)
    except (Unresolvable, ValueError) as error:
        raise NotASchema(
            _("at {place}: {reference} leads to nothing inside this schema").format(
                place=place, reference=json.dumps(reference)
            )
        ) from error


def _check_pattern(place: str, pattern: str) -> None:
    try:
        compile_pattern(pattern, by_line=False)
    except NotAPattern as error:
        raise NotASchema(
            _("at {place}: {pattern} is no pattern: {why}").format(
                place=place, pattern=json.dumps(pattern), why=error
            )
        ) from error


def _keywords(document: Any, resolver: Any, place: str = "") -> Iterator[tuple[str, str, Any, Any]]:
    """(place, keyword, its value, what references mean there); what `enum` and the like hold is no schema."""
    from referencing.jsonschema import DRAFT202012

    if isinstance(document, dict):
        if isinstance(document.get("$id"), str) and place:
            resolver = resolver.in_subresource(DRAFT202012.create_resource(document))
        for key, value in document.items():
            yield f"{place}/{key}", key, value, resolver
            if key not in ("enum", "const", "default", "examples"):
                yield from _keywords(value, resolver, f"{place}/{key}")
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from _keywords(value, resolver, f"{place}/{number}")


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(instance, str) and compile_pattern(pattern, by_line=False).line_of(instance) is None:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, properties: Any, instance: Any, _schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    for pattern, subschema in properties.items():
        compiled = compile_pattern(pattern, by_line=False)
        for name, value in instance.items():
            if compiled.line_of(name) is not None:
                yield from validator.descend(value, subschema, path=name, schema_path=pattern)
