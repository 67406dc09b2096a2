"""The coding agents as released, each alone with the gateway and a scripted service, in a network of its own.

Run as a program inside a namespace that has only loopback (`unshare -rn python coding_agents.py`): reads a scene as
JSON on stdin, plays it, and writes what came of it as JSON on stdout. Imported, it says what there is to play.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PORT = 8765
TASK = "Play the scene"
PACKAGES = {
    "codex": "@openai/codex@0.171.0",
    "claude": "@anthropic-ai/claude-code@2.1.197",
    "opencode": "opencode-ai@1.18.33",
    "copilot": "@github/copilot@1.0.102",
}


@dataclass(frozen=True)
class Scene:
    """client: by its name of `--print-config`. answers: of the service, one after the other. files: that are there.

    environ: of the client, above what its configuration says. printed_for: the model whose configuration is printed,
    where it is another one; the name is then put in its place. replaced: what else is, in the configuration.
    """

    client: str
    model: str
    binary: str
    answers: list[str]
    files: dict[str, str] = field(default_factory=lambda: {"hello.py": "print('hello')\n"})
    environ: dict[str, str] = field(default_factory=dict)
    key: str = ""
    printed_for: str = ""
    replaced: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """prompts: what the service was asked. log: the gateway's stderr, with `-v`."""

    code: int
    out: str
    err: str
    files: dict[str, str]
    prompts: list[str]
    log: str


# --- how each client's tools are called ------------------------------------------------------------


def call(name: str, **arguments: object) -> str:
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


@dataclass(frozen=True)
class Hands:
    """Calls that a model would write for one client. `@` stands for the folder that it works in."""

    read: Callable[[str], str]
    write: Callable[[str, str], str]
    change: Callable[[str, str, str], str]


HANDS: Mapping[str, Hands] = {
    "codex": Hands(
        lambda path: call("exec_command", cmd=f"cat {path}"),
        lambda path, text: call("exec_command", cmd=f"cat > {path} <<'EOF'\n{text}EOF"),
        lambda path, old, new: call("exec_command", cmd=f"sed -i 's/{old}/{new}/' {path}"),
    ),
    "claude": Hands(
        lambda path: call("Read", file_path=f"@/{path}"),
        lambda path, text: call("Write", file_path=f"@/{path}", content=text),
        lambda path, old, new: call("Edit", file_path=f"@/{path}", old_string=old, new_string=new),
    ),
    "opencode": Hands(
        lambda path: call("read", filePath=f"@/{path}"),
        lambda path, text: call("write", filePath=f"@/{path}", content=text),
        lambda path, old, new: call("edit", filePath=f"@/{path}", oldString=old, newString=new),
    ),
    "copilot": Hands(
        lambda path: call("view", path=f"@/{path}"),
        lambda path, text: call("create", path=f"@/{path}", file_text=text),
        lambda path, old, new: call("edit", path=f"@/{path}", old_str=old, new_str=new),
    ),
}


# --- how each client is started --------------------------------------------------------------------


def _prepared(scene: Scene, home: Path, work: Path, config: str) -> tuple[list[str], dict[str, str]]:
    """Puts the printed configuration where it belongs; gives the command and its environment."""
    environ: dict[str, str] = {}
    match scene.client:
        case "codex":
            _put(home / ".codex" / "config.toml", config)
            command = ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", TASK]
        case "claude":
            _put(home / ".claude" / "settings.json", config)
            environ["IS_SANDBOX"] = "1"  # or it refuses to work as root
            command = ["-p", TASK, "--dangerously-skip-permissions"]
        case "opencode":
            _put(work / "opencode.json", config)
            environ |= {"OPENCODE_DISABLE_MODELS_FETCH": "1", "OPENCODE_DISABLE_AUTOUPDATE": "1"}
            command = ["run", TASK]
        case "copilot":
            exports = [
                line.removeprefix("export ") for line in config.splitlines() if line.startswith("export ")
            ]
            environ |= dict(line.split("=", 1) for line in exports)
            environ = {name: value.strip("'\"") for name, value in environ.items()}
            environ = {name: scene.key if value.startswith("$") else value for name, value in environ.items()}
            last = config.splitlines()[-1].removeprefix("# then: copilot").split()
            command = ["-p", TASK, "--allow-all-tools", *last]
        case _:
            raise ValueError(scene.client)
    return [scene.binary, *command], environ


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def play(scene: Scene, folder: Path) -> Outcome:
    from stackspot_cli.sandbox import Sandbox

    home, work, own = folder / "home", folder / "work", folder / "own"
    for one in (home, work, own):
        one.mkdir()
    for name, text in scene.files.items():
        _put(work / name, text)
    answers = [answer.replace("@/", f"{work}/") for answer in scene.answers]
    plain = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    plain |= {"HOME": str(home), "TERM": "dumb"}
    if scene.key:
        plain["STACKSPOTAI_SERVE_KEY"] = scene.key
    stackspot = [sys.executable, "-m", "stackspot_cli", "-v", "serve", "--port", str(PORT)]
    script = [{"when": "<tool_call>", "answers": answers}, {"answer": "In short: the scene is half played."}]
    with Sandbox(answers=script) as service:  # the second is for titles and summaries
        ours = {**plain, **service.environment, "STACKSPOTAI_HOME": str(own)}
        printed_for = scene.printed_for or scene.model
        printing = [*stackspot, "--print-config", scene.client, "-m", printed_for]
        config = subprocess.run(
            printing, env=ours, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        for old, new in {printed_for: scene.model, **scene.replaced}.items():
            config = config.replace(old, new)
        command, environ = _prepared(scene, home, work, config)
        with (
            (folder / "log").open("w") as log,
            subprocess.Popen(
                stackspot, env=ours, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
            ) as gateway,
        ):
            assert gateway.stdout
            gateway.stdout.readline()
            try:
                done = subprocess.run(
                    command,
                    cwd=work,
                    env={**plain, **environ, **scene.environ},
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=300,
                )
            finally:
                gateway.terminate()
        prompts = [
            request.json["user_prompt"] for request in service.requests if request.path.endswith("/chat")
        ]
    files = {
        str(path.relative_to(work)): path.read_text(encoding="utf-8", errors="replace")
        for path in work.rglob("*")
        if path.is_file() and path.name != "opencode.json"
    }
    return Outcome(done.returncode, done.stdout, done.stderr, files, prompts, (folder / "log").read_text())


def alone(scene: Scene) -> Outcome:
    """Plays it in a namespace that has only loopback."""
    namespace = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    done = subprocess.run(
        [*namespace, sys.executable, __file__],
        input=json.dumps(asdict(scene)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return Outcome(**found)


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="stackspot-scene-") as name:
        print(json.dumps(asdict(play(Scene(**json.load(sys.stdin)), Path(name)))))
