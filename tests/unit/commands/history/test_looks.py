"""How lists and conversations of the past look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stackspot_cli.account import Account
from stackspot_cli.app import App
from stackspot_cli.commands.history import looks
from stackspot_cli.domain import Conversation, Turn, TurnState
from stackspot_cli.history.rows import Hit, Summary
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.terminal.table import moment

SECONDS = 1_700_000_000.0
WHEN = moment(SECONDS)
ONE = Summary("01A", "Write it", "stackspot", "stackspot-ai", SECONDS, SECONDS, 12, "complete")
TWO = replace(ONE, id="01BC", title="Half\x1b", turn_count=1, state="cut")


IDS = ["01A", "01BC"]
PIPE = Terminal.fake()


def test_a_conversation_is_a_line_and_one_that_is_not_whole_is_marked() -> None:
    gap = " " * (len(WHEN) - len("LAST"))
    assert looks.table(PIPE, [ONE, TWO], IDS, several=False) == (
        f"ID    LAST{gap}  MODEL         TURNS  TITLE\n"
        f"01A   {WHEN}  stackspot-ai  12     Write it\n"
        f"01BC  {WHEN}  stackspot-ai  1      Half␛ [cut]\n"
    )


def test_the_profile_is_told_where_there_are_several() -> None:
    lines = looks.table(PIPE, [ONE, replace(TWO, profile="acme")], IDS, several=True).splitlines()
    assert [line.split()[3 if at else 2] for at, line in enumerate(lines)] == ["PROFILE", "stackspot", "acme"]


def test_a_find_is_a_line_and_the_place_below_it() -> None:
    hits = [Hit(ONE, "…some\nwords…")]
    plain = looks.hit_lines(PIPE, hits, ["01A"], several=False)
    assert plain == f"01A  {WHEN}  Write it\n    …some words…\n"
    assert looks.hit_lines(PIPE, hits, ["01A"], several=True).startswith(
        f"01A  {WHEN}  stackspot  Write it\n"
    )
    narrow = Terminal.fake(stdout_is_terminal=True, size=(14, 24))
    assert looks.hit_lines(narrow, hits, ["01A"], several=False) == "01A  2023-11-…\n    …some\n    words…\n"


@pytest.mark.parametrize(
    ("state", "marked"),
    [
        ("complete", ""),
        ("cut", "[cut off here]"),
        ("interrupted", "[interrupted here]"),
        ("failed", "[failed]"),
    ],
)
def test_a_conversation_is_shown_with_what_was_said_quoted(state: TurnState, marked: str) -> None:
    conversation = Conversation(
        "01A", Account("p"), "m", "Be brief", SECONDS, turns=(Turn("Say\n\nhi\n", "Hello\n", state),)
    )
    end = f"\n\n{marked}\n" if marked else "\n"
    assert looks.shown(conversation) == f"01A  m  {WHEN}\n\n# Be brief\n\n> Say\n>\n> hi\n\nHello{end}"


@pytest.mark.parametrize(
    ("environ", "terminal", "shown"),
    [
        ({}, True, "a␛[31m\n::error::x\n"),
        ({}, False, "a␛[31m\n::error::x\n"),
        ({"CI": "true"}, False, "a␛[31m\n:\\:error::x\n"),
    ],
)
def test_stored_words_are_obeyed_by_nobody(environ: dict[str, str], terminal: bool, shown: str) -> None:
    app = App(environ, Terminal.fake(environ=environ, stdout_is_terminal=terminal))
    looks.put(app, "a\x1b[31m\n::error::x\n")
    assert app.terminal.out == shown
