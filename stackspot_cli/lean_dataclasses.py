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
from operator import attrgetter
from types import MethodType
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
        shape = _Shape(plain, frozen, kw_only)
        body = {name: value for name, value in vars(plain).items() if name not in shape.replaced}
        held = {slot for base in plain.__mro__[1:-1] for slot in vars(base).get("__slots__", ())}
        shape.cls = type(plain)(
            plain.__name__,
            plain.__bases__,
            {
                **({} if "__eq__" in body else {"__eq__": _equal, "__hash__": _hash if frozen else None}),
                "__repr__": _repr,
                "__init__": _Init(shape),
                "__doc__": plain.__name__,  # the library would work out a signature
                **body,
                **(_FROZEN if frozen else {}),
                "__lean__": shape,
                "__replace__": _replaced,
                "__match_args__": shape.positional,
                _FIELDS: _LookedAt(shape, _FIELDS),
                _PARAMS: _LookedAt(shape, _PARAMS),
                "__qualname__": plain.__qualname__,
                "__slots__": tuple(name for name in shape.own if name not in held),
            },
        )
        return shape.cls

    return made


if TYPE_CHECKING:
    from dataclasses import dataclass, fields, replace
else:
    dataclass = lean

    def fields(of):
        """As the library's, of a class made here: each has its name and default."""
        return tuple(of.__lean__.fields.values())

    def replace(one, /, **changes):
        """As the library's, of a value whose class was made here."""
        return one.__replace__(**changes)


class _Shape:
    """What is known of a class. own: its own fields; fields: with those that it inherits, by name.

    cls: the class that was made. replaced: names that the plain one has, and it has not, or otherwise.
    """

    __slots__ = ("cls", "fields", "frozen", "kw_only", "own", "positional", "replaced", "values")

    def __init__(self, plain: type, frozen: bool, kw_only: bool) -> None:
        self.cls: Any = None
        self.frozen = frozen
        self.kw_only = kw_only
        self.own = _own_fields(plain, kw_only)
        self.fields: _Fields = {}
        for base in plain.__mro__[:0:-1]:
            shape = vars(base).get("__lean__")
            self.fields |= shape.own if shape is not None else vars(base).get(_FIELDS, {})
        self.fields |= self.own
        positional = [field for field in self.fields.values() if field.init and not field.kw_only]
        self.positional = tuple(field.name for field in positional)
        _refuse_disorder(positional)
        compared = [name for name, field in self.fields.items() if field.compare]
        self.values: Callable[[Any], Any] = attrgetter(*compared) if compared else _nothing
        self.replaced = {"__dict__", "__weakref__", *self.own, *(() if plain.__doc__ else ("__doc__",))}

    def made_by_the_library(self) -> Any:
        """Each time anew, since the library changes what it is given, and two threads may look at once."""
        cls = self.cls
        said = {name: vars(cls)[name] for name in _SAID if name in vars(cls)}
        made: Any = type(cls)(cls.__name__, cls.__bases__, {**said, **self.own})
        # Frozen only where a base is: the library compares the two, and would compile what nobody needs.
        frozen = self.frozen and any(map(dataclasses.is_dataclass, cls.__bases__))
        by_library = dataclasses.dataclass(
            init=False, repr=False, eq=False, frozen=frozen, kw_only=self.kw_only
        )
        by_library(made)
        made.__dataclass_params__.frozen = self.frozen
        if hasattr(made.__dataclass_params__, "slots"):  # from Python 3.12 on
            made.__dataclass_params__.slots = True
        return made


_SAID = ("__annotations__", "__doc__", "__module__", "__orig_bases__")  # what the library goes by


class _LookedAt:
    """Stands where the library keeps what it knows of a class, until somebody looks."""

    __slots__ = ("_name", "_shape")

    def __init__(self, shape: _Shape, name: str) -> None:
        self._shape = shape
        self._name = name

    def __get__(self, _instance: object, _owner: type) -> Any:
        made = self._shape.made_by_the_library()
        for name in (_FIELDS, _PARAMS):
            setattr(self._shape.cls, name, getattr(made, name))
        return getattr(made, self._name)


class _Init:
    """Stands for a class's `__init__`: fills the first few itself, since compiling one costs as much as 30 calls.

    What is not quite right it leaves to the compiled one, which says so.
    """

    __name__ = "__init__"

    def __init__(self, shape: _Shape) -> None:
        self._shape = shape
        self._filled = 0

    def __get__(self, instance: object, owner: type) -> Any:
        if isinstance(instance, self._shape.cls):
            return MethodType(self, instance)
        return self._compiled().__get__(instance, owner)

    def __call__(self, one: Any, /, *values: Any, **named: Any) -> None:
        self._filled += 1
        if self._filled > FILLED or not self._has_filled(one, values, named):
            self._compiled()(one, *values, **named)

    @property
    def __signature__(self) -> Any:
        """For `inspect.signature`."""
        import inspect

        return inspect.signature(self._compiled())

    def _has_filled(self, one: Any, values: tuple[Any, ...], named: dict[str, Any]) -> bool:
        shape = self._shape
        given = dict(zip(shape.positional, values, strict=False)) | named
        if len(given) != len(values) + len(named) or not given.keys() <= shape.fields.keys():
            return False
        for name, field in shape.fields.items():
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
            if shape.frozen:
                getattr(shape.cls, name).__set__(one, value)
            else:
                setattr(one, name, value)
        if hasattr(shape.cls, "__post_init__"):
            one.__post_init__()
        return True

    def _compiled(self) -> Any:
        shape = self._shape
        compiled = _compiled_init(shape.cls, shape.fields, shape.frozen)
        if vars(shape.cls)["__init__"] is self:  # nobody has put another one there
            shape.cls.__init__ = compiled
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


def _refuse_disorder(positional: list[dataclasses.Field[Any]]) -> None:
    needed = [field.default is field.default_factory is dataclasses.MISSING for field in positional]
    for before, field, is_needed in zip(needed, positional[1:], needed[1:], strict=False):
        if is_needed and not before:
            raise TypeError(f"non-default argument {field.name!r} follows default argument")


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


# --- what all the classes have ---------------------------------------------------------------------------


def _nothing(_one: Any) -> tuple[()]:
    return ()


def _replaced(self: Any, /, **changes: Any) -> Any:
    """For `copy.replace` as well."""
    kept = {name: getattr(self, name) for name, field in self.__lean__.fields.items() if field.init}
    return type(self)(**kept | changes)


def _repr(self: Any) -> str:
    shown = [name for name, field in self.__lean__.fields.items() if field.repr]
    told = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{type(self).__qualname__}({told})"


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    values = self.__lean__.values
    return values(self) == values(other)


def _hash(self: Any) -> int:
    return hash(self.__lean__.values(self))


def _refuse(self: Any, name: str, what: str) -> None:
    """The library's own behaviour: a class that inherits may have attributes, and fields stay as they are."""
    if type(self) is self.__lean__.cls or name in self.__lean__.fields:
        raise dataclasses.FrozenInstanceError(f"cannot {what} field {name!r}")


def _set(self: Any, name: str, value: object) -> None:
    _refuse(self, name, "assign to")
    object.__setattr__(self, name, value)


def _delete(self: Any, name: str) -> None:
    _refuse(self, name, "delete")
    object.__delattr__(self, name)


def _state(self: Any) -> list[Any]:
    """For `copy` and `pickle`, which would set attributes."""
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _take_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


_FROZEN = {"__setattr__": _set, "__delattr__": _delete, "__getstate__": _state, "__setstate__": _take_state}
