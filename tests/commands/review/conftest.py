"""A repository with a change, and a review of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from repository import Repository
from review_findings import World


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = Repository(tmp_path / "repository")
    made.write("add.py", "def add(a, b):\n    return a + b\n")
    made.commit()
    made.write("add.py", "def add(a, b):\n    return a - b\n")
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture
def world(tmp_path: Path, repository: Repository) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    for program in made.programs:
        program.close()
    for sandbox in made.sandboxes:
        sandbox.stop()
