from __future__ import annotations

import json

from stackspot_cli.review.diff import FileDiff, Line, whole
from stackspot_cli.review.findings import Claim, read
from stackspot_cli.review.parts import Room, split
from stackspot_cli.review.placing import place
from stackspot_cli.review.rules import house_rules, prompt_for
from stackspot_cli.sandbox import reviews
from stackspot_cli.sandbox.answers import Received, answer


def asked(*lines: str, language: str | None = None) -> tuple[Claim, ...]:
    diff = FileDiff(
        "add.py", lines=tuple(Line("added", number, text) for number, text in enumerate(lines, 1))
    )
    [part], _ = split(diff, Room(10**9, len))
    claims = read(answer(Received(prompt_for(part, house_rules(language)), ("model", "m"))))
    assert isinstance(claims, tuple)
    assert all(place(claim, part) is not None for claim in claims)
    return claims


def test_a_function_that_subtracts_and_a_line_left_for_later() -> None:
    assert [
        (one.line, one.severity, one.title)
        for one in asked("def add(a, b):", "    return a - b", "# TODO: x")
    ] == [
        (2, "error", "It subtracts"),
        (3, "note", "Left for later"),
    ]


def test_a_clean_change_gets_an_empty_list() -> None:
    assert asked("def sub(a, b):", "    return a - b", language="pt_BR") == ()


def test_another_prompt_is_answered_as_ever() -> None:
    prompt = "What is a JSON list of findings?"
    assert not reviews.is_asked(prompt)
    assert answer(Received(prompt, ("model", "m"))).startswith("# Hello from the sandbox")
    assert json.loads(reviews.findings(split(whole("x", b"x\n"), Room(10**9, len))[0][0].text)) == []
