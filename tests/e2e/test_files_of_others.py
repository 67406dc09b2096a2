"""Files that somebody else may have written are not obeyed, and what is no file keeps nobody waiting."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from program import CLIENT_ID, CLIENT_KEY, Program

pytestmark = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")
EVIL = "endpoint_url: http://127.0.0.1:9\ndefault_model: evil\n"
NO_PAIR = {"STACKSPOTAI_CLIENT_ID": None, "STACKSPOTAI_CLIENT_KEY": None}


def writable(path: Path) -> str:
    path.chmod(0o666)
    return f"others may write {path}"


def in_a_shared_folder(path: Path) -> str:
    path.parent.chmod(0o1777)
    return f"others may write {path.parent}"


def given_away(path: Path) -> str:
    if os.geteuid() != 0:
        pytest.skip("giving files away needs root")
    os.chown(path, 54321, 54321)
    return f"{path} belongs to somebody else (54321)"


WAYS: list[Callable[[Path], str]] = [writable, in_a_shared_folder, given_away]


def put(program: Program, name: str, content: str) -> Path:
    program.home.mkdir(mode=0o700, exist_ok=True)
    path = program.home / name
    path.write_text(content)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("way", WAYS)
def test_a_config_file_of_others_is_left_out_with_a_note(
    program: Program, way: Callable[[Path], str]
) -> None:
    why = way(put(program, "config.yaml", EVIL))
    outcome = program.ask("--no-history", "--dry-run", env={"STACKSPOTAI_ENDPOINT_URL": None})
    assert (outcome.code, outcome.json["url"]) == (
        0,
        "https://genai-code-buddy-api.stackspot.com/v3/chat",
    )
    assert outcome.json["body"]["model"] == "stackspot-ai"
    note = f"note: {program.home / 'config.yaml'} is left out: {why}; "
    assert outcome.err.startswith(note) and outcome.err.count("\n") == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("named_by", ["option", "variable"])
def test_one_that_is_named_is_refused(program: Program, way: Callable[[Path], str], named_by: str) -> None:
    path = put(program, "mine.yaml", EVIL)
    why = way(path)
    option = ("--config", os.fspath(path)) if named_by == "option" else ()
    env = {} if option else {"STACKSPOTAI_CONFIG": os.fspath(path)}
    error = program.refused(*option, "complete", "--no-stdin", "hi", env=env)
    assert error == f"error: {path} is not used: {why}"


@pytest.mark.parametrize("argv", [("set", "timeout", "9"), ("unset", "default_model"), ("edit",)])
def test_nothing_is_added_to_one(program: Program, argv: tuple[str, ...]) -> None:
    path = put(program, "config.yaml", EVIL)
    why = writable(path)
    error = program.refused("config", *argv, env={"EDITOR": "true"})
    assert (error, path.read_text()) == (f"error: {path} is not used: {why}", EVIL)


@pytest.mark.parametrize("way", WAYS)
def test_credentials_of_others_are_not_used(program: Program, way: Callable[[Path], str]) -> None:
    text = f'{{"profiles": {{"stackspot": {{"client_id": "{CLIENT_ID}", "client_key": "someone-else-s"}}}}}}'
    path = put(program, "credentials.json", text)
    why = way(path)
    error = program.refused("complete", "--no-stdin", "hi", env=NO_PAIR, code=4)
    assert f"the private file {path} is not used: {why}" in error


def test_no_credentials_are_stored_where_others_may_write(program: Program) -> None:
    program.home.mkdir()
    program.home.chmod(0o777)
    outcome = program.call(
        *("login", "--insecure-storage", "--client-id", CLIENT_ID, "--realm", "acme", "--key-stdin"),
        stdin=CLIENT_KEY.encode(),
    )
    assert outcome.code == 3 and f"nothing is kept in {program.home}: others may write" in outcome.err
    assert not (program.home / "credentials.json").exists()


@pytest.mark.parametrize("way", WAYS)
def test_a_history_of_others_costs_a_note_and_is_not_shown(
    program: Program, way: Callable[[Path], str]
) -> None:
    on = {"STACKSPOTAI_HISTORY": None}
    assert program.ask(env=on).code == 0
    path = program.home / "history.db"
    why = way(path)
    mode, size = path.stat().st_mode, path.stat().st_size
    outcome = program.ask(env=on)
    assert (outcome.code, outcome.out) == (0, "Hello\n")
    assert f"the history {path} is left alone: {why}" in outcome.err
    assert (path.stat().st_mode, path.stat().st_size) == (mode, size)
    refused = program.call("history", "list")
    assert refused.code == 3 and f"the history {path} is left alone: {why}" in refused.err


def test_tokens_are_not_kept_where_others_may_write(program: Program) -> None:
    folder = program.home / "tokens"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    outcome = program.ask()
    assert outcome.code == 0 and f"the token cache in {folder} cannot be written" in outcome.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["config.yaml", "credentials.json", "history.db", "input-history", "history.db-wal"]
)
@pytest.mark.parametrize(
    "argv",
    [
        ("complete", "hi"),
        ("status",),
        ("history", "list"),
        ("config", "set", "timeout", "9"),
        ("logout",),
        ("chat", "--no-history"),
    ],
    ids=" ".join,
)
def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(
    program: Program, name: str, argv: tuple[str, ...]
) -> None:
    program.home.mkdir(mode=0o700)
    os.mkfifo(program.home / name, 0o600)
    pair = NO_PAIR if name == "credentials.json" else {}
    null = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    began = time.monotonic()
    outcome = program.run(*argv, env={**null, **pair}, stdin=b"hello\n")
    assert time.monotonic() - began < 20
    assert outcome.code != 1, outcome.err
    (program.home / name).unlink(missing_ok=True)  # which SQLite may have done for a `-wal`


def test_a_config_from_a_pipe_that_somebody_fills_is_read(program: Program) -> None:
    """As a shell's `--config <(sops -d config.yaml)` gives it."""
    ours, theirs = os.pipe()
    os.write(theirs, b"default_model: stackspot-ai-code\n")
    os.close(theirs)
    outcome = program.call("--config", f"/dev/fd/{ours}", "complete", "--no-stdin", "--dry-run", "hi")
    os.close(ours)
    assert outcome.err == "" and outcome.json["body"]["model"] == "stackspot-ai-code"


def test_a_history_that_came_back_from_a_copy_is_private_again(program: Program) -> None:
    on = {"STACKSPOTAI_HISTORY": None}
    program.ask(env=on)
    path = program.home / "history.db"
    path.chmod(0o644)
    program.ask(env=on)
    assert path.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM conversation").fetchone() == (2,)
