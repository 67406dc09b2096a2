"""The sandbox's quick commands. None of our own code asks."""

import json
from typing import Any

from sandbox_caller import (
    Caller,
    first_fence,
)


def follow(
    caller: Caller, slug: str, polls: int, input_data: Any = "Hello, my friend!"
) -> list[dict[str, Any]]:
    path = f"/v1/quick-commands/create-execution/{slug}?conversation_id=C7"
    status, execution_id = caller.ask("POST", path, {"input_data": input_data})
    assert (status, type(execution_id)) == (200, str)
    callback = f"/v1/quick-commands/callback/{execution_id}"
    return [caller.ask("GET", callback)[1] for _ in range(polls)]


def test_a_quick_command_is_created_runs_and_completes_poll_by_poll(caller: Caller) -> None:
    states = follow(caller, "translate-english-to-spanish", 4)
    progress = [(state["progress"]["status"], state["progress"]["execution_percentage"]) for state in states]
    assert progress == [("CREATED", 0.0), ("RUNNING", 0.5), ("COMPLETED", 1.0), ("COMPLETED", 1.0)]
    assert [len(state["steps"]) for state in states] == [0, 1, 2, 2]
    assert [state["result"] for state in states] == [None, None, "Hola, mi amigo!", "Hola, mi amigo!"]
    assert states[0]["conversation_id"] == "C7"
    assert states[0]["quick_command_slug"] == "translate-english-to-spanish"


def test_the_quick_command_fails_ends_in_failure_and_never_ends_goes_on(caller: Caller) -> None:
    assert [state["progress"]["status"] for state in follow(caller, "fails", 3)][-1] == "FAILURE"
    assert [state["progress"]["status"] for state in follow(caller, "never-ends", 9)][-1] == "RUNNING"


def test_a_quick_commands_result_may_come_in_a_json_fence(caller: Caller) -> None:
    language, text = first_fence(follow(caller, "extract-json", 3, {"a": [1, "é"]})[-1]["result"])
    assert (language, json.loads(text)["input"]) == ("json", {"a": [1, "é"]})


def test_what_is_not_there_is_not_found(strict_caller: Caller) -> None:
    asked = [
        ("POST", "/v1/quick-commands/create-execution/unknown", {"input_data": ""}),
        ("GET", "/v1/quick-commands/callback/unknown", None),
        ("GET", "/v1/knowledge-sources/unknown", None),
        ("DELETE", "/v1/knowledge-sources/unknown/objects", None),
        ("GET", "/v1/file-upload/unknown", None),
        ("GET", "/nowhere", None),
    ]
    caller = strict_caller
    assert [caller.ask(*one)[0] for one in asked] == [404] * len(asked)
    assert caller.ask("GET", "/v3/chat")[0] == 405


def test_any_quick_command_is_played_and_named_in_its_result(caller: Caller) -> None:
    path = "/v1/quick-commands/create-execution/review-diff"
    _status, execution_id = caller.ask("POST", path, {"input_data": "a\n```\nb"})
    states = [caller.ask("GET", f"/v1/quick-commands/callback/{execution_id}")[1] for _ in range(3)]
    assert states[-1]["progress"]["status"] == "COMPLETED"
    assert states[-1]["result"].startswith("## `review-diff`\n")
    assert states[-1]["result"].endswith("> a\n> ```\n> b\n")
