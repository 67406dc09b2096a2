"""Every console block in README and docs, typed again as a reader would: what is shown there is what comes.

`…` in a line stands for any characters; a line that is `…` alone for any lines. Blocks of one file are one session, in
order, in a home where nothing is yet. A page that says how to open a shell that speaks to the sandbox is obeyed, and
what follows is typed into that shell; without that line nothing but `--sandbox` leads there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILES = [
    path
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if path.is_file() and BLOCK.search(path.read_text(encoding="utf-8"))
]
MARK = "@@ end of what it printed @@"


def exchanges(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command line and the lines shown below it."""
    for block in BLOCK.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _newline, shown = part.partition("\n")
            yield command, shown.splitlines()


OPENS_SHELL = re.compile(r"(?:\.venv/bin/)?stackspot sandbox (?:\S+ )*-- bash")


def typed(commands: Sequence[str], folder: Path) -> list[list[str]]:
    """What each command printed, stderr among it, in one session of bash, in a fresh home."""
    into = []
    while commands and OPENS_SHELL.fullmatch(commands[0]):
        into = [*commands[0].removeprefix(".venv/bin/").split(), "-c"]
        commands = commands[1:]
    script = "".join(f"{command}\ncode=$?; echo {MARK!r}; (exit $code)\n" for command in commands)
    run = subprocess.run(
        [*(into or ["bash", "-c"]), f"exec 2>&1\n{script}"],
        cwd=folder,
        env={
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "100",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    opened = [[]] if into else []
    return [*opened, *(part.strip("\n").splitlines() for part in run.stdout.split(MARK)[:-1])]


def agrees(shown: Sequence[str], printed: Sequence[str]) -> bool:
    parts = ["(?:.*\n)*?" if line == "…" else f"{re.escape(line).replace('…', '.*')}\n" for line in shown]
    return re.fullmatch("".join(parts), "".join(f"{line}\n" for line in printed)) is not None


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are typed into bash")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_a_page_shows_is_what_comes(path: Path, tmp_path: Path) -> None:
    wanted = list(exchanges(path.read_text(encoding="utf-8")))
    printed = typed([command for command, _shown in wanted], tmp_path)
    got = [
        (command, lines if not agrees(shown, lines) else shown)
        for (command, shown), lines in zip(wanted, printed, strict=True)
    ]
    assert got == wanted


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (["one", "…", "four"], ["one", "two", "three", "four"], True),
        (["one", "…", "four"], ["one", "four"], True),
        (["a … c"], ["a b c"], True),
        (["a … c"], ["a b d"], False),
        (["…"], [], True),
        ([], ["surprise"], False),
        (["(one)"], ["(one)"], True),
    ],
)
def test_the_dots_stand_for_what_they_should(shown: list[str], printed: list[str], same: bool) -> None:
    assert agrees(shown, printed) is same
