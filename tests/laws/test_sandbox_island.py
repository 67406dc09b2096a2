"""The sandbox is an island: a mistake in our own code must not be able to cancel itself out there."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import stackspot_cli

ISLAND = Path(stackspot_cli.__file__).parent / "sandbox"
FILES = sorted(ISLAND.glob("**/*.py"))


def imported_modules(source: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names.add(node.module or "")
    return names


def foreign(names: set[str]) -> set[str]:
    """Those that are neither the standard library nor the island itself."""
    return {
        name
        for name in names
        if name.partition(".")[0] not in sys.stdlib_module_names
        and name != "stackspot_cli.sandbox"
        and not name.startswith("stackspot_cli.sandbox.")
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_of_the_sandbox_imports_only_the_standard_library_and_the_sandbox(file: Path) -> None:
    assert foreign(imported_modules(file.read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize(
    "line",
    [
        "import httpx",
        "from stackspot_cli.routes.sse import decode",
        "from stackspot_cli import sse",
        "import rich.text",
    ],
)
def test_the_law_sees_what_is_foreign(line: str) -> None:
    assert foreign(imported_modules(f"def f():\n    {line}\n")) != set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_sandbox_does_not_translate(file: Path) -> None:
    assert "gettext" not in imported_modules(file.read_text(encoding="utf-8"))


def test_loading_the_sandbox_loads_nothing_that_is_slow() -> None:
    slow = (
        "ssl",
        "hashlib",
        "http.client",
        "http.server",
        "email",
        "asyncio",
        "logging",
        "secrets",
        "random",
    )
    code = f"import stackspot_cli.sandbox.server, sys; print([n for n in {slow!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_naming_the_sandbox_loads_none_of_it() -> None:
    code = "import stackspot_cli.sandbox, sys; print([n for n in sys.modules if 'sandbox.' in n])"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
