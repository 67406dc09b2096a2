"""One prompt, filled in."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.domain import Message
from stackspot_cli.errors import UsageError
from stackspot_cli.prompts.template import Template


def template(text: str, **fields: object) -> Template:
    return Template("greet", Path("greet.md"), (Message("user", text),), **fields)  # type: ignore[arg-type]  # a test's table


def filled(made: Template, given: dict[str, str], input_: str = "") -> str:
    (message,), _system = made.filled(given, input_)
    return message.text


def test_parameters_and_input_stand_where_the_text_says() -> None:
    made = template("Say {{ greeting }} to {{name}}:\n{{input}}", params={"greeting": "hi"})
    assert made.parameters == {"greeting": "hi", "name": None}
    assert filled(made, {"name": "Ana"}, "a text\n") == "Say hi to Ana:\na text"


def test_without_a_place_the_input_goes_after_the_text() -> None:
    assert filled(template("Explain."), {}, "a text\n") == "Explain.\n\na text\n"
    assert filled(template("Explain."), {}, " \n") == "Explain."


def test_the_system_text_is_filled_in_too() -> None:
    made = template("Hi", system="You are {{role}}.")
    assert made.filled({"role": "kind"}, "") == ((Message("user", "Hi"),), "You are kind.")


def test_braces_can_be_kept() -> None:
    made = template(r"In Jinja: \{{ name }} and {{ 1 }} and { {x} }")
    assert made.parameters == {}
    assert filled(made, {}) == "In Jinja: {{ name }} and {{ 1 }} and { {x} }"


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_put_in_is_never_looked_at_again(value: str, input_: str) -> None:
    made = template("<{{a}}|{{input}}>")
    assert filled(made, {"a": value + "{{b}}"}, input_) == f"<{value}{{{{b}}}}|{input_.rstrip(chr(10))}>"


def test_in_a_conversation_the_input_follows_the_persons_last_message() -> None:
    messages = (Message("user", "one"), Message("assistant", "two"))
    made = Template("x", Path("x.prompt.yml"), messages)
    assert made.filled({}, "three")[0] == (*messages, Message("user", "three"))


@pytest.mark.parametrize(
    ("given_", "message", "hint"),
    [
        ({}, "the prompt greet needs name", "give it with -p name=VALUE; greet takes name, style"),
        ({"nam": "x"}, "the prompt greet has no parameter nam", "did you mean name?"),
        ({"zzz": "x"}, "the prompt greet has no parameter zzz", "greet takes name, style"),
    ],
)
def test_an_unknown_or_missing_parameter_names_those_that_there_are(
    given_: dict[str, str], message: str, hint: str
) -> None:
    made = template("{{name}}{{style}}", params={"style": "", "name": None})
    with pytest.raises(UsageError) as refused:
        made.check(given_)
    assert (refused.value.message, refused.value.hint) == (message, hint)


def test_a_prompt_without_parameters_says_so() -> None:
    with pytest.raises(UsageError) as refused:
        template("x").check({"a": "b"})
    assert refused.value.hint == "greet takes none"
