"""OpenAI's Responses, read and written."""

import json
from typing import Any

import pytest

from stackspot_cli.dialects import responses, responses_writer
from stackspot_cli.dialects.asked import Asked, FieldError
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.dialects.writing import After, Before
from stackspot_cli.domain import Done
from stackspot_cli.tools.inquiry import Call, Inquiry, Result, Said, ToolName
from stackspot_cli.tools.rounds import Finished

F = {"type": "function", "name": "f", "parameters": {"type": "object"}}


def read(**more: Any) -> Asked:
    return responses.read({"input": "Hi", **more})


def test_the_least() -> None:
    assert read() == Asked(Inquiry((Said("user", "Hi"),)), keep=True, body={"input": "Hi"})


def test_instructions_stand_before_what_was_said() -> None:
    items = read(instructions="Be brief.", input=[{"role": "user", "content": "Hi"}]).inquiry.items
    assert items == (Said("system", "Be brief."), Said("user", "Hi"))


def test_calls_of_the_vendors_own_tools_are_told_as_calls() -> None:
    items = read(
        input=[
            {"type": "local_shell_call", "call_id": "c", "action": {"command": ["ls"]}},
            {"type": "local_shell_call_output", "id": "c", "output": "a.py"},
            {"type": "compaction", "encrypted_content": "x"},
            {"type": "web_search_call", "id": "w", "status": "completed"},
            {"role": "user", "content": "Hi"},
        ]
    ).inquiry.items
    assert items == (
        Call("c", ToolName("local_shell"), '{"command": ["ls"]}'),
        Result("c", "a.py"),
        Said("user", "Hi"),
    )


def test_the_vendors_own_tools_are_left_out_and_so_is_a_choice_of_them() -> None:
    asked = read(tools=[F, {"type": "web_search_preview"}], tool_choice={"type": "web_search_preview"})
    assert ([tool.name.own for tool in asked.inquiry.tools], asked.left_out) == (
        ["f"],
        ("web_search_preview",),
    )
    assert asked.inquiry.choice == "auto"


def test_a_tool_is_named_without_a_level_between() -> None:
    asked = read(tools=[F], tool_choice={"type": "function", "name": "f"}, parallel_tool_calls=False)
    assert (asked.inquiry.choice, asked.inquiry.only, asked.inquiry.parallel) == ("required", "f", False)


def test_a_form() -> None:
    schema = {"type": "object", "required": ["a"]}
    form = read(text={"format": {"type": "json_schema", "name": "x", "schema": schema}}).inquiry.form
    assert form is not None
    assert form.complaints({}) != ()
    assert read(text={"format": {"type": "json_object"}}).inquiry.form is not None
    assert read(text={"format": {"type": "text"}, "verbosity": "low"}).inquiry.form is None


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"input": 3}, "input"),
        ({"input": ["x"]}, "input"),
        ({"input": [{"role": "nobody", "content": "x"}]}, "input"),
        ({"input": [{"type": "function_call"}]}, "input"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]}, "input"),
        ({"instructions": 3}, "instructions"),
        ({"background": True}, "background"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"previous_response_id": 3}, "previous_response_id"),
        ({"text": {"format": {"type": "xml"}}}, "text.format"),
        ({"tools": [{**F, "name": ""}]}, "tools"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
    ],
)
def test_what_cannot_be_served_names_its_field(more: dict[str, Any], param: str) -> None:
    with pytest.raises(FieldError) as refused:
        read(**more)
    assert refused.value.param == param


# --- answers ---------------------------------------------------------------------------------------

BEFORE = Before("m", "01a", "C", 7, 3, body={"tools": [F], "instructions": "Be brief.", "store": False})
CALL = Call("call_1", ToolName("spawn", "agents"), '{"a": 1}')
CUSTOM = Call("call_2", ToolName("patch", kind="custom"), "*** Begin")


def after(reason: Any = "stop") -> After:
    return After(Finished(reason, Done()), 3, 2, estimated=False)


def events(data: bytes) -> list[dict[str, Any]]:
    found = []
    for event in data.decode("ascii").split("\n\n")[:-1]:
        kind, _newline, body = event.partition("\n")
        found.append(json.loads(body.removeprefix("data: ")))
        assert kind == f"event: {found[-1]['type']}"
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    return found


def test_the_whole_sequence() -> None:
    writer = responses_writer.Writer(BEFORE)
    parts = [writer.begin(), writer.keep_alive(), writer.text("I "), writer.text("look."), writer.call(CALL)]
    found = events(b"".join((*parts, writer.call(CUSTOM), writer.end(after("calls")))))
    assert [event["type"].removeprefix("response.") for event in found] == [
        "created",
        "in_progress",
        "keepalive",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
        "custom_tool_call_input.delta",
        "custom_tool_call_input.done",
        "output_item.done",
        "completed",
    ]
    assert found[5] == {
        "type": "response.output_text.delta",
        "item_id": "msg_01a0",
        "output_index": 0,
        "content_index": 0,
        "delta": "I ",
        "logprobs": [],
        "sequence_number": 5,
    }
    done = [event["item"] for event in found if event["type"] == "response.output_item.done"]
    last = found[-1]["response"]
    assert last["output"] == done
    assert done == [
        {
            "id": "msg_01a0",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "annotations": [], "logprobs": [], "text": "I look."}],
        },
        {
            "id": "fc_1",
            "type": "function_call",
            "status": "completed",
            "call_id": "call_1",
            "name": "spawn",
            "arguments": '{"a": 1}',
            "namespace": "agents",
        },
        {
            "id": "ctc_2",
            "type": "custom_tool_call",
            "status": "completed",
            "call_id": "call_2",
            "name": "patch",
            "input": "*** Begin",
        },
    ]
    added = [event["item"] for event in found if event["type"] == "response.output_item.added"]
    assert [item.get("arguments", item.get("input")) for item in added] == [None, "", ""]


def test_the_object_repeats_what_was_asked() -> None:
    whole = responses_writer.Writer(BEFORE).whole("Hi", [], after())
    assert {name: whole[name] for name in ("id", "object", "created_at", "status", "model", "error")} == {
        "id": "resp_01a",
        "object": "response",
        "created_at": 7,
        "status": "completed",
        "model": "m",
        "error": None,
    }
    assert (whole["tools"], whole["instructions"], whole["store"], whole["tool_choice"]) == (
        [F],
        "Be brief.",
        False,
        "auto",
    )
    assert whole["output"][0]["content"][0]["text"] == "Hi"
    assert whole["usage"] == {
        "input_tokens": 3,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 2,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 5,
    }


def test_an_answer_of_no_words_is_a_message_all_the_same() -> None:
    writer = responses_writer.Writer(BEFORE)
    found = events(writer.begin() + writer.end(after()))
    assert found[-1]["response"]["output"][0]["content"][0]["text"] == ""


def test_an_answer_at_its_longest_is_incomplete() -> None:
    writer = responses_writer.Writer(BEFORE)
    last = events(writer.begin() + writer.text("half") + writer.end(after("length")))[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (Problem(502, "x", code="invalid_answer"), "server_error"),
        (Problem(429, "x"), "rate_limit_exceeded"),
        (Problem(402, "x"), "insufficient_quota"),
        (Problem(400, "x"), "invalid_prompt"),
        (Problem(400, "x", code="context_length_exceeded", counts=(9, 5)), "context_length_exceeded"),
    ],
)
def test_an_answer_that_breaks_off_has_failed(problem: Problem, code: str) -> None:
    writer = responses_writer.Writer(BEFORE)
    last = events(writer.begin() + writer.text("half") + writer.failure(problem))[-1]
    assert (last["type"], last["response"]["status"]) == ("response.failed", "failed")
    assert last["response"]["error"]["code"] == code
