from __future__ import annotations

import os
from pathlib import Path

import pytest

from stackspot_cli.review.findings import Claim
from stackspot_cli.review.memory import Memory, key_of

CLAIMS = (Claim("a", 1, 1, "error", "t", "w", "f", "q"),)


def test_what_was_kept_is_recalled_and_private(tmp_path: Path) -> None:
    kept = Memory(tmp_path / "reviews")
    assert kept.recall("k") is None
    assert not (tmp_path / "reviews").exists()  # nothing is created by looking
    kept.keep("k", CLAIMS)
    kept.keep("clean", ())
    assert (kept.recall("k"), kept.recall("clean"), kept.recall("other")) == (CLAIMS, (), None)
    assert (tmp_path / "reviews").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "reviews" / "k").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'[{"file": 1}]', b"x" * 2_000_000])
def test_what_is_damaged_is_not_remembered(tmp_path: Path, content: bytes) -> None:
    kept = Memory(tmp_path)
    kept.keep("k", CLAIMS)
    (tmp_path / "k").write_bytes(content)
    assert kept.recall("k") is None


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    kept = Memory(tmp_path, most_files=2)
    for age, name in enumerate(("new", "used", "old")):
        kept.keep(name, CLAIMS)
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    kept.recall("old")
    kept.trim()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]
    kept.forget()
    assert not tmp_path.exists()
    kept.trim()
    kept.forget()


def test_whatever_changes_the_question_changes_the_name() -> None:
    keys = {
        key_of("p", model="m", scope="s", temperature=0.0),
        key_of("P", model="m", scope="s", temperature=0.0),
        key_of("p", model="M", scope="s", temperature=0.0),
        key_of("p", model="m", scope="S", temperature=0.0),
        key_of("p", model="m", scope="s", temperature=None),
    }
    assert len(keys) == 5
    assert all(len(key) == 64 for key in keys)
