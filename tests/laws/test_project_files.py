"""What a newcomer and a robot read besides the code: links lead somewhere, workflows are pinned and may do little."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
pytestmark = pytest.mark.skipif(not WORKFLOWS, reason="not run from a source tree")

FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
PINNED = re.compile(r"^\s*-? *uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$")


def anchors(page: Path) -> set[str]:
    """The fragments of a page, as GitHub makes them of headings, and those written out."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)">', text))


def broken_links(page: Path) -> list[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    found = []
    for target in LINK.findall(text):
        if target.startswith(("https://", "mailto:")):
            continue
        name, _hash, fragment = target.partition("#")
        other = (page.parent / name).resolve() if name else page
        if not other.exists() or (fragment and fragment not in anchors(other)):
            found.append(target)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.parent.name == "docs"], ids=lambda page: page.name
)
def test_every_page_of_docs_can_be_reached(page: Path) -> None:
    others = [other for other in PAGES if other != page]
    assert any(f"{page.name}" in other.read_text(encoding="utf-8") for other in others)


def test_what_troubleshooting_quotes_is_what_the_program_says() -> None:
    """The first cell of a row, where it begins with code: every piece of it is in some sentence of ours."""
    catalogue = ROOT / "stackspot_cli" / "locale" / "pt_BR" / "LC_MESSAGES" / "stackspot.po"
    sentences = catalogue.read_text(encoding="utf-8").replace('"\n"', "")
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    cells = [line.split(" | ")[0].removeprefix("| ") for line in page.splitlines() if line.startswith("| `")]
    quoted = [quote for cell in cells for quote in re.findall(r"`([^`]+)`", cell) if " " in quote]
    quoted = [quote for quote in quoted if not quote.startswith("stackspot ")]
    assert len(quoted) > 15
    pieces = [piece.strip(" ") for quote in quoted for piece in quote.split("…")]
    assert [piece for piece in pieces if piece and piece not in sentences] == []


def test_the_two_commands_of_the_readme_stand_alone_under_their_headings() -> None:
    """.ci/run and others take them from there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for heading in ("Try it", "Test it"):
        found = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
        blocks = re.findall(r"^```sh\n(.*?)\n```$", found[0], re.DOTALL | re.MULTILINE)
        assert [len(block.splitlines()) for block in blocks] == [1]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_and_says_its_release(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert lines
    assert [line.strip() for line in lines if not PINNED.match(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_job_may_write_but_the_one_that_publishes(path: Path) -> None:
    workflow: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    writing = {
        name: [scope for scope, level in job["permissions"].items() if level != "read"]
        for name, job in workflow["jobs"].items()
    }
    assert {name: scopes for name, scopes in writing.items() if scopes} == {"publish": ["id-token"]}


def test_what_is_published_was_tested_on_every_system_and_python() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    matrix = jobs["test"]["strategy"]["matrix"]
    assert {system.partition("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert {"check", "test", "dependencies", "on-main"} <= set(jobs["publish"]["needs"])
    assert [jobs[name].get("needs") for name in ("build", "test")] == [None, "build"]


def test_what_builds_the_release_is_pinned_by_its_hash_and_is_all_that_builds_it() -> None:
    lines = (ROOT / ".github" / "build" / "requirements.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert [
        line for line in lines if not re.fullmatch(r"[a-z-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}", line)
    ] == []
    assert {"build", "hatchling"} <= {line.partition("=")[0] for line in lines}
    steps = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"][
        "build"
    ]
    commands = " ".join(step.get("run", "") for step in steps["steps"])
    assert "--require-hashes" in commands and "build --no-isolation" in commands


def test_each_dependency_has_an_oldest_version_that_is_tried() -> None:
    done = subprocess.run(
        [sys.executable, ".github/oldest_versions.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["serve"]]
    assert [line.partition("==")[0] for line in done.stdout.split()] == [
        one.partition(">=")[0] for one in wanted
    ]
