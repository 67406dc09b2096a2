"""Whatever is generated is up to date, and what is told in prose is all there: nothing lags behind the program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "man").glob("*.1"))
pytestmark = pytest.mark.skipif(not PAGES, reason="not run from a source tree")


def generate(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "docs.generate", *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_nothing_generated_lags_behind_the_program() -> None:
    """In English whatever the locale, at whatever width."""
    run = generate("--check", LC_ALL="pt_BR.UTF-8", COLUMNS="40")
    assert (run.stdout, run.stderr, run.returncode) == ("", "", 0)


def test_every_variable_that_the_source_names_is_documented() -> None:
    named = re.compile(r"[\"'](STACKSPOT(?:AI)?_[A-Z_]*[A-Z])[\"']")
    used = {
        name
        for path in (ROOT / "stackspot_cli").rglob("*.py")
        if "sandbox" not in path.parts
        for name in named.findall(path.read_text(encoding="utf-8"))
    }
    told = (ROOT / "man" / "stackspot.1").read_text(encoding="utf-8").replace("\\", "")
    assert sorted(name for name in used if name not in told) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize(
    "command",
    [
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"],
        ["mandoc", "-Tlint", "-W", "style"],
    ],
    ids=["man", "mandoc"],
)
def test_a_manual_page_has_nothing_to_complain_about(command: list[str], page: Path) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    environ = {**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"}
    run = subprocess.run([*command, os.fspath(page)], env=environ, capture_output=True, text=True)
    # Silent but for the typeset page itself, which -Z writes.
    complaints = run.stderr if command[0] == "man" else run.stdout + run.stderr
    assert (complaints, run.returncode) == ("", 0)


def test_every_manual_page_has_its_sections() -> None:
    wanted = ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS", "SEE ALSO"]
    lacking = {
        page.name: [name for name in wanted if f".SH {name}\n" not in page.read_text(encoding="utf-8")]
        for page in PAGES
    }
    assert {name: sections for name, sections in lacking.items() if sections} == {}
