"""Every command's every error, in a Brazilian's locale: no sentence is still English.

`every_error.py` makes the calls: what Typer refuses of each command and each option, what a chat refuses, what a broken
config file, a wrong variable, a bad day at the service and a silent one lead to; and every help page.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "support" / "every_error.py"
# Words that every other English sentence holds, and no Portuguese one.
ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """the is are not such of and or with this that there was were cannot must its it be by from has have needs
        which what try only than then when where more other after before without unknown missing invalid wrong should
        would could can your you file directory option argument value found expected name named already""",
    )
)
# What stands in every language: what is quoted, pasted, typed, or a name of ours or of a file.
KEPT = re.compile(
    r"`[^`]*`|'[^']*'|\"[^\"]*\"|https?://\S+|/\S+|--?[a-zA-Z][\w-]*|\b[A-Z_]{2,}\b|[\w.-]+\.(?:txt|ya?ml|json|md|py)\b"
    r"|<[\w|]+>|\[padrão: [^]]*\]"
)
# The service's own words, which are shown as they are: behind a status, and a line of an answer.
SERVICE = re.compile(r"\(fatal: .*\)|\(\d{3}\): .*?(?=; nada foi guardado|$)|(?<= na linha: ).*")
CHOICES = re.compile(r"(?<= é )[\w, ]+ ou \w+(?=, não )")  # of an option


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int, str, str]]:
    """Of each: what was typed, the exit code, stdout and stderr."""
    folder = tmp_path_factory.mktemp("portuguese")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder)],
        env={"PATH": os.environ["PATH"], "LC_ALL": "pt_BR.UTF-8", "PYTHONUTF8": "1", "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def sentences(out: str, err: str, *, is_help: bool) -> list[str]:
    """What is ours: a help page, and the lines that begin with error, hint or note; answers are the service's."""
    if is_help:
        return out.splitlines()
    marked = (re.match(r"(?:error|hint|note): (.*)", line) for line in err.splitlines())
    return [match[1] for match in marked if match]


def english(sentence: str) -> set[str]:
    bare = KEPT.sub(" ", CHOICES.sub(" ", SERVICE.sub(" ", sentence)))
    return ENGLISH.intersection(re.findall(r"[^\W\d_]+", bare.lower()))


@pytest.mark.timeout(600)
def test_no_sentence_is_still_english(calls: list[tuple[str, int, str, str]]) -> None:
    still = {
        (typed, sentence, *sorted(english(sentence)))
        for typed, _code, out, err in calls
        for sentence in sentences(out, err, is_help="--help" in typed)
        if english(sentence)
    }
    assert sorted(still) == []


def test_the_walk_goes_everywhere_and_finds_no_bug(calls: list[tuple[str, int, str, str]]) -> None:
    codes = {code for _typed, code, _out, _err in calls}
    assert {0, 2, 3, 4, 5, 6, 7, 8, 9} <= codes
    assert [typed for typed, code, _out, _err in calls if code == 1] == []
    assert len(calls) > 500


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("No such option: --nope", {"such", "option"}),
        ("não existe a opção --option", set()),
        ("'0,2' is not a valid float", {"is", "not"}),
        ("cannot read x.txt: No such file or directory", {"cannot", "such", "file", "or", "directory"}),
        ("o StackSpot falhou (503): The service is unavailable", set()),
        ("--split é none, lines ou value, não nope", set()),
    ],
)
def test_the_walk_tells_english_from_portuguese(sentence: str, words: set[str]) -> None:
    assert english(sentence) == words
