from __future__ import annotations

import json

import pytest

from stackspot_cli.review.findings import MOST_FINDINGS, Claim, asked_for, dumped, read
from stackspot_cli.structured.fitting import Unfit

ONE = {"file": "a.py", "line": 2, "severity": "error", "title": "It subtracts"}
CLAIM = Claim("a.py", 2, 2, "error", "It subtracts")
TEXT = json.dumps([ONE])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("[]", ()),
        ("```json\n[]\n```", ()),
        ("I looked at everything.\n\n[]\n", ()),
        ('{"findings": []}', ()),
        ("The settings are `{}` there.\n[]", ()),
        (TEXT, (CLAIM,)),
        (f"Sure! Here they are:\n```json\n{TEXT}\n```\nTell me if you need more.", (CLAIM,)),
        (json.dumps({"findings": [ONE]}), (CLAIM,)),
        (json.dumps(ONE), (CLAIM,)),
        (f"The list `items = []` is empty.\n{TEXT}", (CLAIM,)),
        (
            f"{TEXT}\n{json.dumps([{**ONE, 'line': 3}])}",
            (CLAIM, Claim("a.py", 3, 3, "error", "It subtracts")),
        ),
        (json.dumps([{**ONE, "confidence": 0.9}]), (CLAIM,)),
    ],
)
def test_findings_are_taken_out_of_whatever_stands_around_them(answer: str, expected: object) -> None:
    assert read(answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Looks good to me!",
        "The list `items = []` is fine, but line 3 divides by zero.",
        '[]\n\n[{"file": "a.py", "line": 2, "severity": "err',
        '[]\n\n[{"file": "a.p',
        '[]\n\n[{"fi',
        '{"findings": []}\n{"li',
        json.dumps([{**ONE, "severity": "catastrophe"}]),
        json.dumps([{**ONE, "line": 0}]),
        json.dumps([{**ONE, "line": "2"}]),
        json.dumps([ONE, {"severity": "error"}]),
        f"{TEXT}\n{json.dumps([{'severity': 'error'}])}",
        "[1, 2]",
    ],
)
def test_what_is_no_list_of_findings_never_passes_for_a_clean_change(answer: str) -> None:
    assert isinstance(read(answer), Unfit)


def test_the_fields_are_tidied_and_bounded() -> None:
    given = {
        **ONE,
        "end_line": 1,
        "title": " It\n subtracts ",
        "why": " w\n",
        "fix": "\n  x\n",
        "quote": " q ",
    }
    assert read(json.dumps([given])) == (Claim("a.py", 2, 2, "error", "It subtracts", "w", "  x", " q "),)
    [long] = read(json.dumps([{**ONE, "title": "t" * 9999, "why": "w" * 9999}])) or ()
    assert (len(long.title), len(long.why)) == (201, 4001)


def test_of_too_many_findings_the_heaviest_are_kept() -> None:
    told = read(json.dumps([{**ONE, "severity": "note"}] * 500 + [ONE]))
    assert isinstance(told, tuple) and (len(told), told[0]) == (MOST_FINDINGS, CLAIM)


def test_a_finding_without_a_title_has_its_reason_for_one() -> None:
    for why, title in (("It is\nslow.", "It is slow."), (" ", "error")):
        [claim] = read(json.dumps([{**ONE, "title": " ", "why": why}])) or ()
        assert claim.title == title


def test_what_is_remembered_is_read_again() -> None:
    claims = (CLAIM, Claim("b", 1, 9, "note", "t", "w", "f", "q"))
    assert read(json.dumps(list(dumped(claims)))) == claims


def test_a_model_is_asked_for_every_field() -> None:
    item = asked_for().whole["items"]
    assert item["required"] == ["file", "line", "end_line", "quote", "severity", "title", "why", "fix"]
