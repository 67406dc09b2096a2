"""`stackspot knowledge`: what argv means, and what is refused and asked before anything is sent."""

import pytest
from clock import Clock
from parsing import parse

from stackspot_cli.app import App
from stackspot_cli.commands.knowledge import add, clear, create, show
from stackspot_cli.commands.knowledge import list as listing
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.errors import UsageError
from stackspot_cli.terminal.progress import ProgressLine
from stackspot_cli.terminal.streams import Terminal


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("list", listing.Options()),
        ("list --visibility account --visibility x", listing.Options(("account", "x"))),
        ("show S --format json", show.Options("S", ListingFormat.json)),
        ("create S", create.Options("S")),
        (
            "create S --name N --description D --type api",
            create.Options("S", "N", "D", create.Holds.api),
        ),
        ("add S a b", add.Options("S", ("a", "b"))),
        (
            "add S a --split lines --split-quantity 9 --split-overlap 0 --wait 1 --poll 0.5",
            add.Options("S", ("a",), add.Strategy.lines, 9, 0, 1.0, 0.5),
        ),
        ("clear S --yes", clear.Options("S", yes=True)),
    ],
)
def test_argv_becomes_options(line: str, options: object) -> None:
    assert parse("knowledge", *line.split()) == options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (add.Options("S", ("a",), wait=-1), "--wait is a number of seconds, 0 or more"),
        (add.Options("S", ("a",), poll=0), "--poll is a number of seconds above 0"),
        (add.Options("no slug", ("a",)), "'no slug' is no slug"),
        (add.Options("S", ("nowhere.txt",)), "cannot read nowhere.txt"),
    ],
)
def test_what_cannot_be_added_is_refused_before_anything_is_sent(options: add.Options, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        add.run(options, App({}, Terminal.fake()))


def test_several_files_are_one_way() -> None:
    shown: list[tuple[str, float | None]] = []

    class Line(ProgressLine):
        def show(self, words: str, fraction: float | None = None) -> None:
            shown.append((words, fraction))

    line = Line.of(Terminal.fake(), Clock().now)
    for number in (0, 1):
        tell = add.part_of(line, number, 2)
        tell("uploading", 0.5)
        tell("indexing", None)
    add.part_of(line, 0, 1)("alone", 0.5)
    assert shown == [
        ("uploading (1 of 2)", 0.125),
        ("indexing (1 of 2)", 0.25),
        ("uploading (2 of 2)", 0.625),
        ("indexing (2 of 2)", 0.75),
        ("alone", 0.5),
    ]


def test_nothing_is_cleared_unless_a_person_says_yes() -> None:
    app = App({}, Terminal.fake(b"n\n", stdin_kind="terminal"))
    clear.run(clear.Options("S"), app)
    assert app.terminal.err == (
        "Delete everything in the knowledge source S? [y/N] note: nothing was deleted\n"
    )
    with pytest.raises(UsageError, match="stdin is not a terminal"):
        clear.run(clear.Options("S"), App({}, Terminal.fake()))
