"""OpenAI's chat completions, read and written."""

import json
from typing import Any

import pytest

from stackspot_cli.dialects import chat_completions
from stackspot_cli.dialects.asked import Asked, FieldError
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.dialects.writing import After, Before
from stackspot_cli.domain import Done, Source
from stackspot_cli.tools.inquiry import Call, Inquiry, Result, Said, ToolName
from stackspot_cli.tools.rounds import Finished

HI = {"messages": [{"role": "user", "content": "Hi"}]}
F = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
G = {"type": "custom", "custom": {"name": "g", "description": "Takes text."}}
SAID = (Said("user", "Hi"),)


def read(**more: Any) -> Asked:
    return chat_completions.read({**HI, **more})


def test_the_least() -> None:
    assert read() == Asked(Inquiry(SAID))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "text", "text": "One "}, {"type": "text", "text": "two"}], "One two"),
        (["One"], "One"),
        ([], ""),
        (None, ""),
    ],
)
def test_content_is_a_text_or_parts(content: object, text: str) -> None:
    messages = [{"role": "user", "content": content}, {"role": "user", "content": "x"}]
    assert read(messages=messages).inquiry.items == (Said("user", text), Said("user", "x"))


def test_what_is_no_text_is_a_line_but_not_in_the_last_message() -> None:
    image = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
    items = read(messages=[image, {"role": "user", "content": "And now?"}]).inquiry.items
    assert items[0] == Said("user", "[an image was here: only text can be read]")
    with pytest.raises(FieldError) as refused:
        read(messages=[image])
    assert (
        refused.value.message
        == "StackSpot's models read text, and the last message holds an image: leave it out"
    )


def test_roles_and_the_older_names_of_calls() -> None:
    items = read(
        messages=[
            {"role": "developer", "content": "D"},
            {"role": "assistant", "refusal": "No."},
            {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "1"},
            {
                "role": "assistant",
                "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "g", "input": "text"}}],
            },
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "2"}]},
        ]
    ).inquiry.items
    assert items == (
        Said("system", "D"),
        Said("assistant", "No."),
        Call("f", ToolName("f"), "{}"),
        Result("f", "1"),
        Call("c", ToolName("g", kind="custom"), "text"),
        Result("c", "2"),
    )


@pytest.mark.parametrize(
    ("choice", "names", "expected"),
    [
        (None, ["f", "g"], ("auto", None)),
        ("auto", ["f", "g"], ("auto", None)),
        ("none", ["f", "g"], ("none", None)),
        ("required", ["f", "g"], ("required", None)),
        ({"type": "function", "function": {"name": "f"}}, ["f", "g"], ("required", "f")),
        ({"type": "custom", "custom": {"name": "g"}}, ["f", "g"], ("required", "g")),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [F]}}, ["f"], ("auto", None)),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [F]}},
            ["f"],
            ("required", None),
        ),
    ],
)
def test_which_tools_may_or_must_be_called(choice: object, names: list[str], expected: object) -> None:
    inquiry = read(tools=[F, G], tool_choice=choice).inquiry
    assert [tool.name.shown for tool in inquiry.tools] == names
    assert (inquiry.choice, inquiry.only) == expected


@pytest.mark.parametrize("choice", ["none", "required", {"type": "function", "function": {"name": "f"}}])
@pytest.mark.parametrize("tools", [None, []])
def test_without_tools_there_is_no_choice(choice: object, tools: object) -> None:
    assert read(tools=tools, tool_choice=choice).inquiry == Inquiry(SAID)


def test_a_form() -> None:
    assert read(response_format={"type": "text"}).inquiry.form is None
    json_mode = read(response_format={"type": "json_object"}).inquiry.form
    schema = {"type": "object", "$schema": "http://json-schema.org/draft-04/schema#", "required": ["a"]}
    form = read(
        response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    ).inquiry.form
    assert json_mode is not None
    assert form is not None
    assert [bool(one.complaints({})) for one in (json_mode, form)] == [False, True]
    assert json_mode.complaints([]) != ()


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": ["hi"]}, "messages"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages"),
        ({"messages": [{"role": "nobody", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"text": "x"}]}]}, "messages"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"id": "x"}]}]}, "messages"),
        ({"n": 2}, "n"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"logprobs": True}, "logprobs"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"modalities": ["audio"]}, "modalities"),
        ({"tools": [{"type": "magic"}]}, "tools"),
        ({"tools": ["f"]}, "tools"),
        ({"tools": [F, F]}, "tools"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools"),
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]}, "tools"),
        ({"tools": [F], "tool_choice": {"type": "function", "function": {"name": "h"}}}, "tool_choice"),
        ({"tools": [F], "tool_choice": "perhaps"}, "tool_choice"),
        ({"parallel_tool_calls": "yes"}, "parallel_tool_calls"),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"response_format": {"type": "json_schema"}}, "response_format"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": 3}}}},
            "response_format",
        ),
        ({"stop": 3}, "stop"),
        ({"stop": ["x" * 1_001]}, "stop"),
        ({"temperature": True}, "temperature"),
        ({"temperature": 2.1}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"stream": 1}, "stream"),
        ({"model": 3}, "model"),
        ({"model": "x" * 7_000_000}, "model"),
    ],
)
def test_what_cannot_be_served_names_its_field(more: dict[str, Any], param: str) -> None:
    with pytest.raises(FieldError) as refused:
        read(**more)
    assert refused.value.param == param
    assert len(refused.value.message) < 300


def test_a_schema_without_end_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _level in range(500):
        schema = {"properties": {"x": schema}}
    with pytest.raises(FieldError):
        read(tools=[{"type": "function", "function": {"name": "f", "parameters": schema}}])
    with pytest.raises(FieldError):
        read(response_format={"type": "json_schema", "json_schema": {"schema": schema}})


def test_numbers_of_any_size_are_read() -> None:
    assert read(max_tokens=10**400, temperature=0, stop="x").max_tokens == 10**400
    assert read(max_completion_tokens=5.0, max_tokens=7).max_tokens == 5


# --- answers ---------------------------------------------------------------------------------------

BEFORE = Before("m", "01a", "C", 7, 3, include_usage=True)
DONE = Done("stop", "C", "M")
CALL = Call("call_1", ToolName("f"), '{"a": "é"}')
CUSTOM = Call("call_2", ToolName("g", kind="custom"), "text\n")


def events(data: bytes) -> list[Any]:
    return [
        line if line == "data: [DONE]" else json.loads(line.removeprefix("data: "))
        for line in data.decode().split("\n\n")
        if line
    ]


def after(reason: Any = "stop") -> After:
    return After(Finished(reason, DONE), 3, 2, estimated=True, sources=[Source(name="doc")])


def test_a_stream_of_text_and_calls() -> None:
    writer = chat_completions.Writer(BEFORE)
    data = b"".join(
        (
            writer.begin(),
            writer.text('a "b"\u2028'),
            writer.call(CALL),
            writer.call(CUSTOM),
            writer.end(after("calls")),
        )
    )
    *chunks, done = events(data)
    assert done == "data: [DONE]"
    assert [chunk["choices"][0]["delta"] for chunk in chunks[:-1]] == [
        {"role": "assistant", "content": ""},
        {"content": 'a "b"\u2028'},
        {
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": ""}, "index": 0}
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"a": "é"}'}}]},
        {
            "tool_calls": [
                {"id": "call_2", "type": "custom", "custom": {"name": "g", "input": ""}, "index": 1}
            ]
        },
        {"tool_calls": [{"index": 1, "custom": {"input": "text\n"}}]},
        {},
    ]
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]] == [None] * 6 + ["tool_calls"]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    assert {(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks} == {("chatcmpl-01a", 7, "m")}
    assert data.isascii()


def test_a_whole_answer() -> None:
    whole = chat_completions.Writer(BEFORE).whole("", [CALL], after("calls"))
    assert whole == {
        "id": "chatcmpl-01a",
        "object": "chat.completion",
        "created": 7,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "f", "arguments": '{"a": "é"}'},
                        }
                    ],
                },
                "finish_reason": "tool_calls",
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        "stackspot": {
            "conversation_id": "C",
            "message_id": "M",
            "complete": True,
            "sources": [{"name": "doc"}],
            "usage_estimated": True,
        },
    }
    assert chat_completions.Writer(BEFORE).whole("", [], after())["choices"][0]["message"]["content"] == ""


def test_errors() -> None:
    assert chat_completions.error(Problem(404, "x", param="model", code="model_not_found")) == {
        "error": {
            "message": "x",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    }
    long = chat_completions.error(Problem(400, "too long", code="context_length_exceeded", counts=(9, 5)))[
        "error"
    ]
    assert long["message"] == (
        "This model's maximum context length is 5 tokens. However, your messages resulted in 9 tokens. (too long)"
    )
    assert long["param"] == "messages"
