"""`dataclasses.dataclass` with one function compiled for a class in place of six: that is what a start is made of.

Knows the library's own dataclasses, which still collect the fields and make the slots: `fields`, `replace`, `match` and
a type checker see what they always saw. Refuses to know what the values are for. Before Python 3.13 the library takes
0.8 ms for a frozen class with slots, and one prompt needs fifty of them: twice what Python itself takes to begin.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]


def lean(*, slots: bool, frozen: bool = False, kw_only: bool = False) -> Callable[[type], Any]:
    """As `dataclasses.dataclass`, for classes with slots alone. Methods that the class has stay."""
    if not slots:
        raise TypeError("a class without slots is the library's affair")

    def made(plain: type) -> Any:
        own = vars(plain).keys()
        plain.__doc__ = plain.__doc__ or plain.__name__  # the library would work out a signature
        inherits = frozen and any(
            map(dataclasses.is_dataclass, plain.__bases__)
        )  # the library compares the two
        cls: Any = dataclasses.dataclass(
            init=False, repr=False, eq=False, frozen=inherits, slots=True, kw_only=kw_only
        )(plain)
        fields = dataclasses.fields(cls)
        members = {"__init__": _init(cls, fields, frozen), "__repr__": _repr(fields)}
        if "__eq__" not in own:
            members |= _comparison(fields, frozen)
        for name, member in members.items():
            if name not in own:
                setattr(cls, name, member)
        if frozen:
            cls.__dataclass_params__.frozen = True  # for whoever asks, and for what inherits
            for name, member in _frozen(cls, fields).items():
                setattr(cls, name, member)
        return cls

    return made


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = lean


def _init(cls: type, fields: tuple[dataclasses.Field[Any], ...], frozen: bool) -> Any:
    """The one function that is compiled: signatures cannot be had otherwise."""
    names: dict[str, Any] = {"_missing": dataclasses.MISSING}
    positional, by_name, body = ["self"], list[str](), list[str]()
    for field in fields:
        name = value = field.name
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


def _values(names: list[str]) -> Callable[[Any], Any]:
    return attrgetter(*names) if names else lambda _value: ()


def _repr(fields: tuple[dataclasses.Field[Any], ...]) -> Any:
    names = [field.name for field in fields if field.repr]

    def __repr__(self: Any) -> str:  # noqa: N807  # it becomes a method
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({told})"

    return __repr__


def _comparison(fields: tuple[dataclasses.Field[Any], ...], frozen: bool) -> dict[str, Any]:
    values = _values([field.name for field in fields if field.compare])

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        if other.__class__ is not self.__class__:
            return NotImplemented
        equal: bool = values(self) == values(other)
        return equal

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": __hash__ if frozen else None}


def _frozen(cls: Any, fields: tuple[dataclasses.Field[Any], ...]) -> dict[str, Any]:
    """The library's own behaviour: a class that inherits may have attributes, and fields stay as they are."""
    names = [field.name for field in fields]

    def refuse(self: Any, name: str, what: str) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot {what} field {name!r}")

    def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: N807
        refuse(self, name, "assign to")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807
        refuse(self, name, "delete")
        super(cls, self).__delattr__(name)

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
