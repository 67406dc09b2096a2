"""`stackspot batch`: argv to a call."""

from __future__ import annotations

from typing import Any

import pytest
from parsing import parse

from stackspot_cli.app import App
from stackspot_cli.commands.batch.command import Options, check
from stackspot_cli.domain import AgentOptions
from stackspot_cli.errors import UsageError
from stackspot_cli.terminal.streams import Terminal


@pytest.mark.parametrize(
    ("argv", "options"),
    [
        ("in -o out", Options(input="in", output="out")),
        ("- -o -", Options(input="-", output="-")),
        ("in -o out --jobs 8 --resume", Options(input="in", output="out", jobs=8, resume=True)),
        ("in -o out -j 1 --retry-failed", Options(input="in", output="out", jobs=1, retry_failed=True)),
        (
            "in -o out --ordered --max-failures 3 --skip-bad",
            Options(input="in", output="out", ordered=True, max_failures=3, skip_bad=True),
        ),
        (
            "in -o out -m REF -s TEXT -t 0.2 --max-tokens 9 -f a -f b",
            Options(
                input="in",
                output="out",
                model="REF",
                system="TEXT",
                temperature=0.2,
                max_tokens=9,
                files=("a", "b"),
            ),
        ),
        (
            "in -o out -T greet -p a=1 -p b=2",
            Options(input="in", output="out", template="greet", parameters=("a=1", "b=2")),
        ),
        (
            "in -o out --schema name --fail-if a --fail-unless b",
            Options(input="in", output="out", schema="name", fail_if=("a",), fail_unless=("b",)),
        ),
        (
            "in -o out -x --require-sources",
            Options(input="in", output="out", extract=True, require_sources=True),
        ),
        (
            "in -o out --upload f --agent-version 3",
            Options(input="in", output="out", uploads=("f",), agent=AgentOptions(agent_version=3)),
        ),
        (
            "in -o out --timeout 9 --deadline 60 --retries 0 --no-history",
            Options(input="in", output="out", timeout=9.0, deadline=60.0, retries=0, no_history=True),
        ),
        ("in --dry-run", Options(input="in", dry_run=True)),
    ],
)
def test_what_is_typed(argv: str, options: Options) -> None:
    assert parse("batch", *argv.split()) == options


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "-o is missing"),
        ({"output": "-", "resume": True}, "stdout cannot be gone on with"),
        ({"output": "-", "ordered": True}, "stdout cannot be gone on with"),
        ({"output": "o", "extract": True, "extract_last": True}, "exclude one another"),
        ({"output": "o", "extract": True, "schema": "a"}, "exclude one another"),
        ({"output": "o", "schema_multi": "b", "schema": "a"}, "exclude one another"),
    ],
)
def test_options_that_contradict_one_another_are_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        check(Options(input="in", **options))


def test_stdin_is_in_or_a_file_and_not_both(tmp_path: Any) -> None:
    from stackspot_cli.commands.batch.preparing import prepare

    environ = {"STACKSPOTAI_HOME": str(tmp_path)}
    app = App(environ, Terminal.fake(b"x", environ))
    with pytest.raises(UsageError, match="stdin can be IN or a file, not both"):
        prepare(Options(input="-", files=("-",)), app, stdin_is_taken=True)
    assert prepare(Options(input="in", files=("-",)), app, stdin_is_taken=False).wish.files == (
        "stdin\n```\nx\n```",
    )
    with pytest.raises(UsageError, match="-p gives a parameter to a template"):
        prepare(Options(input="in", parameters=("a=1",)), app, stdin_is_taken=False)
