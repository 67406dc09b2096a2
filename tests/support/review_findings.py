"""Findings as a model gives them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from program import Outcome, Program

from stackspot_cli.sandbox import Sandbox

ERROR = {
    "file": "add.py",
    "line": 2,
    "end_line": 2,
    "quote": "    return a - b",
    "severity": "error",
    "title": "It subtracts",
    "why": "Sums are wrong.",
    "fix": "return a + b",
}


WARNING = {**ERROR, "severity": "warning", "title": "It is slow"}


CLEAN = "what is not committed yet: no findings; files looked at: 1\n"


NOTE = {**ERROR, "severity": "note"}


MADE_UP = {**ERROR, "line": 99, "quote": "os.system(input())", "title": "It runs what is typed"}


Reviewing = Callable[..., Outcome]


class World:
    """The program and a sandbox that answers as told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandboxes: list[Sandbox] = []
        self.programs: list[Program] = []

    def program(self, *rules: dict[str, Any], **more: Any) -> Program:
        sandbox = Sandbox(answers=rules, **more).start()
        self.sandboxes.append(sandbox)
        self.programs.append(Program(self.folder, sandbox))
        return self.programs[-1]

    @property
    def asked(self) -> int:
        """How many prompts came."""
        return sum(
            request.path.endswith(("/chat", "/v3/chat")) for box in self.sandboxes for request in box.requests
        )


def answered(*findings: dict[str, Any], when: str = "Review of") -> dict[str, Any]:
    return {"when": when, "answer": json.dumps(findings)}


KEPT = {"STACKSPOTAI_HISTORY": None}


def prompt_of(world: World) -> str:
    [body] = [
        request.json for box in world.sandboxes for request in box.requests if request.path == "/v3/chat"
    ]
    return str(body["user_prompt"])
