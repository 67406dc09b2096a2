"""Secrets have one door: `reveal()` is called in the room `auth` alone."""

import ast
from pathlib import Path

import pytest
from package_source import PACKAGE

ROOM_WITH_THE_KEY = "auth/"
FILES = sorted(PACKAGE.rglob("*.py"))


def openings(source: str) -> list[int]:
    """The lines where a secret could be opened: `.reveal`, a string that names it, Secret's own field."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Attribute) and node.attr == "reveal")
        or (isinstance(node, ast.Constant) and node.value == "reveal")
        or (isinstance(node, ast.Attribute) and node.attr == "_value" and not is_self(node.value))
    ]


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_secret_is_opened_in_auth_alone(file: Path) -> None:
    name = file.relative_to(PACKAGE).as_posix()
    if name == "domain.py" or name.startswith(ROOM_WITH_THE_KEY):
        return
    assert openings(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    ["key.reveal()", "open_it = key.reveal", "getattr(key, 'reveal')()", "key._value", "Secret.reveal(key)"],
)
def test_the_law_sees_each_way_in(line: str) -> None:
    assert openings(f"\n{line}\n") == [2]


@pytest.mark.parametrize("line", ["self._value = 1", "revealed = 2", "'to reveal a thing'"])
def test_the_law_sees_no_ghosts(line: str) -> None:
    assert openings(line) == []


def test_auth_does_open_secrets() -> None:
    assert openings((PACKAGE / "auth" / "token_source.py").read_text(encoding="utf-8")) != []
