"""The tree: every name leads to a module that is a command."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from dataclasses import fields

import pytest
import typer
from parsing import parse

from stackspot_cli.app import App
from stackspot_cli.cli import parse as parse_for
from stackspot_cli.commands.tree import COMMANDS, RootOptions, Table, build
from stackspot_cli.errors import UsageError
from stackspot_cli.settings.calling import GlobalOptions
from stackspot_cli.terminal.streams import Terminal


def commands(table: Table = COMMANDS, *before: str) -> Iterator[tuple[str, str]]:
    for name, (what, _summary) in table.items():
        if isinstance(what, str):
            yield " ".join((*before, name)), what
        else:
            yield from commands(what, *before, name)


@pytest.mark.parametrize(("words", "module"), list(commands()))
def test_a_command_is_a_module_with_frozen_options_and_a_run(words: str, module: str) -> None:
    command = importlib.import_module(f"stackspot_cli.commands.{module}")
    assert command.Options.__dataclass_params__.frozen
    assert list(inspect.signature(command.run).parameters.values())[1].name == "app"
    assert len(inspect.signature(command.run).parameters) == 2
    assert command.Options.__module__ == command.__name__, "`cli` finds `run` beside the options"


def test_what_stands_before_the_command_is_handed_to_the_app() -> None:
    app = App({}, Terminal.fake())
    line = "--profile p --config c --sandbox -v --debug --no-color models"
    parse_for(line.split(), app)
    assert app.options == RootOptions("p", "c", True, True, True, True)
    assert app.terminal.no_color


def test_every_global_option_can_be_typed() -> None:
    assert [one.name for one in fields(RootOptions)] == [
        *(one.name for one in fields(GlobalOptions)),
        "version",
    ]


@pytest.mark.parametrize("argv", [[], ["history"], ["knowledge"], ["config"], ["--profile", "p"]])
def test_a_group_without_a_command_shows_its_help(argv: list[str]) -> None:
    app = App({}, Terminal.fake())
    with pytest.raises(typer.Exit) as ended:
        parse_for(argv, app)
    assert (ended.value.exit_code, "Commands:" in app.terminal.out) == (0, True)


def test_a_listing_loads_no_command() -> None:
    tree = build()
    assert list(tree.commands) == list(COMMANDS)
    assert all(not command.params for command in tree.commands.values())


def test_an_unknown_command_is_named_with_its_nearest() -> None:
    with pytest.raises(UsageError, match="there is no command modls") as refused:
        parse("modls")
    assert refused.value.hint == "did you mean `stackspot models`?"
