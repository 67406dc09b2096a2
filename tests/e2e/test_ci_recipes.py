"""The CI recipes as they stand in the documentation: parsed, and their scripts run on a real repository."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from program import Program
from strict_service import StrictService, frame

RECIPES = Path(__file__).parents[2] / "docs" / "ci-recipes.md"
APPROVED = "```\napproved\n```"


def recipes() -> list[Any]:
    return [
        yaml.safe_load(block)
        for block in re.findall(r"^```yaml\n(.*?)^```", RECIPES.read_text(encoding="utf-8"), re.M | re.S)
    ]


def scripts(name: str) -> tuple[dict[str, str], list[str]]:
    """The recipe's own variables, and the scripts of its steps but for the installation."""
    github, gitlab = recipes()
    if name == "github":
        job = github["jobs"]["review"]
        steps = [step["run"] for step in job["steps"] if "run" in step and step["name"] != "Install"]
        return {"REVIEWER": job["env"]["REVIEWER"]}, ["set -eo pipefail\n" + step for step in steps]
    job = gitlab["review"]
    return {"REVIEWER": job["variables"]["REVIEWER"]}, ["set -e\n" + "\n".join(job["script"])]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One commit on `main`, one on top of it."""
    folder = tmp_path / "repository"
    folder.mkdir()

    def git(*words: str) -> None:
        names = ["-c", "user.name=A", "-c", "user.email=a@b.example"]
        subprocess.run(["git", *names, *words], cwd=folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (folder / "add.py").write_text("def add(a, b):\n    return a + b\n")
    git("add", ".")
    git("commit", "-qm", "add")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    (folder / "add.py").write_text("def add(a, b):\n    return a - b\n")
    git("commit", "-qam", "change")
    return folder


def run(world: Program, repository: Path, name: str) -> tuple[int, str, str]:
    """Every script of the recipe until one fails: (exit code, what was posted, the log)."""
    variables, steps = scripts(name)
    summary = repository / "summary.md"
    environ = {
        **world.environ,
        **variables,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CI": "true",
        "GITHUB_BASE_REF": "main",
        "GITHUB_STEP_SUMMARY": str(summary),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": "origin/main",
    }
    code, log = 0, ""
    for step in steps:
        done = subprocess.run(
            ["bash", "-c", step],
            cwd=repository,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        code, log = done.returncode, log + done.stdout + done.stderr
        if code:
            break
    posted = summary if name == "github" else repository / "review.md"
    return code, posted.read_text() if posted.exists() else "", log


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_a_change_that_is_approved_passes_and_its_review_is_posted(
    world: Program, strict: StrictService, repository: Path, name: str
) -> None:
    strict.agent_frames = [frame(f"It subtracts.\n\n{APPROVED}"), frame("", stop_reason="stop")]
    code, posted, log = run(world, repository, name)
    assert (code, posted, log) == (0, f"It subtracts.\n\n{APPROVED}\n", "approved\n")
    review, verdict = (body for _method, _path, body in strict.requests)
    assert "-    return a + b\n+    return a - b" in review["user_prompt"]
    assert verdict["conversation_id"] == review["conversation_id"]
    assert verdict["user_prompt"].startswith("May it be merged?")


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_a_change_that_is_not_approved_fails_and_its_review_is_posted_all_the_same(
    world: Program, strict: StrictService, repository: Path, name: str
) -> None:
    strict.agent_frames = [frame("It subtracts."), frame("", stop_reason="stop")]
    code, posted, log = run(world, repository, name)
    assert (code, posted) == (8, "It subtracts.\n")
    assert log.startswith("It subtracts.\nerror: the answer holds no fenced code block\n")


@pytest.mark.parametrize("name", ["github", "gitlab"])
@pytest.mark.parametrize(("status", "expected"), [(403, 4), (429, 5), (503, 6), (400, 8)])
def test_the_step_fails_with_the_codes_of_the_table(
    world: Program, strict: StrictService, repository: Path, name: str, status: int, expected: int
) -> None:
    strict.faults = {"/v1/agent": [status] * 3}
    code, posted, log = run(world, repository, name)
    assert (code, posted) == (expected, "")
    assert log.startswith("error: ")
