"""The verdicts of the documentation, run on a real repository against answers that approve, refuse and ramble."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from repository import Repository

from stackspot_cli.sandbox import Sandbox

PAGE = Path(__file__).parents[2] / "docs" / "structured-answers.md"
RECIPES = dict(
    re.findall(r"<!-- recipe: (\w+) -->\n```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
)
RAMBLING = "Well, approved or not approved, that is the question. It should be:\n\n```\nfix()\n```\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One commit on `base`, one on top of it."""
    made = Repository(tmp_path / "repository")
    (made.folder / "add.py").write_text("def add(a, b):\n    return a + b\n")
    made.git("add", ".")
    made.git("commit", "-qm", "add")
    made.git("branch", "base")
    (made.folder / "add.py").write_text("def add(a, b):\n    return a - b\n")
    made.git("commit", "-qam", "change")
    return made.folder


def run(name: str, repository: Path, *rules: Any, base: str = "base") -> tuple[int, str, Sandbox]:
    """The recipe's exit code, its log, and the service that it spoke to."""
    with Sandbox(answers=rules) as server:
        done = subprocess.run(
            ["bash", "-c", RECIPES[name]],
            cwd=repository,
            env={
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
                "HOME": str(repository.parent),
                "LC_ALL": "C.UTF-8",
                "CI": "true",
                "BASE": base,
                "RUNNER_TEMP": str(repository.parent / "runner"),
                **server.environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
    return done.returncode, done.stdout + done.stderr, server


def verdict(*answers: str) -> list[dict[str, Any]]:
    return [
        {"when": "May the change be merged|not fit", "answers": list(answers)},
        {"when": "Review this change", "answer": answers[0]},
    ]


needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")


@needs_jq
@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (['{"approved": true, "why": "It is right."}'], 0),
        (["Sure:\n```json\n" + '{"approved": true, "why": "It is right."}' + "\n```"], 0),
        ([RAMBLING, '{"approved": true, "why": "It is right."}'], 0),
        (['{"approved": false, "why": "It subtracts."}'], 1),
        (['{"approved": "approved", "why": "x"}', "approved"], 8),
        ([RAMBLING, RAMBLING], 8),
    ],
)
def test_a_verdict_by_a_schema_passes_for_a_yes_alone(
    repository: Path, answers: list[str], code: int
) -> None:
    ended, log, server = run("schema", repository, *verdict(*answers))
    assert ended == code, log
    asked = [request.json for request in server.requests if request.path == "/v3/chat"]
    assert "-    return a + b\n+    return a - b" in asked[0]["user_prompt"]
    assert len({one["context"]["conversation_id"] for one in asked}) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("It is right.\nVERDICT: approved\n", 0),
        ("It subtracts.\nVERDICT: rejected\n", 8),
        ("VERDICT: approved\n\nWait.\nVERDICT: rejected\n", 8),
        ("Not VERDICT: approved\n", 8),
        (RAMBLING, 8),
    ],
)
def test_a_verdict_by_a_pattern_passes_for_a_yes_alone(repository: Path, answer: str, code: int) -> None:
    ended, log, _server = run("pattern", repository, {"when": "VERDICT", "answer": answer})
    assert ended == code, log
    assert (repository / "review.md").read_text() == answer


@needs_jq
@pytest.mark.parametrize("name", RECIPES)
def test_an_empty_difference_is_no_change_to_approve(repository: Path, name: str) -> None:
    ended, log, server = run(name, repository, {"when": "", "answer": "VERDICT: approved"}, base="HEAD")
    assert (ended, log) == (1, "nothing changed since HEAD\n")
    assert list(server.requests) == []


def test_the_page_has_both_recipes() -> None:
    assert set(RECIPES) == {"schema", "pattern"}
