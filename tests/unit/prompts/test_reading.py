"""A prompt's file, read."""

from pathlib import Path

import pytest

from stackspot_cli.domain import Message
from stackspot_cli.errors import ConfigError
from stackspot_cli.prompts.reading import name_of, read, split
from stackspot_cli.prompts.template import Template

WHOLE = """---
description: Says hi
model: stackspot-ai-chat
system: Be brief.
temperature: 0.2
max_tokens: 100
params: {name: null, style: warm, loud: false, times: 3}
schema: 'ok bool'
fail_if: [no, "^never"]
fail_unless: hi
files: ['src/*.py', README.md]
upload: doc.pdf
colour: blue
---

Say hi to {{name}}.
"""


def test_the_head_and_the_text() -> None:
    assert read(WHOLE, Path("dir/greet.md")) == Template(
        "greet",
        Path("dir/greet.md"),
        (Message("user", "Say hi to {{name}}."),),
        description="Says hi",
        model="stackspot-ai-chat",
        system="Be brief.",
        temperature=0.2,
        max_tokens=100,
        params={"name": None, "style": "warm", "loud": "false", "times": "3"},
        schema="ok bool",
        fail_if=("false", "^never"),
        fail_unless=("hi",),
        files=("src/*.py", "README.md"),
        upload=("doc.pdf",),
        unknown_keys=("colour",),
    )


@pytest.mark.parametrize(
    "text",
    [
        "Just text.",
        "---\nno end: of the head\n",
        "\ufeffJust text.",
        "-----\nJust text.",
        "---\n---\nJust text.",
    ],
)
def test_a_head_may_be_missing(text: str) -> None:
    template = read(text, Path("x.md"))
    assert template.description == ""
    assert template.messages[0].text in text


def test_lines_may_end_as_on_windows() -> None:
    assert read(WHOLE.replace("\n", "\r\n"), Path("x.md")) == read(WHOLE, Path("x.md"))


def test_a_schema_may_be_written_out() -> None:
    text = "---\nschema:\n  type: object\n  required: [a]\n  properties: {a: {minimum: 1.5}}\n---\nx"
    assert read(text, Path("x.md")).schema == {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"minimum": 1.5}},
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\na: b\n---\n \n", "x.md, line 5, column 1: the prompt has no text"),
        ("", "x.md, line 1, column 1: the prompt has no text"),
        ("---\n\ntemperature: warm\n---\nx", "x.md, line 3, column 14: `temperature` must be a number"),
        ("---\nmax_tokens: 1.5\n---\nx", "x.md, line 2, column 13: `max_tokens` must be a whole number"),
        ("---\nmodel: [a]\n---\nx", "x.md, line 2, column 8: `model` must be text"),
        ("---\nfiles: {a: b}\n---\nx", "x.md, line 2, column 8: `files` must be text, or a list of texts"),
        ("---\nparams: x\n---\nx", "x.md, line 2, column 9: `params` must be names with their defaults"),
        (
            "---\nparams: {a: [1]}\n---\nx",
            "x.md, line 2, column 9: `params` must be names with their defaults",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(text, Path("x.md"))
    assert refused.value.message == message
    assert refused.value.hint == "open it with `stackspot prompts edit x.md`"


GITHUB = """name: Summariser
description: Sums up
model: openai/gpt-4o
modelParameters: {temperature: 0.5, max_tokens: 50}
messages:
  - role: system
    content: You sum up.
  - role: user
    content: |
      Sum up:
      {{input}}
testData: [{input: a}]
jsonSchema: '{"name": "s", "strict": true, "schema": {"type": "object"}}'
"""


def test_githubs_prompts_are_read() -> None:
    path = Path("sum.prompt.yml")
    assert read(GITHUB, path) == Template(
        "sum",
        path,
        (Message("user", "Sum up:\n{{input}}"),),
        description="Sums up",
        model="openai/gpt-4o",
        system="You sum up.",
        temperature=0.5,
        max_tokens=50,
        schema={"type": "object"},
        foreign=True,
    )


@pytest.mark.parametrize(
    "text", ["messages: []", "name: x", "messages: [{role: tool, content: x}]", "messages: [{role: user}]"]
)
def test_githubs_prompts_need_messages(text: str) -> None:
    with pytest.raises(ConfigError):
        read(text, Path("sum.prompt.yml"))


def test_names_are_the_files_without_their_endings() -> None:
    assert [name_of(Path(name)) for name in ("a.md", "d/b.prompt.yml", "c.prompt.yaml", "d")] == [
        "a",
        "b",
        "c",
        "d",
    ]


def test_the_head_ends_at_the_first_line_of_dashes() -> None:
    assert split("---\na: 1\n---\nb\n---\nc") == ("a: 1", "b\n---\nc")
