"""What the quick starts may not load: asked of real processes, through `sys.modules`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from package_source import PACKAGE

from stackspot_cli.commands.tree import COMMANDS, Table

HEAVY = {
    "httpx",
    "httpcore",
    "h11",
    "keyring",
    "yaml",
    "sqlite3",
    "prompt_toolkit",
    "rich.markdown",
    "asyncio",
}

LISTING = """
import sys
sys.argv = ["stackspot", *{arguments!r}]
import os
left = os._exit
def leave(code):
    sys.stderr.write("\\n".join(sys.modules))
    sys.stderr.flush()
    left(code)
os._exit = leave
from stackspot_cli.__main__ import main
main()
"""


ROOMS = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
EVERYWHERE = {
    "commands",
    "terminal",
    "settings",
    "process",
    "sandbox",
}  # sandbox: where the call has --sandbox
LIBRARIES = HEAVY | {
    *(
        "rich",
        "markdown_it",
        "pygments",
        "jsonschema",
        "regex",
        "filelock",
        "platformdirs",
        "starlette",
        "uvicorn",
    ),
    *("ssl", "logging", "tempfile", "random"),
}
HTTP = "httpx httpcore h11 ssl logging random"
ASKING = "auth client conversation files history network output routes"
# What a call may load: of our rooms, and of the libraries that take their time.
WHAT_IT_NEEDS = [
    ("complete --no-stdin --dry-run hi", ASKING, ""),
    ("--sandbox complete --no-stdin --no-history hi", ASKING, f"{HTTP} tempfile"),
    ("--sandbox complete --no-stdin hi", ASKING, f"{HTTP} tempfile sqlite3"),
    ("--sandbox chat", "auth conversation files history output prompts routes", "tempfile random"),
    (
        "--sandbox batch - -o -",
        "batch conversation files history network routes structured",
        "tempfile random",
    ),
    ("--sandbox run summarize x", ASKING, f"{HTTP} tempfile"),
    ("--sandbox review", "files review routes structured", "tempfile random"),  # where there is no repository
    ("--sandbox agents", "auth client files network routes", f"{HTTP} tempfile"),
    ("--sandbox knowledge list", "auth client files network routes", f"{HTTP} tempfile"),
    ("--sandbox status", "auth client files network routes", f"{HTTP} tempfile"),
    ("--sandbox prompts list", "files prompts routes", "tempfile random yaml"),
    ("models", "files routes", ""),
    ("history list", "files history routes", "sqlite3"),
    ("history export", "files history output routes", "sqlite3"),
    ("config show", "auth files routes", ""),
    ("config set realm x", "files routes", ""),
    ("config path", "", ""),
    ("login --help", "routes", ""),
    ("logout --help", "", ""),
    ("sandbox --help", "", ""),
    ("serve --print-config aider", "files gateway routes", ""),
]


def commands(table: Table = COMMANDS, before: str = "") -> Iterator[str]:
    for name, (below, _summary) in table.items():
        yield f"{before}{name}"
        if not isinstance(below, str):
            yield from commands(below, f"{before}{name} ")


def modules_after(arguments: list[str], tmp_path: object, *, check: bool = True, **environ: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", LISTING.format(arguments=arguments)],
        env={"PATH": os.environ["PATH"], "STACKSPOTAI_HOME": str(tmp_path), **environ},
        cwd=str(tmp_path),
        capture_output=True,
        text=True,
        check=check,
    )
    return set(run.stderr.split("\n"))


@pytest.mark.parametrize(("call", "rooms", "libraries"), WHAT_IT_NEEDS)
def test_a_command_loads_what_it_needs_and_nothing_else(
    call: str, rooms: str, libraries: str, tmp_path: object
) -> None:
    pair = {
        "STACKSPOTAI_CLIENT_ID": "id",
        "STACKSPOTAI_CLIENT_KEY": "a-key-of-nobody",
        "STACKSPOTAI_REALM": "r",
    }
    loaded = modules_after(call.split(), tmp_path, check=False, **({} if "--sandbox" in call else pair))
    ours = {name.split(".")[1] for name in loaded if name.startswith("stackspot_cli.")}
    assert ours & ROOMS - EVERYWHERE == set(rooms.split())
    assert loaded & LIBRARIES == set(libraries.split())


def test_every_command_says_what_it_needs() -> None:
    assert {word for call, _rooms, _libraries in WHAT_IT_NEEDS for word in call.split()} >= set(COMMANDS)


@pytest.mark.parametrize(
    "arguments", [["models"], ["--help"], *([*words.split(), "--help"] for words in commands())]
)
def test_help_and_listings_load_nothing_heavy(arguments: list[str], tmp_path: object) -> None:
    assert modules_after(arguments, tmp_path) & HEAVY == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["models"],
        ["models", "stackspot-ai"],
        ["config", "show"],
        ["history", "list"],
        ["--sandbox", "status"],
        ["--sandbox", "agents"],
        ["--sandbox", "knowledge", "list"],
        ["--sandbox", "run", "summarize", "x"],
        ["--sandbox", "complete", "--no-stdin", "Say hi"],
    ],
    ids=" ".join,
)
def test_in_a_pipe_nothing_is_drawn(arguments: list[str], tmp_path: object) -> None:
    """Tables, bars and spinners are a terminal's: whoever reads a pipe does not wait for Rich."""
    assert "rich" not in modules_after(arguments, tmp_path, check=False)


def test_a_shell_completion_loads_nothing_heavy(tmp_path: object) -> None:
    loaded = modules_after(
        [], tmp_path, _STACKSPOT_COMPLETE="complete_bash", COMP_WORDS="stackspot complete --f", COMP_CWORD="2"
    )
    assert loaded & HEAVY == set()


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("stackspot ", set()),
        ("stackspot complete --f", set()),
        ("stackspot complete --format ", set()),
        ("stackspot complete -m ", set()),  # without a config file nobody reads YAML
        ("stackspot config get ", set()),
        ("stackspot history show ", {"sqlite3"}),
    ],
)
def test_the_installed_completions_load_what_the_value_needs(
    line: str, allowed: set[str], tmp_path: object
) -> None:
    loaded = modules_after([], tmp_path, _STACKSPOT_COMPLETE="complete_lines", _TYPER_COMPLETE_ARGS=line)
    assert "stackspot_cli.commands.shell_completion" in loaded
    assert loaded & (HEAVY | {"rich"}) <= allowed


def test_the_version_loads_no_command_line_library(tmp_path: object) -> None:
    loaded = modules_after(["--version"], tmp_path)
    assert loaded & (HEAVY | {"typer", "re", "dataclasses", "enum"}) == set()


def test_a_chat_from_a_pipe_loads_no_line_editor(tmp_path: object) -> None:
    loaded = modules_after(["--sandbox", "chat"], tmp_path)  # its stdin has ended
    assert "stackspot_cli.commands.chat.loop" in loaded
    assert loaded & {"prompt_toolkit", "asyncio", "httpx", "sqlite3"} == set()


def test_an_answer_with_credentials_in_the_environment_loads_no_keyring(tmp_path: object) -> None:
    loaded = modules_after(["--sandbox", "complete", "--no-stdin", "Say hi"], tmp_path)
    assert "httpx" in loaded
    assert loaded & {"keyring", "prompt_toolkit", "rich.markdown", "httpx._main", "yaml"} == set()


@pytest.mark.parametrize("arguments", [["complete", "--no-stdin", "Say hi"], ["models"], ["history", "list"]])
def test_what_goes_to_a_pipe_loads_nothing_that_draws(arguments: list[str], tmp_path: object) -> None:
    loaded = modules_after(["--sandbox", *arguments], tmp_path)
    assert loaded & {"rich", "rich.console", "markdown_it", "pygments"} == set()


def test_only_serve_loads_the_gateway_and_what_it_stands_on(tmp_path: object) -> None:
    loaded = modules_after(["--sandbox", "complete", "Hello"], tmp_path)
    rooms = {f"stackspot_cli.{room}" for room in ("gateway", "dialects", "tools")}
    assert loaded & rooms == set()
