"""TAB pressed in the real shells, on the files that are installed, with values that only the program knows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fault_server import FaultServer
from program import Program

from stackspot_cli.account import Account
from stackspot_cli.domain import Conversation, Turn
from stackspot_cli.history.growing_text import GrowingText
from stackspot_cli.history.store import History

ROOT = Path(__file__).resolve().parents[2]
COMPLETIONS = ROOT / "completions"
pytestmark = pytest.mark.skipif(not COMPLETIONS.is_dir(), reason="not run from a source tree")

CONVERSATION = "01K9ZZZZZZZZZZZZZZZZZZZZZZ"
AGENT = "01K45T82PF8QC64C9DNHGQWHY2"
CONFIG = f"""\
providers:
  stackspot:
    models:
      reviewer: {{agent: {AGENT}, description: "Our reviewer $(touch obeyed) `touch obeyed` ' \\" : \\\\"}}
      translate: {{quick_command: translate-to-spanish}}
  work:
    client_realm: acme
"""

# What it takes to have the completions as an installed program has them, and a prompt that can be waited for.
SHELLS: dict[str, tuple[list[str], str]] = {
    "bash": (["--norc", "--noprofile", "-i"], f"PS1='rea''dy> '; source {COMPLETIONS}/stackspot.bash\n"),
    "zsh": (
        ["-f", "-i"],
        f"PS1='rea''dy> '; fpath=({COMPLETIONS} $fpath); autoload -Uz compinit; compinit -u -D\n",
    ),
    "fish": (
        ["--no-config", "-i"],
        f"function fish_prompt; echo -n 'rea''dy> '; end; source {COMPLETIONS}/stackspot.fish\n",
    ),
}

TABS = {
    "stackspot compl": ["stackspot", "complete"],
    "stackspot complete --form": ["stackspot", "complete", "--format"],
    "stackspot complete --format mark": ["stackspot", "complete", "--format", "markdown"],
    "stackspot complete --format=mark": ["stackspot", "complete", "--format=markdown"],
    "stackspot complete -m revi": ["stackspot", "complete", "-m", "reviewer"],
    "stackspot complete -m agent:": ["stackspot", "complete", "-m", f"agent:{AGENT}"],
    "stackspot complete -T trans": ["stackspot", "complete", "-T", "translate"],
    "stackspot complete -T review -p fo": ["stackspot", "complete", "-T", "review", "-p", "focus="],
    "stackspot models stackspot-ai-co": ["stackspot", "models", "stackspot-ai-code"],
    "stackspot --profile wo": ["stackspot", "--profile", "work"],
    "stackspot history show 01K9": ["stackspot", "history", "show", CONVERSATION],
    "stackspot config get providers.work.client_r": [
        "stackspot",
        "config",
        "get",
        "providers.work.client_realm",
    ],
    "stackspot sandbox --fault rate": ["stackspot", "sandbox", "--fault", "rate-limit"],
    "stackspot complete -f note": ["stackspot", "complete", "-f", "notes.txt"],
}


class Shell(Program):
    """A shell in the small world of the program."""

    def command(self, argv: tuple[str, ...], python: tuple[str, ...]) -> list[str]:
        return list(argv)


def a_home_with_everything(shell: Shell) -> None:
    shell.home.mkdir()
    (shell.home / "config.yaml").write_text(CONFIG)
    (shell.folder / "notes.txt").write_text("notes\n")
    history = History(shell.home / "history.db", note=print)
    turn = Turn(
        "Say $(touch obeyed) `touch obeyed` 'hi' \"there\": \\", "", "complete", "stackspot-ai", 1.0, 2.0
    )
    recording = history.recording(
        Conversation(CONVERSATION, Account("stackspot"), "stackspot-ai", None, 1.0, 1.0), turn, GrowingText()
    )
    recording.start()
    recording.finish(turn, remote_id=CONVERSATION)
    history.close()


@pytest.mark.parametrize("name", SHELLS)
def test_tab_completes_in_the_real_shell(name: str, tmp_path: Path, server: FaultServer) -> None:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    shell = Shell(tmp_path, server)
    a_home_with_everything(shell)
    before = sorted(tmp_path.rglob("*"))
    options, set_up = SHELLS[name]
    world = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "STACKSPOTAI_ENDPOINT_URL": None,
        "HISTFILE": None,
    }
    with shell.on_terminal(path, *options, env=world, size=(240, 50)) as screen:
        screen.type(set_up.encode())
        screen.wait_for(b"ready> ")
        for number, (typed, words) in enumerate(TABS.items()):
            # Ctrl-A puts a command in front that says which words the line has become.
            screen.type(f"{typed}\t\x01printf '<%s>' done{number}- \x05\n".encode())
            screen.wait_for(b"<done%d->" % number)
            screen.wait_for(b"".join(b"<%s>" % word.encode() for word in words))
        screen.type(b"exit\n")
        screen.end()
    made = [path for path in sorted(tmp_path.rglob("*")) if path not in before]
    assert [path for path in made if path.is_relative_to(shell.home) or "obeyed" in path.name] == []


# What a name in somebody else's config file may hold: each of them once ran, or broke the line, in some shell.
HOSTILE = [
    "evil1$(touch obeyed)",
    "evil2`touch obeyed`",
    "evil3;touch obeyed",
    "evil4&touch obeyed",
    "evil5|touch obeyed",
    "evil6>obeyed",
    "evil7<(touch obeyed)",
    "evil8${x:=$(touch obeyed)}",
    "evil9$((a[$(touch obeyed)]))",
    "evila it's my model",
    'evilb "quoted" \\ back',
    "evilc\ttab",
    "evild!event #comment *glob* ~tilde",
    "evile'$(touch obeyed)'",
    'evilf"$(touch obeyed)"',
    "evilg(touch obeyed)",
]


@pytest.mark.parametrize("name", SHELLS)
def test_tab_and_enter_never_run_what_a_name_holds(name: str, tmp_path: Path, server: FaultServer) -> None:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    shell = Shell(tmp_path, server)
    shell.home.mkdir()
    models = {model: {"quick_command": "x"} for model in HOSTILE}
    (shell.home / "config.yaml").write_text(json.dumps({"providers": {"stackspot": {"models": models}}}))
    options, set_up = SHELLS[name]
    world = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "STACKSPOTAI_ENDPOINT_URL": None,
        "HISTFILE": None,
    }
    with shell.on_terminal(path, *options, env=world, size=(240, 50)) as screen:
        screen.type(set_up.encode())
        screen.wait_for(b"ready> ")
        for number, model in enumerate(HOSTILE):
            screen.type(f"stackspot models {model[:5]}\t\x01printf '<%s>' done{number}- \x05\n".encode())
            screen.wait_for(b"<done%d->" % number)
            screen.wait_for(b"<%s>" % shown(model).encode())
        screen.type(b"exit\n")
        screen.end()
    assert list(tmp_path.rglob("obeyed")) == []


# The function that TAB calls, asked as readline asks it.
ASK_BASH = r"""
source "$1"
COMP_LINE="stackspot models $2" COMP_POINT=$((17 + ${#2})) COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
_stackspot stackspot "${2#[\"\']}"
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("evil3", "evil3\\;touch\\ obeyed"), ("'evil", ""), ('"evil', ""), ('"plain', "plain-model")],
)
def test_bash_offers_only_plain_names_within_a_quotation(tmp_path: Path, typed: str, offered: str) -> None:
    path = shutil.which("bash")
    if path is None:
        pytest.skip("bash is not installed")
    models = {model: {"quick_command": "x"} for model in [*HOSTILE, "plain-model"]}
    (tmp_path / "config.yaml").write_text(json.dumps({"providers": {"stackspot": {"models": models}}}))
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [path, "--norc", "-c", ASK_BASH, "bash", str(COMPLETIONS / "stackspot.bash"), typed],
        env={**os.environ, "PATH": search, "STACKSPOTAI_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.rstrip("\n") == offered


def shown(model: str) -> str:
    """As the program names it: a tab would begin the description."""
    return model.replace("\t", " ")
