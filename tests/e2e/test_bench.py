"""The bench: its report has every section, goals beside the figures. What the figures are is not looked at here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not (ROOT / "bench" / "__main__.py").exists() or sys.platform != "linux",
    reason="needs the sources, and /proc",
)


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.mark.timeout(900)
def test_the_quick_report_has_every_section_and_every_goal() -> None:
    run = bench("--quick")
    assert run.returncode == 0, run.stderr
    names = [line.removesuffix(" …") for line in run.stderr.splitlines() if line.endswith(" …")]
    assert re.findall(r"^<!-- section (\w+) -->$", run.stdout, re.MULTILINE) == names
    assert set(names) == set(sections()) - {"against"}, "that one needs another checkout"
    goals = run.stdout.partition("## Goals\n")[2].partition("<!-- section")[0]
    rows = [re.split(r" *\| *", line.strip("| ")) for line in goals.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 25
    assert {row[2] for row in rows} != {""}
    for section in run.stdout.split("<!-- section ")[1:]:
        assert re.search(r"^(\| -|```)", section, re.MULTILINE), section


def sections() -> tuple[str, ...]:
    printed = subprocess.run(
        [sys.executable, "-c", "from bench.__main__ import SECTIONS; print(*SECTIONS)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(printed.stdout.split())


def test_what_is_quick_is_not_kept_and_a_section_has_a_name() -> None:
    quick, strange = bench("--quick", "--write"), bench("strange")
    assert (quick.returncode, strange.returncode) == (2, 2)
    assert "what --quick measures is not worth keeping" in quick.stderr
    assert "no section is called strange: start_up, " in strange.stderr
    assert quick.stdout == strange.stdout == ""


def test_what_is_not_measured_again_stays_in_the_report() -> None:
    code = """
from bench.__main__ import assembled, sections_in
from bench.report import Goal, section
old = {"against": section("Beside another", "| kept |"), "floor": section("Floor", "old", goals=[Goal("a", 1, 2)])}
kept = sections_in(assembled(old))
assert kept == old, kept
new = {**kept, "floor": section("Floor", "new", goals=[Goal("b", 3.14159, 2, "ms"), Goal("c", float("nan"), 1)])}
print(assembled(new))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stderr == ""
    report = run.stdout[run.stdout.index("## Goals") :]
    assert report == (
        "## Goals\n\n"
        "|   | measured | goal ≤ | kept   |\n"
        "| - | -------- | ------ | ------ |\n"
        "| b | 3.14 ms  | 2 ms   | **no** |\n"
        "| c | -        | 1      |        |\n\n"
        "<!-- section floor -->\n## Floor\n\nnew\n\n"
        '<!-- goals [["b", 3.14159, 2, "ms"], ["c", NaN, 1, ""]] -->\n\n'
        "<!-- section against -->\n## Beside another\n\n| kept |\n\n"
    )


def test_the_kept_report_is_one_that_the_program_wrote() -> None:
    code = """
from bench.__main__ import RESULTS, SECTIONS, sections_in
print(*(set(sections_in(RESULTS.read_text(encoding="utf-8"))) - set(SECTIONS)))
print("against" in sections_in(RESULTS.read_text(encoding="utf-8")))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "\nTrue\n", run.stderr
