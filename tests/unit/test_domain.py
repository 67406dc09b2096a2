"""The nouns: what a setting knows of itself, a secret that does not show itself, and who hears what happens."""

import pickle
from dataclasses import fields

import pytest

from stackspot_cli.domain import DOTS, Progress, Secret
from stackspot_cli.listener import Listener, Waiting
from stackspot_cli.settings.setting import Setting, SettingSource


@pytest.mark.parametrize(
    ("source", "explicit"),
    [("option", True), ("typed", False), ("environment", False), ("config", False), ("default", False)],
)
def test_a_setting_is_explicit_where_this_very_call_said_it(source: SettingSource, explicit: bool) -> None:
    assert Setting("acme", "somewhere", source).explicit is explicit


def test_a_setting_has_to_say_where_it_came_from() -> None:
    with pytest.raises(TypeError):
        Setting("acme", "somewhere")  # type: ignore[call-arg]  # the point of the test


def test_a_secret_shows_dots_however_it_is_asked() -> None:
    secret = Secret("hunter2")
    assert (f"{secret}", f"{secret:>9}", str([secret])) == (DOTS, DOTS, f"[Secret({DOTS})]")
    assert (secret == Secret("hunter2"), secret == Secret("hunter3"), bool(Secret(""))) == (
        True,
        False,
        False,
    )
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_listener_hears_nothing_unless_somebody_listens() -> None:
    silent = Listener()
    silent.note("x")
    silent.step("x")
    silent.progress(Progress("RUNNING"))
    silent.waiting(Waiting(1.0, "429"))
    assert [one.name for one in fields(silent)] == ["note", "step", "progress", "waiting", "wire"]
    assert silent.wire is None


def test_each_kind_of_news_goes_to_who_listens_for_it() -> None:
    heard: list[object] = []
    listener = Listener(note=heard.append, progress=heard.append)
    listener.note("a note")
    listener.step("nobody listens to steps")
    listener.progress(Progress("RUNNING", 0.5))
    assert heard == ["a note", Progress("RUNNING", 0.5)]
