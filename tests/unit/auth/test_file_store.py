"""The private file: whose it is, how it is written, and what is said of one that is damaged."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from pairs import PAIR, values

from stackspot_cli.auth.file_store import PrivateFileStore
from stackspot_cli.auth.stores import StoreUnavailable
from stackspot_cli.errors import LocalError


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_the_private_file_is_0600_in_a_0700_folder_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "a" / "b" / "credentials.json"
    before = os.umask(umask)
    try:
        PrivateFileStore(path).set("stackspot", PAIR)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, path.parent.parent)]
    assert [oct(mode) for mode in modes] == ["0o600", "0o700", "0o700"]


def test_the_private_file_is_gone_with_its_last_profile_and_reading_makes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data" / "credentials.json"
    store = PrivateFileStore(path)
    assert [store.get("x"), store.delete("x"), path.parent.exists()] == [None, False, False]
    store.set("x", PAIR)
    store.delete("x")
    assert not path.exists()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"profiles": []}', "[" * 100_000, "\ufeff", '{"profiles": 1}']
)
def test_a_damaged_private_file_is_named_and_never_overwritten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(content, encoding="utf-8")
    store = PrivateFileStore(path)
    for action in (lambda: store.get("x"), lambda: store.set("x", PAIR), lambda: store.delete("x")):
        with pytest.raises(StoreUnavailable) as caught:
            action()
        assert caught.value.message == f"the private file {path} is damaged"
        assert "login --insecure-storage" in caught.value.hint
    assert path.read_text(encoding="utf-8") == content


@pytest.mark.parametrize("kept", [1, {}, {"client_id": "x"}, {"client_id": 1, "client_key": "k"}])
def test_an_entry_that_is_not_ours_reads_as_none(tmp_path: Path, kept: object) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps({"profiles": {"x": kept}}))
    assert PrivateFileStore(path).get("x") is None


def test_two_logins_at_once_lose_neither_profile(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    names = [f"p{number}" for number in range(8)]
    threads = [threading.Thread(target=PrivateFileStore(path).set, args=(name, PAIR)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(PrivateFileStore(path).profiles()) == names


def test_a_place_that_is_no_folder_is_a_local_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LocalError, match="cannot write"):
        PrivateFileStore(tmp_path / "file" / "credentials.json").set("x", PAIR)


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_file_that_others_can_read_is_told_once_with_the_command_that_mends_it(tmp_path: Path) -> None:
    path, notes = tmp_path / "my credentials.json", list[str]()
    PrivateFileStore(path).set("x", PAIR)
    path.chmod(0o644)
    store = PrivateFileStore(path, notes.append)
    assert store.get("nobody") is None
    assert notes == []  # nothing of this profile's is in danger
    for _time in range(2):
        assert values(store.get("x")) == ("the-id", PAIR.client_key, "acme")
    assert notes == [f"others can read the private file {path}: type `chmod 600 '{path}'`"]


def test_what_cannot_be_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.mkdir()
    with pytest.raises(StoreUnavailable) as caught:
        PrivateFileStore(path).get("x")
    assert (caught.value.message, caught.value.hint, caught.value.remedy) == (
        f"cannot read {path}: Is a directory",
        "make the file yours, or delete it and type `stackspot login` again",
        "make the file yours, or delete it",
    )


def test_a_file_that_somebody_holds_is_not_waited_for_forever(tmp_path: Path) -> None:
    """The lock's own file in the place of a folder: it can never be had."""
    path = tmp_path / "credentials.json"
    (tmp_path / "credentials.json.lock").mkdir()
    with pytest.raises(LocalError, match="cannot write"):
        PrivateFileStore(path).set("x", PAIR)
    assert not path.exists()


def test_it_says_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    store = PrivateFileStore(path)
    assert (store.name, store.describe()) == ("file", f"private file {path}")
