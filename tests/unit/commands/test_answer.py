"""One turn, from its plan on: what `complete` and `chat` do alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackspot_cli.app import App
from stackspot_cli.commands import answer
from stackspot_cli.domain import Delta, Question
from stackspot_cli.history.growing_text import LONGEST_KEPT_ANSWER
from stackspot_cli.output.present import Presentation
from stackspot_cli.settings.settings import Overrides
from stackspot_cli.terminal.streams import Terminal

PAIR = {"STACKSPOTAI_CLIENT_ID": "id", "STACKSPOTAI_CLIENT_KEY": "key", "STACKSPOTAI_REALM": "acme"}


def app_with(folder: Path, **environ: str) -> App:
    return App({"STACKSPOTAI_HOME": str(folder), **environ}, Terminal.fake())


def scope_of(app: App) -> str | None:
    model = app.settings.find_model("stackspot-ai")
    plan = answer.planned(app, answer.new_conversation(app, model), Question("hi"), model, None)
    return plan.conversation.remote_scope


def test_a_new_conversation_has_an_id_of_its_own_and_the_profile_in_use(tmp_path: Path) -> None:
    app = app_with(tmp_path, STACKSPOTAI_PROFILE="acme")
    model = app.settings.find_model("stackspot-ai")
    one, other = (answer.new_conversation(app, model) for _ in range(2))
    assert (one.account.profile, one.model, one.turns) == ("acme", "stackspot-ai", ())
    assert one.id != other.id and len(one.id) == 26


def test_who_has_seen_it_is_this_service_as_this_account(tmp_path: Path) -> None:
    ours = scope_of(app_with(tmp_path, **PAIR))
    assert ours == scope_of(app_with(tmp_path, **PAIR))
    others = [
        app_with(tmp_path),
        app_with(tmp_path, **{**PAIR, "STACKSPOTAI_CLIENT_ID": "other"}),
        app_with(tmp_path, **PAIR, STACKSPOTAI_API_BASE="https://other.example"),
    ]
    assert ours not in [scope_of(app) for app in others]


@pytest.mark.parametrize(
    ("history", "presentation", "goes_on", "kept"),
    [
        (True, Presentation(), False, LONGEST_KEPT_ANSWER),
        (False, Presentation(), True, LONGEST_KEPT_ANSWER),
        (False, Presentation(), False, 0),
        (False, Presentation(format="json"), False, LONGEST_KEPT_ANSWER + 4),
    ],
)
def test_so_much_of_an_answer_is_kept_as_somebody_will_look_at(
    tmp_path: Path, history: bool, presentation: Presentation, goes_on: bool, kept: int
) -> None:
    app = app_with(tmp_path, **PAIR)
    app.override(Overrides(history=history))
    model = app.settings.find_model("stackspot-ai")
    plan = answer.planned(app, answer.new_conversation(app, model), Question("hi"), model, None)
    turn = answer.answering(app, plan, presentation, goes_on=goes_on)
    for text in ("x" * LONGEST_KEPT_ANSWER, "more"):
        turn.answer.add(Delta(text))
    kept_characters = len(turn.answer.text)
    assert kept_characters == kept
    app.close()
