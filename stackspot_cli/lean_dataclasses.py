"""`dataclasses.dataclass`, of which most is made when it is first asked for: a start makes many, and uses few.

A class has its slots, its comparison and its representation at once. Its `__init__` is compiled when somebody looks at
it, or calls it wrongly or again and again. What `dataclasses.fields`, `replace` and the like look at is made by the
library, when they look: they, a pattern and a type checker see what they always saw. Refuses to know what the values
are for. Before Python 3.13 the library takes 0.8 ms for a frozen class with slots, and one prompt needs fifty of them:
three times what Python itself takes to begin.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

__all__ = ["dataclass", "fields", "replace"]

_Fields: TypeAlias = dict[str, dataclasses.Field[Any]]

FILLED = 8  # calls of a class's `__init__` that are not worth compiling it

_FIELDS, _PARAMS = "__dataclass_fields__", "__dataclass_params__"  # what the library looks at


def lean(*, slots: bool, frozen: bool = False, kw_only: bool = False) -> Callable[[type], Any]:
    """As `dataclasses.dataclass`, for classes with slots alone. Methods that the class has stay."""
    if not slots:
        raise TypeError("a class without slots is the library's affair")

    def made(plain: type) -> Any:
        own = _own_fields(plain, kw_only)
        fields = _inherited(plain) | own
        body = {name: value for name, value in vars(plain).items() if name not in ("__dict__", "__weakref__")}
        body |= {"__doc__": plain.__doc__ or plain.__name__, "__qualname__": plain.__qualname__}
        written = _Written(body, own, frozen, kw_only)
        bases_slots = {slot for base in plain.__mro__[1:-1] for slot in vars(base).get("__slots__", ())}
        written.cls = type(plain)(
            plain.__name__,
            plain.__bases__,
            {
                "__init__": _Init(written, fields),
                "__repr__": _repr(fields),
                "__replace__": _replaced,
                "__lean_fields__": fields,
                "__match_args__": _positional(fields),
                **({} if "__eq__" in body else _comparison(fields, frozen)),
                **{name: value for name, value in body.items() if name not in own},
                **(_frozen(tuple(fields), written) if frozen else {}),
                _FIELDS: _LookedAt(written, _FIELDS),
                _PARAMS: _LookedAt(written, _PARAMS),
                "__slots__": tuple(name for name in own if name not in bases_slots),
            },
        )
        return written.cls

    return made


if TYPE_CHECKING:
    from dataclasses import dataclass, fields, replace
else:
    dataclass = lean

    def fields(of):
        """As the library's, of a class made here: each has its name and default."""
        return tuple(of.__lean_fields__.values())

    def replace(one, /, **changes):
        """As the library's, of a value whose class was made here."""
        return one.__replace__(**changes)


class _Written:
    """A class as it was written, and what was made of it. own: the fields of its own."""

    def __init__(self, body: dict[str, Any], own: _Fields, frozen: bool, kw_only: bool) -> None:
        self._body = body
        self.own = own
        self.frozen = frozen
        self._kw_only = kw_only
        self.cls: Any = None

    def made_by_the_library(self) -> Any:
        """Each time anew, since the library changes what it is given, and two threads may look at once."""
        cls = self.cls
        made: Any = type(cls)(cls.__name__, cls.__bases__, dict(self._body))
        # Frozen only where a base is: the library compares the two, and would compile what nobody needs.
        frozen = self.frozen and any(map(dataclasses.is_dataclass, cls.__bases__))
        by_library = dataclasses.dataclass(
            init=False, repr=False, eq=False, frozen=frozen, kw_only=self._kw_only
        )
        by_library(made)
        made.__dataclass_params__.frozen = self.frozen
        return made


class _LookedAt:
    """Stands where the library keeps what it knows of a class, until somebody looks."""

    def __init__(self, written: _Written, name: str) -> None:
        self.written = written
        self._name = name

    def __get__(self, _instance: object, _owner: type) -> Any:
        made = self.written.made_by_the_library()
        for name in (_FIELDS, _PARAMS):
            setattr(self.written.cls, name, getattr(made, name))
        return getattr(made, self._name)


class _Init:
    """Stands for a class's `__init__`: fills the first few itself, since compiling one costs as much as 30 calls.

    What is not quite right it leaves to the compiled one, which says so.
    """

    def __init__(self, written: _Written, fields: _Fields) -> None:
        self._written = written
        self._fields = fields
        self._positional = _positional(fields)
        self._filled = 0

    def __get__(self, instance: object, owner: type) -> Any:
        if isinstance(instance, self._written.cls):
            return partial(self._fill, instance)
        return self._compiled().__get__(instance, owner)

    def _fill(self, one: Any, /, *values: Any, **named: Any) -> None:
        self._filled += 1
        if self._filled > FILLED or not self._has_filled(one, values, named):
            self._compiled()(one, *values, **named)

    def _has_filled(self, one: Any, values: tuple[Any, ...], named: dict[str, Any]) -> bool:
        given = dict(zip(self._positional, values, strict=False)) | named
        if len(given) != len(values) + len(named) or not given.keys() <= self._fields.keys():
            return False
        for name, field in self._fields.items():
            if name in given and field.init:
                value = given[name]
            elif name in given:
                return False
            elif field.default is not dataclasses.MISSING:
                value = field.default
            elif field.default_factory is not dataclasses.MISSING:
                value = field.default_factory()
            elif field.init:
                return False
            else:
                continue
            object.__setattr__(one, name, value)
        if hasattr(one, "__post_init__"):
            one.__post_init__()
        return True

    def _compiled(self) -> Any:
        cls = self._written.cls
        cls.__init__ = compiled = _compiled_init(cls, self._fields, self._written.frozen)
        return compiled


def _own_fields(plain: type, kw_only: bool) -> _Fields:
    """Annotations are texts, as in every module here. Raises as the library does, ValueError or TypeError."""
    fields: _Fields = {}
    for name, annotation in plain.__annotations__.items():
        if annotation.startswith("ClassVar["):
            continue
        value = vars(plain).get(name, dataclasses.MISSING)
        field = value if isinstance(value, dataclasses.Field) else dataclasses.field(default=value)
        if type(field.default).__hash__ is None:
            raise ValueError(f"the default of {name} can change: use default_factory")
        if field.kw_only is dataclasses.MISSING:
            field.kw_only = kw_only
        field.name = name
        fields[name] = field
    return fields


def _inherited(plain: type) -> _Fields:
    fields: _Fields = {}
    for base in plain.__mro__[:0:-1]:
        known = vars(base).get(_FIELDS, {})
        fields |= known.written.own if isinstance(known, _LookedAt) else known
    return fields


def _positional(fields: _Fields) -> tuple[str, ...]:
    return tuple(name for name, field in fields.items() if field.init and not field.kw_only)


def _compiled_init(cls: type, fields: _Fields, frozen: bool) -> Any:
    """The one function that is compiled: signatures cannot be had otherwise."""
    names: dict[str, Any] = {"_missing": dataclasses.MISSING}
    positional, by_name, body = ["self"], list[str](), list[str]()
    for name, field in fields.items():
        value = name
        names[f"_set_{name}"] = getattr(cls, name).__set__
        default = ""
        if field.default is not dataclasses.MISSING:
            names[f"_default_{name}"], default = field.default, f"=_default_{name}"
        elif field.default_factory is not dataclasses.MISSING:
            names[f"_make_{name}"], default = field.default_factory, "=_missing"
            value = f"_make_{name}() if {name} is _missing else {name}"
        if field.init:
            (by_name if field.kw_only else positional).append(name + default)
        elif default:
            value = f"_make_{name}()" if default == "=_missing" else f"_default_{name}"
        else:
            continue
        body.append(f"_set_{name}(self, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join([*positional, *(["*", *by_name] if by_name else [])])
    made: dict[str, Any] = {}
    exec(f"def __init__({parameters}):\n " + "\n ".join(body or ["pass"]), names, made)  # noqa: S102  # names of fields
    made["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"  # which complaints begin with
    return made["__init__"]


def _replaced(self: Any, /, **changes: Any) -> Any:
    """For `copy.replace` as well."""
    kept = {name: getattr(self, name) for name, field in self.__lean_fields__.items() if field.init}
    return type(self)(**kept | changes)


def _values(names: list[str]) -> Callable[[Any], Any]:
    return attrgetter(*names) if names else lambda _value: ()


def _repr(fields: _Fields) -> Any:
    names = [name for name, field in fields.items() if field.repr]

    def __repr__(self: Any) -> str:  # noqa: N807  # it becomes a method
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({told})"

    return __repr__


def _comparison(fields: _Fields, frozen: bool) -> dict[str, Any]:
    values = _values([name for name, field in fields.items() if field.compare])

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        if other.__class__ is not self.__class__:
            return NotImplemented
        equal: bool = values(self) == values(other)
        return equal

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__ if frozen else None}


def _frozen(names: tuple[str, ...], written: _Written) -> dict[str, Any]:
    """The library's own behaviour: a class that inherits may have attributes, and fields stay as they are."""

    def refuse(self: Any, name: str, what: str) -> None:
        if type(self) is written.cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot {what} field {name!r}")

    def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: N807
        refuse(self, name, "assign to")
        super(written.cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807
        refuse(self, name, "delete")
        super(written.cls, self).__delattr__(name)

    def __getstate__(self: Any) -> list[Any]:  # noqa: N807  # for `copy` and `pickle`, which would set attributes
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: list[Any]) -> None:  # noqa: N807
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {
        "__setattr__": __setattr__,
        "__delattr__": __delattr__,
        "__getstate__": __getstate__,
        "__setstate__": __setstate__,
    }
