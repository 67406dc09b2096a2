"""A command's frozen `Options` as Typer reads it: each field is an argument or an option.

    @dataclass(frozen=True, slots=True)
    class Options:
        slug: Annotated[str | None, typer.Argument(metavar="SLUG", help=…)] = None
        uploads: Annotated[tuple[str, ...], typer.Option("--upload", help=…)] = ()
        agent: Annotated[AgentOptions, Spread(agent_version=typer.Option(…), …)] = AgentOptions()

Adds what Typer does not know: a tuple may be said again and again, and a dataclass within is spread over options of
its own. Refuses to know any command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import MISSING
from functools import cache
from inspect import Parameter, Signature
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from stackspot_cli.lean_dataclasses import fields

T = TypeVar("T")


class Spread:
    """Stands beside a dataclass within, and says the option of each of its fields."""

    def __init__(self, **options: Any) -> None:
        self.options = options


def reader(options: type[T]) -> Callable[..., T]:
    """What Typer takes for the function of a command: its parameters are the fields, its result the dataclass."""
    read = _fields(options)  # type: ignore[arg-type]  # a class can be hashed

    def read_options(**typed: Any) -> T:
        return _made(options, read, typed)

    read_options.__signature__ = Signature(list(_parameters(read)))  # type: ignore[attr-defined]  # PEP 362
    return read_options


def hidden(found: Iterable[Parameter], *, beside: Iterable[Parameter]) -> Iterator[Parameter]:
    """The same options, which no help page and no TAB shows, but for those whose names are taken."""
    taken = {name for one in beside for name in _names(one)}
    for one in found:
        if taken.isdisjoint(_names(one)):
            kind, words = get_args(one.annotation)
            words = copy(words)
            words.hidden = True
            yield one.replace(annotation=Annotated[kind, words])


def _names(one: Parameter) -> list[str]:
    """The field's, and the option's as they are typed: Typer keeps the first of these as if it were a default."""
    words = get_args(one.annotation)[1]
    return [
        one.name,
        *(name for name in (words.default, *(words.param_decls or ())) if isinstance(name, str)),
    ]


def parameters(options: type) -> Iterator[Parameter]:
    """The parameters alone."""
    return _parameters(_fields(options))


@cache  # each hint is a text that has to be compiled
def _fields(options: type, spread: Spread | None = None) -> tuple[tuple[str, Any, Any, Any], ...]:
    """Name, type, Typer's words (or a `Spread`) and default of each field; `Parameter.empty` is no default."""
    hints = get_type_hints(options, include_extras=True)
    read = []
    for field in fields(options):
        hint = hints[field.name]
        kind, words = (hint, spread.options[field.name]) if spread else get_args(hint)
        read.append((field.name, kind, words, Parameter.empty if field.default is MISSING else field.default))
    return tuple(read)


def _parameters(read: Iterable[tuple[str, Any, Any, Any]]) -> Iterator[Parameter]:
    for name, kind, words, default in read:
        if isinstance(words, Spread):
            yield from _parameters(_fields(kind, words))
            continue
        if get_origin(kind) is tuple:  # a list is Typer's own word for it; None is a list that is empty
            kind = list[get_args(kind)[0]]  # type: ignore[misc]  # a type made at run time
            kind, default = (kind, default) if default is Parameter.empty else (kind | None, None)
        annotation = Annotated[kind, words]  # type: ignore[valid-type]
        yield Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _made(options: type[T], read: Iterable[tuple[str, Any, Any, Any]], typed: Mapping[str, Any]) -> T:
    values = {}
    for name, kind, words, _default in read:
        if isinstance(words, Spread):
            values[name] = _made(kind, _fields(kind, words), typed)
        elif get_origin(kind) is tuple:
            values[name] = tuple(typed[name] or ())
        else:
            values[name] = typed[name]
    return options(**values)
