"""What people type in a chat out of habit."""

from __future__ import annotations

import pytest

from stackspot_cli.commands.chat import habits
from stackspot_cli.commands.chat.inputs import Input
from stackspot_cli.commands.chat.slash_commands import COMMANDS
from stackspot_cli.errors import UsageError

NAMES = [command.name for command in COMMANDS]


@pytest.mark.parametrize("word", ["exit", "quit", ":q", "EXIT", "exit()", "quit "])
def test_a_word_that_leaves_elsewhere_leaves_here(word: str) -> None:
    assert habits.meant(Input(word)) == Input("/exit")


@pytest.mark.parametrize("word", ["help", "?"])
def test_a_word_that_helps_elsewhere_helps_here(word: str) -> None:
    assert habits.meant(Input(word)) == Input("/help")


@pytest.mark.parametrize(
    "said",
    [
        Input("How do I exit vim?"),
        Input("exit", verbatim=True),
        Input(" exit"),
        Input("exit\nquit"),
        Input("! is a negation"),
        Input(" !important"),
        Input("!"),
    ],
)
def test_a_message_stays_a_message(said: Input) -> None:
    assert habits.meant(said) == said


def test_a_shell_s_command_is_not_sent() -> None:
    with pytest.raises(UsageError) as refused:
        habits.meant(Input("!ls -l"))
    assert refused.value.message == "there is no shell in here, and nothing was sent: !ls -l"


@pytest.mark.parametrize(
    ("typed", "ours"),
    [
        ("/clear", "/new"),
        ("/reset", "/new"),
        ("/leave", "/exit"),
        ("/resume", "/open"),
        ("/load", "/open"),
        ("/continue", "/open"),
        ("/add", "/file"),
        ("/?", "/help"),
        ("/modell", "/model"),
        ("/temperatur", "/temperature"),
        ("/compact", None),
        ("/retri", None),
        ("/edi", None),
        ("/xyzzy", None),
        ("/", None),
    ],
)
def test_another_name_leads_to_ours_and_no_guess_to_one_that_sends(typed: str, ours: str | None) -> None:
    assert habits.nearest_command(typed, NAMES) == ours


def test_every_habit_leads_to_a_command() -> None:
    led_to = {*habits.COMMANDS.values(), *habits.ALONE.values()}
    assert led_to <= set(NAMES)
    assert not led_to & set(habits.SENDING)
    assert not set(habits.COMMANDS) & set(NAMES)
