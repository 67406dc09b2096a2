"""A prompt from a file: its parameters read, its parts in their order."""

from pathlib import Path

import pytest

from stackspot_cli.commands.shared_templates import Chosen, read_parameters, refuse_without_input
from stackspot_cli.domain import Message
from stackspot_cli.errors import UsageError
from stackspot_cli.prompts.template import Template


def chosen(text: str) -> Chosen:
    return Chosen(Template("p", Path("p.md"), (Message("user", text),)), None, (), (), None)


def nothing(path: Path) -> str:
    raise AssertionError(f"{path} is not asked for")


def test_the_input_goes_to_its_place_and_the_files_after_the_text() -> None:
    assert chosen("Do {{input}}!").text({}, "it", ["F1", "F2"]) == ("Do it!\n\nF1\n\nF2", None)


def test_without_a_place_the_input_comes_last() -> None:
    assert chosen("Do it.").text({}, "this", ["F1"]) == ("Do it.\n\nF1\n\nthis", None)
    assert chosen("Do it.").text({}, "", []) == ("Do it.", None)


def test_a_parameter_is_a_value_or_what_a_file_holds() -> None:
    given = ["a=1", "b=x=y", "c=", "d=@f", "e=@@f", " f = g"]
    assert read_parameters(given, lambda path: f"<{path}>\n") == {
        "a": "1",
        "b": "x=y",
        "c": "",
        "d": "<f>",
        "e": "@f",
        "f": " g",
    }


@pytest.mark.parametrize("given", [["a"], ["=b"], ["a=1", "a=2"]])
def test_what_is_no_parameter_is_refused(given: list[str]) -> None:
    with pytest.raises(UsageError):
        read_parameters(given, nothing)


def test_a_prompt_about_an_input_needs_one() -> None:
    with pytest.raises(UsageError, match="is about an input"):
        refuse_without_input(chosen("Review {{input}}"), (" \n",))
    refuse_without_input(chosen("Review {{input}}"), ("", "file"))
    refuse_without_input(chosen("Say hi"), ())
