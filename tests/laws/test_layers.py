"""The arrows of the house: an import goes only to a lower layer, or to a neighbour that is named here.

Deferred imports and those for type checkers obey the same arrows. A new module needs a place in LAYERS.
"""

from fnmatch import fnmatchcase

import pytest
from package_source import PACKAGE, modules, own_imports

LAYERS: dict[int, str] = {
    6: "__main__ cli completion",
    5: "commands commands.* presentation chat_session slash_commands repl api gateway gateway.*",
    4: "app shell_values",
    3: "conversation chat_shapes",
    2: """client auth exchange transport proxies tokens private_files credentials credentials_* settings config_*
          model_catalogue history history.* export terminal output markdown typeset spinner prompt_input
          line_editor keyboard input_history clipboard text_editor handover probe executions progress_line
          indexing listings polling uploads""",
    1: """routes routes.* sse blocks block_starts code_colours inline inline_syntax fences retry redaction safe_text
          columns entries request_limits chat_messages service_errors setting_kinds token_estimate growing_text ulid""",
    0: "domain errors messages",
}

# Rooms of several files, which may know one another.
ROOMS = (
    ("routes", "routes.*"),
    ("history", "history.*"),
    ("gateway", "gateway.*"),
    ("commands.chat", "commands.chat*"),
    ("credentials", "credentials_*"),
    ("config_*",),
    ("commands.status*",),
    ("commands.config*",),
)

# The arrows between siblings, each of them part of the design: who may know whom.
NEIGHBOURS: dict[str, str] = {
    "domain": "messages",  # the built-in models have descriptions
    "columns": "safe_text",
    "inline": "inline_syntax safe_text",
    "blocks": "block_starts",
    "chat_messages": "safe_text",
    "service_errors": "redaction safe_text",  # the table from answers to errors quotes the service
    "routes.*": "service_errors fences ulid",
    "client": "auth exchange transport executions polling",  # one answer = token + one exchange after another
    "executions": "polling transport",
    "polling": "transport",
    "uploads": "client exchange transport",
    "indexing": "client polling uploads",
    "auth": "credentials credentials_* exchange tokens transport",
    "exchange": "transport",  # one request with its retries, over the one file that opens sockets
    "transport": "proxies",
    "tokens": "private_files",
    "credentials": "config_* settings private_files",
    "credentials_*": "config_* settings private_files",
    "settings": "config_* model_catalogue",
    "model_catalogue": "config_*",
    "config_*": "private_files",
    "history": "private_files",
    "history.*": "private_files",
    "export": "history history.*",
    "output": "terminal private_files",
    "prompt_input": "terminal",
    "markdown": "typeset terminal",
    "spinner": "terminal",
    "probe": "proxies",
    "progress_line": "spinner",
    "line_editor": "keyboard input_history",
    "input_history": "private_files",
    "clipboard": "terminal",
    "chat_session": "presentation",
    "slash_commands": "chat_session",
    "repl": "chat_session slash_commands",
    "commands.chat": "chat_session slash_commands repl",
    "commands.serve": "gateway gateway.*",
    # what complete, chat and run share: how an answer is shown, and the options that are the same
    "commands.*": "presentation commands.shared_options",
    "__main__": "cli",
    "cli": "completion",
}

# The island: it imports nothing of ours (its own law says so), and two places may use it.
ISLAND = "sandbox"
ISLAND_USERS = {"app", "commands.sandbox"}
# The front door: it loads the public names on first use, so it may reach anywhere; all that the house itself
# takes from it is the version.
FRONT_DOOR = ""
FROM_FRONT_DOOR = {".__version__"}

MODULES = {name: file for name, file in modules().items() if name.partition(".")[0] != ISLAND}
KNOWN = set(modules())


def fits(module: str, patterns: str) -> bool:
    return any(fnmatchcase(module, pattern) for pattern in patterns.split())


def layer(module: str) -> int | None:
    return next((number for number, patterns in LAYERS.items() if fits(module, patterns)), None)


def may_import(importer: str, imported: str) -> bool:
    if imported.startswith("."):
        return imported in FROM_FRONT_DOOR
    if imported.partition(".")[0] == ISLAND:
        return importer in ISLAND_USERS
    above, below = layer(importer), layer(imported)
    if above is None or below is None:
        return False
    if below < above:
        return True
    if below > above:
        return False
    return any(fits(importer, " ".join(room)) and fits(imported, " ".join(room)) for room in ROOMS) or any(
        fits(importer, who) and fits(imported, whom) for who, whom in NEIGHBOURS.items()
    )


def described(module: str) -> str:
    return f"{module} (layer {layer(module)})"


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {FRONT_DOOR}))
def test_every_module_has_its_layer(module: str) -> None:
    assert layer(module) is not None, f"give stackspot_cli.{module} a place in LAYERS of {__file__}"


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {FRONT_DOOR}))
def test_an_import_goes_to_a_lower_layer(module: str) -> None:
    wanted = own_imports(MODULES[module].read_text(encoding="utf-8"), KNOWN) - {module}
    forbidden = [described(other) for other in sorted(wanted) if not may_import(module, other)]
    assert forbidden == [], (
        f"{described(module)} may not import them: see LAYERS and NEIGHBOURS of {__file__}"
    )


def test_no_module_imports_itself_by_a_detour() -> None:
    arrows = {
        module: own_imports(file.read_text(encoding="utf-8"), KNOWN) & MODULES.keys()
        for module, file in MODULES.items()
        if module != FRONT_DOOR
    }
    # What is left when those that import nothing (left) are taken away again and again is in a circle.
    while free := {module for module, others in arrows.items() if not others & (arrows.keys() - {module})}:
        arrows = {module: others for module, others in arrows.items() if module not in free}
    assert arrows == {}


@pytest.mark.parametrize(
    ("importer", "line", "allowed"),
    [
        ("client", "from stackspot_cli.sse import Decoder", True),
        ("sse", "from stackspot_cli.client import Client", False),
        ("sse", "from stackspot_cli import retry", False),
        ("sse", "if TYPE_CHECKING:\n        from stackspot_cli import client", False),
        ("sse", "import stackspot_cli.errors", True),
        ("sse", "from stackspot_cli import StackSpot", False),
        ("exchange", "from stackspot_cli import __version__", True),
        ("client", "from stackspot_cli.transport import Transport", True),
        ("transport", "from stackspot_cli.client import Client", False),
        ("client", "from stackspot_cli.settings import Settings", False),
        ("client", "from . import sse", False),
        ("client", "from stackspot_cli.sandbox.server import serve", False),
        ("app", "from stackspot_cli.sandbox.server import serve", True),
        ("commands.complete", "from stackspot_cli.commands.models import table", False),
        ("commands.complete", "from stackspot_cli.cli import app", False),
        ("commands.complete", "from stackspot_cli.presentation import show", True),
        ("routes.chat", "from stackspot_cli.routes import frames", True),
        ("routes.chat", "from stackspot_cli.sse import Decoder", False),
        ("errors", "from stackspot_cli.domain import Secret", False),
    ],
)
def test_the_law_tells_right_from_wrong(importer: str, line: str, allowed: bool) -> None:
    wanted = own_imports(f"def f():\n    {line}\n", KNOWN)
    assert [may_import(importer, other) for other in wanted] == [allowed]


def test_the_law_reads_the_real_package() -> None:
    assert {"", "domain", "errors", "sse", "client", "routes.chat", "commands.complete"} <= MODULES.keys()
    assert MODULES["sse"] == PACKAGE / "sse.py"
