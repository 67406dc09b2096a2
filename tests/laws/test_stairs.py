"""The house is a staircase: a file imports from lower steps, from its own room, and from the ground.

Rooms on one step are strangers, and so are the commands among themselves. Deferred imports and those for type
checkers obey the same law.
"""

import pytest
from package_source import PACKAGE, modules, own_imports

STAIRS = (
    "__main__",
    "cli",
    "commands",
    "gateway api",
    "app",
    "dialects",
    "batch client output review tools",
    "auth conversation prompts",
    "settings terminal history network markdown structured",
    "routes files process",
    "account domain listener model errors translation safe_text redaction addresses nearest ulid exact_json"
    " lean_dataclasses",
)
# Inside `commands`: what all of them may use; a command of several files is a folder or shares its first word.
SHARED_BY_COMMANDS = {
    "answer",
    "examples",
    "help_page",
    "owner",
    "parameters",
    "shared_checks",
    "shared_demands",
    "shared_options",
    "shared_templates",
    "shell_values",
}
# The island imports nothing of ours (its own law says so), and two places may land there.
ISLAND, ISLAND_USERS = "sandbox", {"app", "commands"}
# The front door loads the public names on first use; the house takes the version from it, from high up.
FRONT_DOOR, VERSION, VERSION_USERS = "", ".__version__", {"__main__", "cli", "app"}


def room(module: str) -> str:
    return module.partition(".")[0]


FILES = {name: file for name, file in modules().items() if room(name) not in (ISLAND, FRONT_DOOR)}
KNOWN = set(modules())


def step(module: str) -> int | None:
    """0 is the ground."""
    for number, rooms in enumerate(reversed(STAIRS)):
        if room(module) in rooms.split():
            return number
    return None


def may_import(importer: str, imported: str) -> bool:
    if imported.startswith("."):
        return imported == VERSION and room(importer) in VERSION_USERS
    if room(imported) == ISLAND:
        return room(importer) in ISLAND_USERS
    above, below = step(importer), step(imported)
    if above is None or below is None:
        return False
    if room(importer) == room(imported) == "commands":
        return are_one_command(importer, imported)
    return below < above or room(importer) == room(imported) or below == above == 0


def are_one_command(importer: str, imported: str) -> bool:
    one, other = (name.split(".")[1:2] or [""] for name in (importer, imported))
    return other[0] in SHARED_BY_COMMANDS or one[0].partition("_")[0] == other[0].partition("_")[0]


def wanted(source: str) -> set[str]:
    return own_imports(source, KNOWN)


@pytest.mark.parametrize("module", sorted(FILES))
def test_every_file_stands_on_a_step(module: str) -> None:
    assert step(module) is not None, f"give stackspot_cli.{module} a room of STAIRS"


@pytest.mark.parametrize("module", sorted(FILES))
def test_an_import_goes_down_the_stairs(module: str) -> None:
    imported = wanted(FILES[module].read_text(encoding="utf-8")) - {module}
    forbidden = sorted(other for other in imported if not may_import(module, other))
    assert forbidden == [], f"{module} may not import them"


def test_no_file_imports_itself_by_a_detour() -> None:
    arrows = {
        module: (wanted(file.read_text(encoding="utf-8")) & FILES.keys()) - {module}
        for module, file in FILES.items()
    }
    # What is left when those that import nothing (left) are taken away again and again is in a circle.
    while free := {module for module, others in arrows.items() if not others & arrows.keys()}:
        arrows = {module: others for module, others in arrows.items() if module not in free}
    assert arrows == {}


@pytest.mark.parametrize("steps", STAIRS)
def test_every_room_of_the_stairs_exists(steps: str) -> None:
    missing = [name for name in steps.split() if name not in {room(module) for module in FILES}]
    assert missing == []


@pytest.mark.parametrize(
    ("importer", "line", "allowed"),
    [
        ("domain", "import stackspot_cli.errors", True),
        ("domain", "from stackspot_cli.routes import chat", False),
        ("routes.chat", "from stackspot_cli.model import Model", True),
        ("errors", "from . import domain", False),
        ("errors", "from stackspot_cli import StackSpot", False),
        ("app", "from stackspot_cli import __version__", True),
        ("routes.chat", "from stackspot_cli import __version__", False),
        ("app", "from stackspot_cli.sandbox.server import Sandbox", True),
        ("routes.chat", "from stackspot_cli.sandbox.server import Sandbox", False),
    ],
)
def test_the_law_tells_right_from_wrong(importer: str, line: str, allowed: bool) -> None:
    assert [may_import(importer, other) for other in wanted(f"def f():\n    {line}\n")] == [allowed]


def test_the_law_reads_the_real_package() -> None:
    assert {"domain", "errors", "routes.chat", "commands.complete"} <= FILES.keys()
    assert FILES["domain"] == PACKAGE / "domain.py"
