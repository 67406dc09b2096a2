"""The composition root: each service once, on first use, in a world of the caller's."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackspot_cli.app import App
from stackspot_cli.settings.calling import GlobalOptions
from stackspot_cli.settings.settings import Overrides
from stackspot_cli.terminal.streams import Terminal


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App({"STACKSPOTAI_HOME": str(tmp_path)}, Terminal.fake())


def test_what_a_command_says_overrides_and_what_stands_before_it_counts_too(app: App, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("timeout: 9\nretries: 3\n")
    app.set_options(GlobalOptions(profile="acme", config=str(tmp_path / "x.yaml")))
    app.override(Overrides(timeout=1.5))
    settings = app.settings
    assert (settings.profile.value, settings.timeout_seconds.value, settings.retries.value) == (
        "acme",
        1.5,
        3,
    )
    assert app.settings is settings


def test_options_come_before_the_first_use_of_the_settings(app: App) -> None:
    assert app.settings.retries.value == 2
    with pytest.raises(AssertionError, match="options come before"):
        app.override(Overrides(retries=1))


def test_the_places_are_known_where_the_file_itself_is_broken(app: App, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("[")
    assert app.places.config_path.value == tmp_path / "config.yaml"


@pytest.mark.parametrize(("deadline", "ends"), [(None, None), (10.0, 110.0)])
def test_a_command_ends_a_deadline_after_it_began(
    app: App, deadline: float | None, ends: float | None
) -> None:
    app.override(Overrides(deadline=deadline))
    assert app.ends(began=100.0) == ends


def test_each_service_is_made_once_but_uploads_once_for_each_conversation(app: App) -> None:
    assert app.client is app.client and app.history is app.history and app.stores is app.stores
    assert app.new_uploads() is not app.new_uploads()
    app.close()


def test_nothing_is_made_on_disk_by_making_services(app: App, tmp_path: Path) -> None:
    assert (app.client, app.history, app.stores, app.token_folder) and list(tmp_path.iterdir()) == []
    app.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (GlobalOptions(), ""),
        (GlobalOptions(verbose=True), "* a step\n"),
        (GlobalOptions(debug=True), "* a step\n"),
    ],
)
def test_a_step_is_told_to_those_who_asked(app: App, options: GlobalOptions, said: str) -> None:
    app.set_options(options)
    app.listener.step("a step")
    assert app.terminal.err == said
    assert (app.listener.wire is not None) == options.debug


@pytest.mark.parametrize(
    ("options", "program"),
    [
        (GlobalOptions(), "stackspot"),
        (GlobalOptions(profile="my team"), "stackspot --profile 'my team'"),
        (GlobalOptions(config="c.yaml", verbose=True), "stackspot --config c.yaml"),
    ],
)
def test_a_line_to_be_pasted_reaches_the_same_account(options: GlobalOptions, program: str) -> None:
    assert options.program == program


def test_the_sandbox_has_a_world_of_its_own_that_goes_with_it(app: App, tmp_path: Path) -> None:
    app.set_options(GlobalOptions(sandbox=True))
    home = app.settings.places.data_dir
    assert home.exists() and home != tmp_path
    assert app.settings.api_base.value == app.sandbox.url
    assert app.credentials.realm.origin == "sandbox"
    assert not app.keeps_answers
    app.close()
    app.close()
    assert not home.exists()
