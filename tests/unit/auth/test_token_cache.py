"""A token in a private file: trusted where only the holder of the same key can have written it."""

import json
import os
import stat
from pathlib import Path

import pytest

from stackspot_cli.auth.credentials import Credentials
from stackspot_cli.auth.token_cache import TokenCache, TokenFolder
from stackspot_cli.auth.tokens import Token
from stackspot_cli.domain import Secret
from stackspot_cli.settings.setting import Setting

IDM = "https://idm.example"
TOKEN = Token(Secret("t0ken-abc"), 1_000.0, 2_199.0)


def credentials(client_id: str = "id", key: str = "the-key", realm: str = "acme") -> Credentials:
    return Credentials(
        Setting(client_id, "here", "environment"),
        Setting(Secret(key), "here", "environment"),
        Setting(realm, "here", "environment"),
    )


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def folder(tmp_path: Path, notes: list[str]) -> TokenFolder:
    return TokenFolder(tmp_path / "home" / "tokens", IDM, notes.append)


@pytest.fixture
def cache(folder: TokenFolder) -> TokenCache:
    return folder.of(credentials())


def test_what_is_written_comes_back_and_reading_makes_nothing(folder: TokenFolder, cache: TokenCache) -> None:
    assert (cache.read(), folder.path.parent.exists()) == (None, False)
    cache.write(TOKEN)
    assert cache.read() == folder.of(credentials()).read() == TOKEN


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_the_file_is_private_and_its_name_tells_nothing(cache: TokenCache) -> None:
    cache.write(TOKEN)
    assert stat.S_IMODE(cache.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.path.parent.stat().st_mode) == 0o700
    assert "the-key" not in cache.path.read_text() and "acme" not in cache.path.name


@pytest.mark.parametrize(
    "other",
    [credentials(client_id="other"), credentials(realm="other"), credentials(key="rotated")],
)
def test_another_account_or_a_rotated_key_is_a_miss(
    folder: TokenFolder, cache: TokenCache, other: Credentials
) -> None:
    cache.write(TOKEN)
    assert folder.of(other).read() is None


def test_another_service_is_a_miss(folder: TokenFolder, cache: TokenCache) -> None:
    cache.write(TOKEN)
    other = TokenFolder(folder.path, "https://other.example", print)
    assert other.of(credentials()).read() is None


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": "another"},
        {"access_token": 7},
        {"expires_at": 9e12},
        {"expires_at": True},
        {"expires_at": "soon"},
        {"expires_at": 10**400},
        {"mark": None},
        {"mark": "0" * 64},
    ],
)
def test_a_file_that_was_changed_is_a_miss(cache: TokenCache, change: dict[str, object]) -> None:
    cache.write(TOKEN)
    kept = json.loads(cache.path.read_bytes())
    cache.path.write_text(json.dumps(kept | change))
    assert cache.read() is None
    cache.write(TOKEN)
    assert cache.read() == TOKEN


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_a_file_that_is_none_of_ours_is_a_miss(cache: TokenCache, content: bytes) -> None:
    cache.write(TOKEN)
    cache.path.write_bytes(content)
    assert cache.read() is None


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_file_that_others_may_touch_is_a_miss(cache: TokenCache) -> None:
    cache.write(TOKEN)
    cache.path.chmod(0o640)
    assert cache.read() is None


def test_a_symbolic_link_is_not_written_through(cache: TokenCache, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("not ours")
    cache.path.parent.mkdir(parents=True)
    cache.path.symlink_to(elsewhere)
    cache.write(TOKEN)
    assert (cache.read(), cache.path.is_symlink(), elsewhere.read_text()) == (TOKEN, False, "not ours")


def test_a_folder_that_cannot_be_made_costs_a_note(notes: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = TokenFolder(tmp_path / "file" / "tokens", IDM, notes.append).of(credentials())
    cache.write(TOKEN)
    with cache.lock() as locked:
        assert not locked
    assert (
        notes
        == [
            f"the token cache in {tmp_path / 'file' / 'tokens'} cannot be written (Not a directory): "
            "each call asks for a new token; STACKSPOTAI_HOME names another folder"
        ]
        * 2
    )


# --- the lock ----------------------------------------------------------------------------------------


def test_the_lock_is_held_while_the_body_runs(folder: TokenFolder, cache: TokenCache) -> None:
    with cache.lock() as first, folder.of(credentials()).lock(0.0) as second:
        assert (first, second) == (True, False)
    with cache.lock(0.0) as again:
        assert again


def test_who_does_not_get_the_lock_goes_on_without_it_and_says_so(
    folder: TokenFolder, cache: TokenCache, notes: list[str]
) -> None:
    with cache.lock(), folder.of(credentials()).lock(-1.0) as locked:
        assert not locked
    assert notes == ["another process holds the token cache; going on without it"]


# --- forgetting --------------------------------------------------------------------------------------


def test_forgetting_says_whether_there_was_something(folder: TokenFolder, cache: TokenCache) -> None:
    other = folder.of(credentials(client_id="other"))
    assert cache.forget() is False
    for one in (cache, other):
        one.write(TOKEN)
    assert [cache.forget(), cache.forget(), cache.read(), other.read()] == [True, False, None, TOKEN]


def test_all_are_forgotten_at_once_and_a_folder_that_is_not_there_holds_none(
    folder: TokenFolder, cache: TokenCache
) -> None:
    assert folder.forget_all() is False
    for one in (cache, folder.of(credentials(client_id="other"))):
        one.write(TOKEN)
    assert [folder.forget_all(), folder.forget_all(), list(folder.path.glob("*.json"))] == [True, False, []]
