"""Prompts from files inside a chat."""

from pathlib import Path

import pytest

from stackspot_cli.commands.chat.actions import Say, Send
from stackspot_cli.commands.chat.inputs import Input
from stackspot_cli.commands.chat.prompt_commands import parameters_and_words
from stackspot_cli.commands.chat.session import Session
from stackspot_cli.commands.chat.slash_commands import handle, offered
from stackspot_cli.errors import UsageError


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    folder = tmp_path / ".stackspot" / "prompts"
    folder.mkdir(parents=True)
    (folder / "greet.md").write_text(
        "---\nsystem: Be kind.\nparams: {to: all}\n---\nGreet {{to}}: {{input}}\n"
    )
    (folder / "new.md").write_text("never reached\n")
    return folder


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("a=1 b=2 words c=3", ({"a": "1", "b": "2"}, "words c=3")),
        ("x=1 words", ({}, "x=1 words")),
        ("a=", ({"a": ""}, "")),
        ("words", ({}, "words")),
        ("", ({}, "")),
    ],
)
def test_parameters_stand_before_the_words(argument: str, expected: object) -> None:
    assert parameters_and_words(argument, {"a": None, "b": "", "c": None}) == expected


def test_a_prompt_is_a_command_where_no_command_has_its_name(session: Session, prompts: Path) -> None:
    assert handle(session, Input("/greet to=Ana good day")) == Send("Be kind.\n\nGreet Ana: good day")
    assert handle(session, Input("/new")) == Say("a new conversation")


def test_one_that_lacks_its_input_is_refused(session: Session, prompts: Path) -> None:
    with pytest.raises(UsageError, match="is about an input"):
        handle(session, Input("/greet"))


def test_tab_offers_them_beside_the_commands(session: Session, prompts: Path) -> None:
    assert [text for text, _help in offered(session, "/gr")[1]] == ["/greet "]
    assert [text for text, _help in offered(session, "/ne")[1]] == ["/new"]


def test_a_schema_is_shown_changed_and_taken_away(session: Session, tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text('{"type": "null"}')
    assert handle(session, Input("/schema")) == Say("schema: none")
    assert handle(session, Input("/schema ~/form.json")) == Say('schema: {"type": "null"}')
    assert session.schema is not None
    with pytest.raises(UsageError):
        handle(session, Input("/schema name strange"))
    assert session.schema.whole == {"type": "null"}
    assert handle(session, Input("/schema -")) == Say("schema: none")
