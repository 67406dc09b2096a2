"""What several commands refuse alike, and what they settle before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackspot_cli.app import App
from stackspot_cli.commands import shared_checks
from stackspot_cli.domain import AgentOptions
from stackspot_cli.errors import UsageError
from stackspot_cli.settings.calling import GlobalOptions
from stackspot_cli.terminal.streams import Terminal

AGENT = "agent:01K45T82PF8QC64C9DNHGQWHY2"


def test_the_last_and_a_named_conversation_exclude_one_another() -> None:
    shared_checks.check_conversation(True, None)
    shared_checks.check_conversation(False, "01K")
    with pytest.raises(UsageError, match="-c and --conversation exclude"):
        shared_checks.check_conversation(True, "01K")


@pytest.mark.parametrize(
    ("first", "last", "format_", "message"),
    [
        (True, True, None, "-x and --extract-last exclude"),
        (True, False, "json", "-x prints code, --format json an object"),
        (False, True, "jsonl", "--format jsonl an object"),
    ],
)
def test_code_and_an_object_exclude_one_another(
    first: bool, last: bool, format_: str | None, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        shared_checks.check_extract(first=first, last=last, format_=format_, path=".result")


def test_the_hint_names_where_the_text_stands() -> None:
    with pytest.raises(UsageError) as refused:
        shared_checks.check_extract(first=True, last=False, format_="json", path=".result")
    assert refused.value.hint == (
        "without --format the code alone is printed; without -x the object has the whole text: | jq -r '.result'"
    )


@pytest.mark.parametrize(
    ("first", "last", "block"), [(False, False, None), (True, False, "first"), (False, True, "last")]
)
def test_which_block_is_extracted(first: bool, last: bool, block: str | None) -> None:
    shared_checks.check_extract(first=first, last=last, format_="text", path="")
    assert shared_checks.extracted(first=first, last=last) == block


@pytest.mark.parametrize("wait", [-1.0, float("nan"), float("inf"), 1e9])
def test_a_wait_is_seconds_from_nothing_on(wait: float) -> None:
    shared_checks.check_waiting(0.0, None)
    with pytest.raises(UsageError, match="--wait is a number of seconds, 0 or more"):
        shared_checks.check_waiting(wait, None)


@pytest.mark.parametrize("poll", [0.0, -1.0, float("nan"), 1e9])
def test_a_poll_is_seconds_above_nothing(poll: float) -> None:
    shared_checks.check_waiting(None, 0.1)
    with pytest.raises(UsageError, match="--poll is a number of seconds above 0"):
        shared_checks.check_waiting(None, poll)


def test_a_model_that_has_its_own_temperature_is_noted(tmp_path: Path) -> None:
    app = App({"STACKSPOTAI_HOME": str(tmp_path)}, Terminal.fake())
    model = shared_checks.model_to_ask(app, AGENT, None)
    shared_checks.check_settings(app, model, None, None, AgentOptions(deep_search=True))
    assert app.terminal.err == ""
    shared_checks.check_settings(app, model, 0.5, None, AgentOptions())
    assert app.terminal.err == (
        f"note: {AGENT} takes no temperature or length: they belong to its own set-up\n"
    )


def test_without_a_name_the_usual_model_is_asked(tmp_path: Path) -> None:
    app = App({"STACKSPOTAI_HOME": str(tmp_path), "STACKSPOTAI_MODEL": "stackspot-ai-code"}, Terminal.fake())
    app.set_options(GlobalOptions())
    assert shared_checks.model_to_ask(app, None, None).name == "stackspot-ai-code"


REFUSAL = "note: nothing was deleted\n"


@pytest.mark.parametrize(
    ("typed", "confirmed", "said"),
    [(b"y\n", True, ""), (b"s\n", True, ""), (b"\n", False, REFUSAL), (b"", False, f"\n{REFUSAL}")],
)
def test_a_person_is_asked_and_no_is_the_default(typed: bytes, confirmed: bool, said: str) -> None:
    terminal = Terminal.fake(typed, stdin_kind="terminal")
    assert shared_checks.deletion_confirmed(terminal, "Delete it?") is confirmed
    assert terminal.err == f"Delete it? [y/N] {said}"


def test_where_nobody_can_answer_nothing_is_deleted() -> None:
    with pytest.raises(UsageError, match="deleting asks first"):
        shared_checks.deletion_confirmed(Terminal.fake(b"y\n"), "Delete it?")
