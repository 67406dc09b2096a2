"""Containers: no HOME, no entry in the list of users, a HOME of somebody else, closed, or read-only.

Answers come; notes say what is not kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from somebody import folder_of_somebody, run_as_somebody

from stackspot_cli.sandbox import Sandbox

UNLISTED = 54_321
IMPORTS = """
import json, os, sys
import stackspot_cli.cli, stackspot_cli.commands.complete, stackspot_cli.commands.models, stackspot_cli.commands.status
import stackspot_cli.commands.status.command, stackspot_cli.commands.config.path, stackspot_cli.commands.config.show
import stackspot_cli.commands.answer, stackspot_cli.output.present, stackspot_cli.history.store, httpx, filelock, yaml
import stackspot_cli.api.stackspot, keyring, logging
from stackspot_cli.terminal.streams import Terminal
WARM = {**os.environ, "HOME": sys.argv[1], "STACKSPOTAI_HOME": ""}
for argv in (["--sandbox", "complete", "hi"], ["--sandbox", "status"], ["models"], ["config", "show"]):
    stackspot_cli.cli.run(argv, WARM, Terminal.fake(environ=WARM))
import shlex, stackspot_cli.history.opening, stackspot_cli.files.private_files, tempfile
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid(54321, 54321, 54321)
    os.setresuid(54321, 54321, 54321)
"""
CODE = """
home, calls = sys.argv[1], json.loads(sys.argv[2])
os.environ.pop("HOME", None)
if home:
    os.environ["HOME"] = home
for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "STACKSPOTAI_HOME"):
    os.environ.pop(name, None)
told = []
for argv in calls:
    terminal = Terminal.fake(environ=os.environ)
    code = stackspot_cli.cli.run(argv, os.environ, terminal)
    told.append([int(code), terminal.out, terminal.err])
with stackspot_cli.api.stackspot.StackSpot() as client:
    answer = client.completion(messages=[{"role": "user", "content": "Say hi"}])
told.append(answer["choices"][0]["message"]["content"])
print(json.dumps(told))
"""
CALLS = (
    ["complete", "Say hi"],
    ["models"],
    ["status"],
    ["config", "path"],
    ["config", "show"],
    ["history", "path"],
)


@pytest.fixture
def service() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.fixture
def folder() -> Iterator[Path]:
    with folder_of_somebody() as made:
        made.chmod(0o755)
        yield made


def make(folder: Path, kind: str) -> str:
    home = folder / kind
    if kind == "none":
        return ""
    if kind == "absent":
        return str(home)
    config = home / ".config" / "stackspot" / "config.yaml"
    if kind != "read-only":
        config.parent.mkdir(parents=True)
        config.write_text("default_model: nobody-s\n")
    home.mkdir(exist_ok=True)
    closed = {"closed": home, "closed-config": config, "read-only": home}[kind]
    closed.chmod(0o555 if kind == "read-only" else 0)
    return str(home)


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can become a user who is in no list"
)
@pytest.mark.parametrize("kind", ["none", "absent", "closed", "closed-config", "read-only"])
def test_every_home_answers(service: Sandbox, folder: Path, kind: str) -> None:
    home = make(folder, kind)
    out = run_as_somebody(
        IMPORTS,
        CODE,
        home,
        json.dumps(CALLS),
        **service.environment,
        STACKSPOTAI_RETRIES="0",
        LC_ALL="C.UTF-8",
    )
    complete, *others, in_python = json.loads(out.splitlines()[-1])
    assert [code for code, _out, _err in (complete, *others)] == [0] * len(CALLS)
    assert "Hi!" in complete[1] and "Hi!" in in_python
    notes = complete[2].splitlines()
    assert all(line.startswith("note: ") for line in notes)
    assert "each call asks for a new token; STACKSPOTAI_HOME names another folder" in complete[2]
    assert "this answer is not kept" in complete[2]
    assert ("going on without it" in complete[2]) == kind.startswith("closed")
    assert others[2][1] == f"{home}/.config/stackspot/config.yaml\n"


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can become a user who is in no list"
)
def test_a_config_file_that_was_named_and_is_closed_is_fatal(service: Sandbox, folder: Path) -> None:
    config = folder / "named.yaml"
    config.write_text("retries: 1\n")
    config.chmod(0)
    code = CODE.replace("with stackspot_cli", "sys.exit(print(json.dumps(told)))\nwith stackspot_cli")
    out = run_as_somebody(
        IMPORTS, code, "", json.dumps([["--config", str(config), "models"]]), LC_ALL="C.UTF-8"
    )
    [(code_, _out, err)] = json.loads(out)
    assert (code_, str(config) in err) == (2, True)
