import json

from stackspot_cli.account import Account
from stackspot_cli.domain import Conversation, Source, Turn, Usage
from stackspot_cli.history.export import as_object, export

TALK = Conversation(
    id="01A",
    account=Account("acme"),
    model="stackspot-ai",
    system="Be brief.",
    created_at=1_700_000_000.0,
    updated_at=1_700_000_009.5,
    turns=(
        Turn(
            "Say hi\n",
            "# Hello\n",
            "complete",
            "stackspot-ai",
            1_700_000_000.0,
            1_700_000_001.0,
            Usage(7, 2),
            (Source(name="guide", document_score=0.5),),
            "M1",
        ),
        Turn("And é?", "Half", "cut", "stackspot-ai-code", 1_700_000_009.0, None),
        Turn("Gone", "", "failed", "stackspot-ai", 1_700_000_009.0, 1_700_000_009.5),
    ),
)
BARE = Conversation(id="01B", account=Account("acme"), model="m")

OBJECT = {
    "id": "01A",
    "title": "Say hi",
    "profile": "acme",
    "model": "stackspot-ai",
    "system": "Be brief.",
    "created_at": "2023-11-14T22:13:20.000Z",
    "updated_at": "2023-11-14T22:13:29.500Z",
    "turns": [
        {
            "prompt": "Say hi\n",
            "answer": "# Hello\n",
            "state": "complete",
            "complete": True,
            "model": "stackspot-ai",
            "started_at": "2023-11-14T22:13:20.000Z",
            "finished_at": "2023-11-14T22:13:21.000Z",
            "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
            "message_id": "M1",
            "sources": [{"name": "guide", "document_score": 0.5}],
        },
        {
            "prompt": "And é?",
            "answer": "Half",
            "state": "cut",
            "complete": False,
            "model": "stackspot-ai-code",
            "started_at": "2023-11-14T22:13:29.000Z",
            "finished_at": None,
            "usage": {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
            "message_id": None,
            "sources": [],
        },
        {
            "prompt": "Gone",
            "answer": "",
            "state": "failed",
            "complete": False,
            "model": "stackspot-ai",
            "started_at": "2023-11-14T22:13:29.000Z",
            "finished_at": "2023-11-14T22:13:29.500Z",
            "usage": {"prompt_tokens": None, "completion_tokens": None, "total_tokens": None},
            "message_id": None,
            "sources": [],
        },
    ],
}

MARKDOWN = """\
# Say hi

01A · stackspot-ai · 2023-11-14T22:13:20.000Z

## Instructions

Be brief.

## You

Say hi

## stackspot-ai

# Hello

## You

And é?

## stackspot-ai-code

Half

*cut off here*

## You

Gone

## stackspot-ai

*failed*

---

# 01B

01B · m · 1970-01-01T00:00:00.000Z
"""


def test_a_conversation_as_an_object_has_everything_that_is_kept() -> None:
    assert as_object(TALK) == OBJECT


def test_markdown_is_a_document_with_a_heading_for_each_message() -> None:
    assert "".join(export([TALK, BARE], "md")) == MARKDOWN


def test_json_is_one_array() -> None:
    text = "".join(export([TALK, BARE], "json"))
    assert json.loads(text) == [OBJECT, as_object(BARE)]
    assert text.endswith("\n]\n")


def test_an_empty_json_export_is_an_empty_array() -> None:
    assert "".join(export([], "json")) == "[]\n"


def test_json_lines_are_an_object_a_line() -> None:
    lines = "".join(export([TALK, BARE], "jsonl")).splitlines()
    assert [json.loads(line) for line in lines] == [OBJECT, as_object(BARE)]


def test_json_for_a_narrow_encoding_is_escaped_and_the_same() -> None:
    text = "".join(export([TALK], "json", ascii_only=True))
    assert text.isascii()
    assert json.loads(text) == [OBJECT]
