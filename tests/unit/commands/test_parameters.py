"""A dataclass is read by Typer as a command's options."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from inspect import Parameter
from typing import Annotated

import pytest
import typer

from stackspot_cli.commands.parameters import Spread, parameters, reader
from stackspot_cli.lean_dataclasses import dataclass


class Colour(StrEnum):
    red = "red"
    blue = "blue"


@dataclass(frozen=True, slots=True)
class Place:
    """A dataclass that knows nothing of Typer."""

    shelf: int = 0
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    name: Annotated[str, typer.Argument()]
    others: Annotated[tuple[str, ...], typer.Argument()] = ()
    count: Annotated[int | None, typer.Option("-n")] = None
    words: Annotated[tuple[str, ...], typer.Option("-w")] = ()
    place: Annotated[Place, Spread(shelf=typer.Option("--shelf"), labels=typer.Option("--label"))] = (
        Place()
    )  # frozen
    colour: Annotated[Colour, typer.Option("--colour")] = Colour.red
    no_lid: Annotated[bool, typer.Option("--no-lid")] = False


def read(*argv: str) -> object:
    tree = typer.Typer(add_completion=False)
    tree.command("x")(reader(Options))
    command = typer.main.get_command(tree)
    with command.make_context("x", list(argv)) as context:
        return command.invoke(context)


@pytest.mark.parametrize(
    ("argv", "options"),
    [
        (["a"], Options("a")),
        (["a", "b", "c"], Options("a", ("b", "c"))),
        (["a", "-n", "3", "--no-lid"], Options("a", count=3, no_lid=True)),
        (["a", "-w", "x", "-w", "y"], Options("a", words=("x", "y"))),
        (["a", "--shelf", "2"], Options("a", place=Place(2))),
        (["a", "--label", "l", "--label", "m"], Options("a", place=Place(labels=("l", "m")))),
        (["a", "--colour", "blue"], Options("a", colour=Colour.blue)),
    ],
)
def test_argv_becomes_the_dataclass(argv: Sequence[str], options: Options) -> None:
    assert read(*argv) == options


def test_the_order_is_the_fields_with_a_dataclass_within_in_its_place() -> None:
    assert [one.name for one in parameters(Options)] == [
        "name", "others", "count", "words", "shelf", "labels", "colour", "no_lid",
    ]  # fmt: skip


def test_a_field_without_a_default_is_required() -> None:
    @dataclass(frozen=True, slots=True)
    class Required:
        files: Annotated[tuple[str, ...], typer.Argument()]

    (files,) = parameters(Required)
    assert files.default is Parameter.empty
    with pytest.raises(typer.TyperException, match="Missing parameter: name"):
        read()
