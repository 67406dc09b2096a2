"""The programs that people use today, where they are installed: found on PATH, pointed at the bench's service.

STACKSPOT_BENCH_PEERS names further folders to look in, separated by colons.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bench.service import Service


def found(service: Service, home: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    """name -> the command that asks for one prompt (to be appended), and the variables that all of them need."""
    path = os.pathsep.join([os.environ.get("STACKSPOT_BENCH_PEERS", ""), os.environ.get("PATH", "")])
    commands: dict[str, list[str]] = {}
    llm = shutil.which("llm", path=path)
    if llm:
        folder = home / "llm"
        folder.mkdir(exist_ok=True)
        (folder / "extra-openai-models.yaml").write_text(
            f"- model_id: bench\n  model_name: bench\n  api_base: {service.url}/v1\n  api_key_name: bench\n"
        )
        (folder / "keys.json").write_text('{"bench": "bench"}')
        commands["llm"] = [llm, "-m", "bench"]
    sgpt = shutil.which("sgpt", path=path)
    if sgpt:
        commands["shell-gpt"] = [sgpt, "--no-md", "--no-cache", "--model", "bench"]
    environ = {
        "LLM_USER_PATH": str(home / "llm"),
        "OPENAI_API_KEY": "bench",
        "API_BASE_URL": f"{service.url}/v1",
        "HOME": str(home),
        "SHELL_INTERACTION": "false",
    }
    return commands, environ if commands else {}
