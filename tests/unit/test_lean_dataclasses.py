"""Classes made both ways: here, and by the library."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stackspot_cli.lean_dataclasses import dataclass, fields, lean, replace

Maker = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """For `pickle`, which looks a class up by its name."""

    name: str
    items: tuple[int, ...] = ()


def frozen(make: Maker) -> Any:
    class Value:
        name: str
        count: int = 3
        parts: list[int] = dataclasses.field(default_factory=list, hash=False, compare=False)
        secret: str = dataclasses.field(default="s", repr=False)
        place: str = dataclasses.field(default="", compare=False, kw_only=True)
        kept: list[int] = dataclasses.field(default_factory=list, init=False, compare=False)

        def doubled(self) -> int:
            return self.count * 2

    return make(frozen=True, slots=True)(Value)


def mutable(make: Maker) -> Any:
    class Tally:
        """Counts."""

        count: int = 0
        note: str = dataclasses.field(default="n", init=False)

        def __post_init__(self) -> None:
            self.count += 1

    return make(slots=True)(Tally)


def by_name(make: Maker) -> Any:
    class Options:
        """Only by name."""

        first: int
        second: int = 2

    return make(frozen=True, slots=True, kw_only=True)(Options)


def empty(make: Maker) -> Any:
    class Nothing:
        """No fields."""

    return make(frozen=True, slots=True)(Nothing)


def own(make: Maker) -> Any:
    class Own:
        """Says for itself what it is."""

        name: str

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self))

        def __hash__(self) -> int:
            return 7

    return make(frozen=True, slots=True)(Own)


def inheriting(make: Maker) -> Any:
    class Child(frozen(make)):  # type: ignore[misc]  # whoever made it
        """Has one field more."""

        more: int = 9

    return make(frozen=True, slots=True)(Child)


def told(made: Any, *values: Any, **named: Any) -> Any:
    """What anybody can learn of an instance; of one that could not be made, the error."""
    try:
        one = made(*values, **named)
    except TypeError as error:
        return str(error)
    twin = made(*values, **named)
    return (
        repr(one).replace("<locals>.", ""),
        one == twin,
        one == object(),
        None if made.__hash__ is None else hash(one) == hash(twin),
        dataclasses.asdict(one),
        [
            (field.name, field.default, field.repr, field.kw_only, field.type)
            for field in dataclasses.fields(one)
        ],
        made.__dataclass_params__.frozen,
        copy.copy(one) == copy.deepcopy(one) == one,
        hasattr(one, "__dict__"),
        made.__match_args__,
        str(inspect.signature(made).replace(return_annotation=None)).count(","),
    )


@pytest.mark.parametrize(
    ("shape", "values", "named"),
    [
        (frozen, ("a",), {}),
        (frozen, ("a", 4), {"parts": [1], "secret": "x", "place": "here"}),
        (frozen, (), {}),
        (frozen, ("a",), {"kept": []}),
        (frozen, ("a",), {"unheard_of": 1}),
        (frozen, ("a", 1, [], "s", "by position"), {}),
        (mutable, (), {}),
        (mutable, (5,), {}),
        (by_name, (), {"first": 1}),
        (by_name, (1,), {}),
        (empty, (), {}),
        (own, ("a",), {}),
        (inheriting, ("a",), {"more": 1}),
        (inheriting, ("a",), {"name": "twice"}),
    ],
)
@pytest.mark.parametrize("looked_at", [True, False])
def test_it_is_what_the_library_would_have_made(
    shape: Maker, values: Any, named: Any, *, looked_at: bool
) -> None:
    made = shape(dataclass)
    if looked_at:
        inspect.signature(made)  # and its `__init__` is compiled
    assert told(made, *values, **named) == told(shape(dataclasses.dataclass), *values, **named)


def test_the_first_of_a_class_are_as_all_the_others() -> None:
    made = frozen(dataclass)
    assert len({repr(made("a", number // number)) for number in range(1, 100)}) == 1


def test_a_frozen_one_is_neither_assigned_to_nor_deleted_from() -> None:
    for made in (frozen(dataclass), inheriting(dataclass)):
        one = made("a")
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'name'"):
            one.name = "b"
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'name'"):
            del one.name
        assert one.name == "a"


def test_what_inherits_without_being_one_may_have_attributes() -> None:
    class Child(frozen(dataclass)):  # type: ignore[misc]  # whoever made it
        pass

    one = Child("a")
    one.more = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "b"
    assert (one.more, one.name) == (1, "a")


def test_two_classes_with_the_same_values_are_unlike() -> None:
    assert frozen(dataclass)("a") != frozen(dataclass)("a")


def test_what_was_never_called_is_known_all_the_same() -> None:
    for shape in (frozen, mutable, by_name, empty, own, inheriting):
        made = shape(dataclass)
        assert list(inspect.signature(shape(dataclass)).parameters) == list(
            inspect.signature(shape(dataclasses.dataclass)).parameters
        )
        assert dataclasses.is_dataclass(made)
        assert [one.name for one in dataclasses.fields(made)] == [
            one.name for one in dataclasses.fields(shape(dataclasses.dataclass))
        ]


def test_threads_that_look_at_once_see_the_same() -> None:
    made = frozen(dataclass)
    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(lambda _turn: repr(dataclasses.replace(made("a"), name="b")), range(64)))
    assert set(seen) == {repr(made("b"))}


def test_a_default_that_can_change_is_refused() -> None:
    class Shared:
        """Whose list would be everybody's."""

        parts: list[int] = []  # noqa: RUF012  # it is what is refused

    with pytest.raises(ValueError, match="default_factory"):
        dataclass(frozen=True, slots=True)(Shared)


def test_values_made_by_a_factory_are_nobody_elses() -> None:
    made = frozen(dataclass)
    made("a").parts.append(1)
    assert (made("a").parts, made("a").kept) == ([], [])


def test_one_is_replaced_compared_kept_and_matched() -> None:
    one = Kept("a", (1,))
    assert dataclasses.replace(one, name="b") == Kept("b", (1,))
    assert pickle.loads(pickle.dumps(one)) == one
    assert {one: 1}[Kept("a", (1,))] == 1
    match one:
        case Kept(name, items):
            assert (name, items) == ("a", (1,))


@pytest.mark.parametrize("make", [dataclass, dataclasses.dataclass])
def test_a_subclass_changes_nothing_of_how_the_first_are_made(make: Maker) -> None:
    class Child(frozen(make)):  # type: ignore[misc]  # whoever made it
        after: int = 0

        def __post_init__(self) -> None:
            type(self).after += 1

    for _turn in range(20):
        Child("a")
    assert Child.after == 0


def test_a_method_of_an_instance_is_one_before_and_after() -> None:
    made = frozen(dataclass)
    one = made("a")
    for _turn in range(20):
        assert inspect.ismethod(one.__init__)
        assert list(inspect.signature(one.__init__).parameters) == [
            "name",
            "count",
            "parts",
            "secret",
            "place",
        ]
        made("b")


def test_an_init_that_somebody_puts_there_stays() -> None:
    made = frozen(dataclass)
    made_before, called = vars(made)["__init__"], []

    def counted(self: Any, *values: Any) -> None:
        called.append(values)
        made_before.__get__(self, made)(*values)

    made.__init__ = counted
    assert len({made("a").name for _turn in range(20)}) == 1
    assert (len(called), made.__init__) == (20, counted)


def test_a_dataclass_of_the_librarys_that_inherits_is_copied_whole() -> None:
    @dataclasses.dataclass(frozen=True)
    class Child(frozen(dataclass)):  # type: ignore[misc]  # whoever made it
        extra: int = 7

    one = Child("a", extra=9)
    assert copy.copy(one) == copy.deepcopy(one) == one


def test_a_field_that_is_needed_comes_before_those_that_are_not() -> None:
    class Disorder:
        """Cannot be called."""

        first: int = 0
        second: str

    for make in (dataclass, dataclasses.dataclass):
        with pytest.raises(TypeError, match="non-default argument 'second' follows default argument"):
            make(frozen=True, slots=True)(Disorder)


def test_our_own_replace_and_fields_are_the_librarys() -> None:
    one = frozen(dataclass)("a", 4, parts=[1], secret="x", place="here")
    assert replace(one, count=5) == dataclasses.replace(one, count=5)
    assert replace(one, count=5).kept is not one.kept
    for change in ({"unheard_of": 1}, {"kept": [1]}):
        with pytest.raises((TypeError, ValueError)):
            replace(one, **change)
    assert [(field.name, field.default) for field in fields(one)] == [
        (field.name, field.default) for field in dataclasses.fields(one)
    ]


def test_without_slots_it_is_the_librarys_affair() -> None:
    with pytest.raises(TypeError, match="without slots"):
        lean(slots=False)
