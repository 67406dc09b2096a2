"""What TAB offers, in a world of files that may be missing, broken or hostile; and that looking leaves no trace."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stackspot_cli.account import Account
from stackspot_cli.commands import shell_values
from stackspot_cli.domain import Conversation, Turn
from stackspot_cli.history.growing_text import GrowingText
from stackspot_cli.history.recent import newest
from stackspot_cli.history.store import History

AGENT = "01K45T82PF8QC64C9DNHGQWHY2"
CONFIG = f"""\
providers:
  stackspot:
    models:
      reviewer: {{agent: {AGENT}, description: "Our reviewer"}}
      translate: {{quick_command: translate-to-spanish}}
  work: {{client_realm: acme}}
"""
BUILT_IN = ["stackspot-ai", "stackspot-ai-chat", "stackspot-ai-code"]


class Parsed:
    """As much of a parse as the offers look at."""

    def __init__(self, **said: Any) -> None:
        self.params: Mapping[str, Any] = said

    def find_root(self) -> Parsed:
        return self


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("STACKSPOT"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STACKSPOTAI_HOME", str(tmp_path))
    return tmp_path


def names(offer: shell_values.Offer) -> list[str]:
    return [value for value, _told in offer]


def keep(home: Path, *ids: str) -> None:
    history = History(home / "history.db", note=print)
    for place, id_ in enumerate(ids):
        turn = Turn(f"Question {id_[-1]}", "", "complete", "stackspot-ai", place, place + 1.0)
        conversation = Conversation(id_, Account("stackspot"), "stackspot-ai", None, place, place)
        recording = history.recording(conversation, turn, GrowingText())
        recording.start()
        recording.finish(turn, remote_id=id_)
    history.close()


def test_models_are_the_built_in_ones_and_those_of_the_config(home: Path) -> None:
    (home / "config.yaml").write_text(CONFIG)
    assert shell_values.models(Parsed(), "")[-2:] == [
        ("reviewer", "Our reviewer"),
        ("translate", "quick command translate-to-spanish"),
    ]
    assert names(shell_values.models(Parsed(), ""))[:3] == BUILT_IN


def test_an_agent_is_offered_by_its_ulid_where_that_was_begun(home: Path) -> None:
    (home / "config.yaml").write_text(CONFIG)
    assert (f"agent:{AGENT}", "Our reviewer") in shell_values.models(Parsed(), "agent:")


def test_what_was_said_before_the_command_counts(home: Path, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(CONFIG)
    said = Parsed(config=str(tmp_path / "other.yaml"))
    assert "reviewer" in names(shell_values.models(said, ""))
    assert "reviewer" not in names(
        shell_values.models(Parsed(config=said.params["config"], profile="work"), "")
    )


def test_quick_commands_have_their_names_and_their_slugs(home: Path) -> None:
    (home / "config.yaml").write_text(CONFIG)
    assert names(shell_values.quick_commands(Parsed(), "")) == ["translate-to-spanish", "translate"]


def test_profiles_are_those_of_the_config_and_of_the_private_file(home: Path) -> None:
    (home / "config.yaml").write_text(CONFIG)
    (home / "credentials.json").write_text('{"version": 1, "profiles": {"stored": {}}}')
    assert names(shell_values.profiles(Parsed(), "")) == ["stackspot", "work", "stored"]


def test_keys_reach_into_the_profiles_and_models_that_are_there(home: Path) -> None:
    (home / "config.yaml").write_text(CONFIG)
    offered = names(shell_values.config_keys(Parsed(), ""))
    wanted = {
        "default_model",
        "providers.work.client_realm",
        "providers.stackspot.models.reviewer.description",
    }
    assert wanted - set(offered) == set()
    assert [key for key in offered if key.endswith("api_key")] == []  # the key never comes as an argument


def test_conversations_come_newest_first_with_their_titles(home: Path) -> None:
    keep(home, "01K9AAAAAAAAAAAAAAAAAAAAA1", "01K9BBBBBBBBBBBBBBBBBBBBB2")
    assert shell_values.conversations(Parsed(), "01k9") == [
        ("01K9BBBBBBBBBBBBBBBBBBBBB2", "Question 2"),
        ("01K9AAAAAAAAAAAAAAAAAAAAA1", "Question 1"),
    ]


def test_the_sandbox_has_no_conversations_yet(home: Path) -> None:
    keep(home, "01K9AAAAAAAAAAAAAAAAAAAAA1")
    assert shell_values.conversations(Parsed(sandbox=True), "") == []


OFFERS = [
    shell_values.models,
    shell_values.quick_commands,
    shell_values.profiles,
    shell_values.conversations,
    shell_values.config_keys,
]


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.__name__)
def test_broken_files_offer_less_and_say_nothing(
    offer: Callable[[Any, str], shell_values.Offer], home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("config.yaml", "credentials.json", "history.db"):
        (home / name).write_bytes(b"{: \xff broken")
    before = snapshot(home)
    offer(Parsed(), "")
    assert (snapshot(home), capfd.readouterr()) == (before, ("", ""))


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.__name__)
def test_asking_makes_nothing_where_nothing_is(
    offer: Callable[[Any, str], shell_values.Offer], home: Path
) -> None:
    offer(Parsed(), "")
    assert snapshot(home) == {}


def test_a_glance_at_a_history_that_is_in_use_leaves_it_as_it_is(tmp_path: Path) -> None:
    keep(tmp_path, "01K9AAAAAAAAAAAAAAAAAAAAA1")
    writer = sqlite3.connect(tmp_path / "history.db")
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE conversation SET title = 'Changed'")
    writer.commit()
    before = set(snapshot(tmp_path))
    assert newest(tmp_path / "history.db", 5) == [("01K9AAAAAAAAAAAAAAAAAAAAA1", "Changed")]
    assert set(snapshot(tmp_path)) == before
    writer.close()


def test_a_glance_at_a_history_at_rest_makes_no_file_beside_it(tmp_path: Path) -> None:
    keep(tmp_path, "01K9AAAAAAAAAAAAAAAAAAAAA1")
    before = snapshot(tmp_path)
    assert len(newest(tmp_path / "history.db", 5)) == 1
    assert snapshot(tmp_path) == before


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_prompts_and_their_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ".stackspot" / "prompts"
    folder.mkdir(parents=True)
    (folder / "look.md").write_text(
        "---\ndescription: Looks\nparams: {focus: bugs}\n---\n{{focus}} {{ticket}}\n"
    )
    (folder / "bad.md").write_text("---\n[\n---\nx\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STACKSPOTAI_HOME", str(tmp_path / "home"))
    offered = dict(shell_values.prompts(Parsed(), ""))
    assert (offered["look"], offered["bad"]) == ("Looks", "")
    assert {"review", "commit"} < set(offered)
    parameters = shell_values.prompt_parameters(Parsed(template="look"), "")
    assert sorted(parameters) == [("focus=", "bugs"), ("ticket=", "")]
    assert shell_values.prompt_parameters(Parsed(), "") == []
    assert shell_values.prompt_parameters(Parsed(template="nope"), "") == []
