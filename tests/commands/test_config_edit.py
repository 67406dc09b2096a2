"""`config edit`: the person's own editor, and never a broken file."""

import sys
from pathlib import Path

import pytest
from credential_world import Result, World

from stackspot_cli.commands.config import edit


def written(here: World, text: str) -> World:
    here.home.mkdir(exist_ok=True)
    here.config.write_text(text)
    return here


def editor(here: World, script: str) -> dict[str, str]:
    """An editor that runs a line of Python with `path` and `text`."""
    file = here.home.parent / "editor.py"
    file.write_text(
        "import pathlib, sys\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text()\n" + script + "\n"
    )
    return {"EDITOR": f"'{sys.executable}' '{file}'", "TMPDIR": str(here.home.parent)}


def test_edit_opens_the_editor_and_keeps_what_can_be_read(here: World) -> None:
    written(here, "timeout: 3\n")
    done = here.run("config", "edit", env=editor(here, "path.write_text(text + 'retries: 1  # mine\\n')"))
    assert done == Result(0, "", "saved HOME/config.yaml\n")
    assert here.config.read_text() == "timeout: 3\nretries: 1  # mine\n"


def test_without_a_terminal_no_usual_editor_is_started(here: World) -> None:
    assert here.run("config", "edit") == Result(
        2,
        "",
        "error: there is no terminal for an editor\n"
        "hint: `stackspot config set KEY VALUE` changes one value; or set EDITOR to a command that needs none\n",
    )


def test_edit_of_a_file_that_is_not_there_begins_with_an_explained_one(here: World) -> None:
    done = here.run(
        "config",
        "edit",
        env=editor(here, "path.write_text(text.replace('# default_model', 'default_model'))"),
    )
    assert done.code == 0
    assert here.run("config", "get", "default_model").out == "stackspot-ai-code\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [\n", "line 2, column 1: did not find expected node content"),
        ("timeout: soon", "line 1, column 10: timeout must be a number of seconds above 0, not 'soon'"),
        (
            "providers: {x: {api_base: 1}}",
            "line 1, column 27: providers.x.api_base must be text: put it in quotes",
        ),
    ],
)
def test_edit_never_leaves_a_broken_file(here: World, text: str, problem: str) -> None:
    written(here, "timeout: 3\n")
    done = here.run("config", "edit", env=editor(here, f"path.write_text({text!r})"))
    assert done.code == 2
    error, hint = done.err.splitlines()
    assert error == f"error: HOME/config.yaml, {problem}; HOME/config.yaml is as it was"
    assert here.config.read_text() == "timeout: 3\n"
    draft = Path(hint.removeprefix("hint: your text is kept in "))
    assert draft.read_text() == text
    draft.unlink()


def test_edit_without_a_change_or_with_a_failing_editor_changes_nothing(here: World) -> None:
    assert here.run("config", "edit", env=editor(here, "pass")) == Result(0, "", "nothing was changed\n")
    failing = here.run("config", "edit", env=editor(here, "path.write_text('timeout: 9'); sys.exit(7)"))
    assert (failing.code, "ended with 7, so its text is not taken" in failing.err) == (3, True)
    missing = here.run("config", "edit", env={"EDITOR": "no-such-editor"})
    assert (missing.code, missing.err.splitlines()[0]) == (2, "error: there is no editor no-such-editor")
    assert not here.home.exists()


def test_a_person_may_mend_what_was_broken(here: World) -> None:
    script = "path.write_text('timeout: 4\\n' if 'soon' in text else 'timeout: soon\\n')"
    app = here.app(stdin="y\n", env=editor(here, script))
    edit.run(edit.Options(), app)
    assert here.config.read_text() == "timeout: 4\n"
    assert "edit again? [Y/n]" in app.terminal.err
