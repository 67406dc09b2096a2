"""Each library has its rooms: a later move away from one is then a change to these files and no other."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
from package_source import PACKAGE, imports, modules

# A room is a folder of the package, or a file of its top.
ROOMS: dict[str, str] = {
    "httpx": "network",
    "httpcore": "network",
    "truststore": "network",
    "rich": "markdown terminal",
    "markdown_it": "markdown",
    "pygments": "markdown",
    "typer": "cli commands",
    "keyring": "auth",
    "filelock": "auth network",
    "platformdirs": "settings",
    "yaml": "settings",
    "sqlite3": "history",
    "prompt_toolkit": "commands/chat",
    "jsonschema": "structured",
    "referencing": "structured",
    "regex": "structured",
    "starlette": "gateway",
    "uvicorn": "gateway",
    "h11": "gateway network",
}
STANDARD_LIBRARY = {"sqlite3"}  # of those above
BROUGHT_ALONG = {"referencing"}  # by jsonschema, whose half it is
DISTRIBUTIONS = {"markdown_it": "markdown-it-py", "yaml": "pyyaml"}

FILES = sorted(PACKAGE.rglob("*.py"))


def libraries(source: str) -> set[str]:
    """The libraries that a source imports and that have rooms, or are not of the standard library."""
    roots = {module.partition(".")[0] for module, _ in imports(source)} - {"stackspot_cli"}
    return {root for root in roots if root in ROOMS or root not in sys.stdlib_module_names}


def stands_in(file: str, rooms: str) -> bool:
    return any(file == f"{room}.py" or file.startswith(f"{room}/") for room in rooms.split())


def strays(file: str, source: str) -> set[str]:
    return {library for library in libraries(source) if not stands_in(file, ROOMS.get(library, ""))}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_library_stays_in_its_rooms(file: Path) -> None:
    found = strays(file.relative_to(PACKAGE).as_posix(), file.read_text(encoding="utf-8"))
    assert found == set(), f"see ROOMS of {__file__}"


@pytest.mark.parametrize(
    ("file", "line", "expected"),
    [
        ("network/transport.py", "import httpx", set()),
        ("routes/sse.py", "import httpx", {"httpx"}),
        ("markdown/render.py", "    from rich.text import Text", set()),
        ("commands/complete.py", "    import httpx._main", {"httpx"}),
        ("cli.py", "import click", {"click"}),
        ("commands/history.py", "import sqlite3", {"sqlite3"}),
        ("domain.py", "import json, requests.auth", {"requests"}),
        ("commands/chat/line_editor.py", "from prompt_toolkit import PromptSession", set()),
        ("commands/complete.py", "from prompt_toolkit import PromptSession", {"prompt_toolkit"}),
    ],
)
def test_the_law_tells_right_from_wrong(file: str, line: str, expected: set[str]) -> None:
    assert strays(file, f"if True:\n    {line.strip()}\n") == expected


@pytest.mark.parametrize(("library", "rooms"), ROOMS.items())
def test_every_row_of_the_table_is_lived_in(library: str, rooms: str) -> None:
    used = {
        room
        for room in rooms.split()
        for file in FILES
        if stands_in(file.relative_to(PACKAGE).as_posix(), room)
        and library in libraries(file.read_text(encoding="utf-8"))
    }
    assert used == set(rooms.split())


def test_every_dataclass_is_a_lean_one() -> None:
    assert {
        name
        for name, file in modules().items()
        if ("dataclasses", "dataclass") in imports(file.read_text(encoding="utf-8"))
        and not (name == "sandbox" or name.startswith("sandbox."))
    } == {"lean_dataclasses"}


def declared() -> set[str]:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [
        re.match(r"[\w.-]+", line)
        for line in [*project["dependencies"], *project["optional-dependencies"]["serve"]]
    ]
    return {re.sub(r"[-_.]+", "-", name.group()).lower() for name in names if name}


@pytest.mark.skipif(not (PACKAGE.parent / "pyproject.toml").exists(), reason="not run from a source tree")
def test_every_library_is_declared_and_every_declared_one_has_its_rooms() -> None:
    expected = {
        DISTRIBUTIONS.get(name, name.replace("_", "-"))
        for name in ROOMS
        if name not in STANDARD_LIBRARY | BROUGHT_ALONG
    }
    assert declared() == expected
