"""A chat after two turns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_talk import TALK, talked

from stackspot_cli.app import App
from stackspot_cli.commands.answer import new_conversation
from stackspot_cli.commands.chat.session import Session
from stackspot_cli.terminal.streams import Terminal


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """In a folder of its own, with nothing on disk yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))  # what `~` means
    app = App({"STACKSPOTAI_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}, Terminal.fake())
    model = app.settings.find_model("stackspot-ai")
    made = Session(app, model, new_conversation(app, model))
    talked(made, *TALK)
    yield made
    app.close()
