"""The examples of the help pages and of the manual: every command has some, and the program understands each."""

import shlex
from collections.abc import Iterator

import pytest
from parsing import parse
from program import Program

from stackspot_cli.commands import examples, tree

COMMANDS = [
    f"{name} {below}".strip()
    for name, (what, _summary) in tree.COMMANDS.items()
    for below in ([""] if isinstance(what, str) else what)
]
TYPED = [typed for found in examples.EXAMPLES.values() for _what, typed in found]


def calls(typed: str) -> Iterator[list[str]]:
    """The arguments of each `stackspot` in what a shell would read."""
    for line in typed.replace('"$(', "$(").replace(')"', ")").split("\n"):
        words = shlex.shlex(line, posix=True, punctuation_chars=True)
        words.whitespace_split = True
        call: list[str] | None = None
        for word in words:
            if word == "stackspot":
                call = []
            elif call is not None and set(word) <= set("();<>|&"):
                yield call
                call = None
            elif call is not None:
                call.append(word)
        if call is not None:
            yield call


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_and_its_help_page_shows_it(program: Program, command: str) -> None:
    page = program.call(*command.split(), "--help").out
    for what, typed in examples.EXAMPLES[command]:
        assert f"  # {what.rstrip(':')}\n" in page
        assert "".join(f"  {line}\n" for line in typed.split("\n")) in page


def test_nothing_else_has_examples() -> None:
    assert set(examples.EXAMPLES) == {"", *COMMANDS}


@pytest.mark.parametrize("typed", TYPED)
def test_the_program_understands_what_an_example_types(typed: str) -> None:
    for call in calls(typed):
        parse(*call)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_example_calls_its_command(command: str) -> None:
    words = command.split()
    typed = examples.EXAMPLES[command][0][1]
    assert any(call[: len(words)] == words for call in calls(typed))


def test_a_group_has_those_of_its_commands() -> None:
    found = examples.of("history")
    assert examples.EXAMPLES["history list"][0] in found and examples.EXAMPLES["history delete"][0] in found
    assert examples.of("nothing") == []
