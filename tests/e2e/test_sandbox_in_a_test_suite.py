"""What `docs/python.md` says of test suites, done as its reader would: the fixture, its test, and the rules' file."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def blocks(language: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    chapter = text.partition("\n## In a test suite\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", chapter, re.DOTALL | re.MULTILINE)


def run(command: list[str], folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    return done.returncode, done.stdout


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A project of the reader's."""
    fixture, test = blocks("python")
    (tmp_path / "conftest.py").write_text(fixture)
    (tmp_path / "test_verdict.py").write_text(test)
    return tmp_path


def test_the_fixture_is_ten_lines_and_its_test_passes(suite: Path) -> None:
    fixture = blocks("python")[0].partition("@pytest.fixture\n")[2]
    assert len(fixture.splitlines()) <= 10
    code, told = run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "."], suite
    )
    assert code == 0, told
    assert told.splitlines()[-1].startswith("1 passed")


def test_the_same_suite_runs_inside_the_command(suite: Path) -> None:
    pytest_itself = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    code, told = run([sys.executable, "-m", "stackspot_cli", "sandbox", "--", *pytest_itself], suite)
    assert code == 0, told


def test_the_rules_of_the_page_are_rules(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text(blocks("yaml")[0])
    ours = [sys.executable, "-m", "stackspot_cli"]
    ask = [*ours, "complete", "--no-stdin"]
    sandbox = [*ours, "sandbox", "--answers", "answers.yaml", "--"]
    assert run([*sandbox, *ask, "May it be merged?"], tmp_path) == (0, "I am not sure yet.\n")
    code, told = run([*sandbox, *ask, "Deploy it"], tmp_path)
    assert (code, told.startswith("error: ")) == (4, True)
