"""A text through the person's own editor."""

import os
import stat
from pathlib import Path

import pytest

from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.terminal.editor import Draft, editor_command


def script(folder: Path, body: str) -> dict[str, str]:
    """An environment whose editor is a shell script; `$1` is the file."""
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return {"EDITOR": str(path), "PATH": os.environ["PATH"]}


def edit(text: str, environ: dict[str, str], suffix: str = ".md") -> str:
    with Draft(text, environ, suffix=suffix) as draft:
        return draft.edit()


def test_the_text_comes_back_as_the_editor_left_it(tmp_path: Path) -> None:
    environ = script(tmp_path, 'printf "%s, edited" "$(cat "$1")" > "$1"')
    assert edit("olá", environ) == "olá, edited"


def test_the_file_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    edit("x", script(tmp_path, f'echo "$1" > {seen}; stat -c %a "$1" >> {seen}'), suffix=".yaml")
    name, mode = seen.read_text().split()
    assert name.endswith(".yaml")
    assert int(mode, 8) == stat.S_IRUSR | stat.S_IWUSR
    assert not Path(name).exists()


def test_visual_comes_before_editor_and_may_have_arguments(tmp_path: Path) -> None:
    for name in ("code", "ed", "vi"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o700)
    path = {"PATH": str(tmp_path)}
    assert editor_command({"VISUAL": "code --wait", "EDITOR": "ed", **path}) == ["code", "--wait"]
    assert editor_command({"VISUAL": " ", "EDITOR": "ed", **path}) == ["ed"]
    assert editor_command(path) == ["vi"]


@pytest.mark.parametrize(
    ("command", "error"), [("ed 'x", UsageError), ("/no/such/editor", UsageError), ("false", LocalError)]
)
def test_an_editor_that_cannot_be_used_is_a_sentence(command: str, error: type[Exception]) -> None:
    with pytest.raises(error) as refused:
        edit("x", {"EDITOR": command, "PATH": os.environ["PATH"]})
    assert refused.value.hint  # type: ignore[attr-defined]  # both are errors of ours


def test_what_is_no_utf8_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="cannot read what the editor left"):
        edit("x", script(tmp_path, 'printf "ol\\341" > "$1"'))


def test_line_ends_and_everything_else_stay_as_they_were(tmp_path: Path) -> None:
    assert edit("a: 1\r\nb: é\r\n", script(tmp_path, ":")) == "a: 1\r\nb: é\r\n"


def test_a_draft_may_be_edited_again_and_kept(tmp_path: Path) -> None:
    with Draft("a", script(tmp_path, 'printf b >> "$1"')) as draft:
        assert (draft.edit(), draft.edit(), draft.text) == ("ab", "abb", "a")
        kept = draft.keep()
    assert kept.read_text() == "abb"
    kept.unlink()
