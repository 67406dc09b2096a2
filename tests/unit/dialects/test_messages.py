"""Anthropic's Messages, read and written."""

import json
from typing import Any

import pytest

from stackspot_cli.dialects import messages, messages_writer
from stackspot_cli.dialects.asked import Asked, FieldError
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.dialects.writing import After, Before
from stackspot_cli.domain import Done
from stackspot_cli.tools.inquiry import Call, Inquiry, Said, ToolName
from stackspot_cli.tools.rounds import Finished

F = {"name": "f", "input_schema": {"type": "object"}}


def read(**more: Any) -> Asked:
    return messages.read({"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 10, **more})


def test_the_least() -> None:
    assert read() == Asked(Inquiry((Said("user", "Hi"),)), max_tokens=10)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ("auto", None, True)),
        ({"type": "auto", "disable_parallel_tool_use": True}, ("auto", None, False)),
        ({"type": "any"}, ("required", None, True)),
        ({"type": "tool", "name": "f"}, ("required", "f", True)),
        ({"type": "none"}, ("none", None, True)),
    ],
)
def test_which_tools_may_or_must_be_called(choice: object, expected: object) -> None:
    inquiry = read(tools=[F], tool_choice=choice).inquiry
    assert (inquiry.choice, inquiry.only, inquiry.parallel) == expected


def test_the_vendors_own_tools_are_left_out_and_a_web_search_is_refused() -> None:
    assert read(tools=[F, {"type": "bash_20250124", "name": "bash"}]).left_out == ("bash_20250124",)
    with pytest.raises(FieldError) as refused:
        read(tools=[{"type": "web_search_20250305", "name": "web_search"}])
    assert refused.value.message == "nobody searches the web here: leave out `web_search`"


def test_documents_of_text_are_text() -> None:
    document = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "TEXT"}}
    content = [document, {"type": "text", "text": "Sum up"}]
    assert read(messages=[{"role": "user", "content": content}]).inquiry.items == (
        Said("user", "TEXT\nSum up"),
    )


def test_stop_sequences_and_a_form() -> None:
    schema = {"type": "object", "required": ["a"]}
    asked = read(stop_sequences=["END"], output_config={"format": {"type": "json_schema", "schema": schema}})
    assert asked.inquiry.stop == ("END",)
    assert asked.inquiry.form is not None
    assert asked.inquiry.form.complaints({}) != ()


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]}, "messages"),
        ({"messages": [{"role": "assistant", "content": [{"type": "tool_use"}]}]}, "messages"),
        ({"tools": [{"name": "a b", "input_schema": {}}]}, "tools"),
        ({"tools": [F], "tool_choice": "any"}, "tool_choice"),
        ({"tools": [F], "tool_choice": {"type": "tool", "name": "g"}}, "tool_choice"),
        ({"temperature": 1.5}, "temperature"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"output_config": {"format": {"type": "xml"}}}, "output_config"),
    ],
)
def test_what_cannot_be_served_names_its_field(more: dict[str, Any], param: str) -> None:
    with pytest.raises(FieldError) as refused:
        read(**more)
    assert refused.value.param == param


# --- answers ---------------------------------------------------------------------------------------

BEFORE = Before("m", "01a", "C", 7, 3)
CALL = Call("toolu_1", ToolName("f"), '{"a": 1}')


def after(reason: Any = "stop", stop: str | None = None) -> After:
    return After(Finished(reason, Done(), stop), 3, 2, estimated=False)


def events(data: bytes) -> list[dict[str, Any]]:
    found = []
    for event in data.decode("ascii").split("\n\n")[:-1]:
        kind, _newline, body = event.partition("\n")
        found.append(json.loads(body.removeprefix("data: ")))
        assert kind == f"event: {found[-1]['type']}"
    return found


def test_the_whole_sequence() -> None:
    writer = messages_writer.Writer(BEFORE)
    parts = [writer.begin(), writer.keep_alive(), writer.text("I "), writer.text("look."), writer.call(CALL)]
    found = events(b"".join((*parts, writer.end(after("calls")))))
    usage = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    assert found == [
        {
            "type": "message_start",
            "message": {
                "id": "msg_01a",
                "type": "message",
                "role": "assistant",
                "model": "m",
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": {"input_tokens": 3, **usage, "output_tokens": 1},
            },
        },
        {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "I "}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "look."}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}},
        },
        {
            "type": "content_block_delta",
            "index": 1,
            "delta": {"type": "input_json_delta", "partial_json": '{"a": 1}'},
        },
        {"type": "content_block_stop", "index": 1},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use", "stop_sequence": None},
            "usage": {"input_tokens": 3, **usage, "output_tokens": 2},
        },
        {"type": "message_stop"},
    ]


def test_a_whole_answer() -> None:
    whole = messages_writer.Writer(BEFORE).whole("I look.", [CALL], after("calls"))
    assert whole["content"] == [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}},
    ]
    assert (whole["stop_reason"], whole["role"], whole["type"]) == ("tool_use", "assistant", "message")


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (after(), ("end_turn", None)),
        (after("length"), ("max_tokens", None)),
        (after(stop="END"), ("stop_sequence", "END")),
    ],
)
def test_why_it_ended(end: After, reason: object) -> None:
    whole = messages_writer.Writer(BEFORE).whole("", [], end)
    assert (whole["stop_reason"], whole["stop_sequence"]) == reason


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (415, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (503, "overloaded_error"),
        (529, "overloaded_error"),
    ],
)
def test_errors_have_anthropics_shape(status: int, kind: str) -> None:
    problem = Problem(status, "x")
    assert messages_writer.error(problem) == {"type": "error", "error": {"type": kind, "message": "x"}}
    (event,) = events(messages_writer.Writer(BEFORE).failure(problem))
    assert event == messages_writer.error(problem)


def test_an_over_long_prompt_is_said_as_claude_code_reads_it() -> None:
    problem = Problem(400, "x", code="context_length_exceeded", counts=(20_000, 16_384))
    assert (
        messages_writer.error(problem)["error"]["message"]
        == "prompt is too long: 20000 tokens > 16384 maximum"
    )
