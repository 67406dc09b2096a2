"""`previous_response_id` and `store`: a conversation that a program goes on from by its id."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_caller import CALL, PLAIN, READ, Serve, ask, environment, events_of, prompts, running

from stackspot_cli.sandbox import Sandbox

RESPONSES = "/v1/responses"
FIRST = {"input": "Read it", "instructions": "Be brief", "tools": [{"type": "function", **READ}]}


def answered(url: str, body: dict[str, Any], *, stream: bool) -> dict[str, Any]:
    response = ask(url, RESPONSES, {**body, "stream": stream})
    whole: dict[str, Any] = events_of(response.text)[-1]["response"] if stream else response.json()
    return whole


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_conversation_goes_on_from_an_answer(url: str, serve: Serve, stream: bool) -> None:
    server = serve(answers=[{"answers": [f"I look.\n{CALL}", "It says one."]}])
    first = answered(url, FIRST, stream=stream)
    output = {"type": "function_call_output", "call_id": first["output"][1]["call_id"], "output": "x = 1"}
    answered(url, {"previous_response_id": first["id"], "input": [output]}, stream=stream)
    text = prompts(server)[-1]["user_prompt"]
    assert "Be brief" not in text, "instructions are of one request"
    call_id = first["output"][1]["call_id"]
    assert text.endswith(
        "=== user ===\nRead it\n\n"
        '=== assistant ===\nI look.\n(called read: {"path": "a.py"})\n\n'
        f"=== result of read, {call_id} ===\nx = 1"
    )
    assert httpx.get(f"{url}{RESPONSES}/{first['id']}", **PLAIN).json() == first


def test_an_answer_that_is_not_kept_cannot_be_gone_on_from(url: str, serve: Serve) -> None:
    serve()
    unkept = answered(url, {"input": "Say hi", "store": False}, stream=False)
    for previous in (unkept["id"], "resp_of_somebody_else"):
        response = ask(url, RESPONSES, {"input": "And?", "previous_response_id": previous})
        error = response.json()["error"]
        assert (response.status_code, error["code"], error["param"]) == (
            400,
            "previous_response_not_found",
            "previous_response_id",
        )


def test_a_deleted_answer_is_gone(url: str, serve: Serve) -> None:
    serve()
    address = f"{url}{RESPONSES}/{answered(url, {'input': 'Say hi'}, stream=False)['id']}"
    codes = [httpx.request(method, address, **PLAIN).status_code for method in ("GET", "DELETE", "GET")]
    assert codes == [200, 200, 404]


def test_nothing_is_kept_without_a_history(tmp_path: Path) -> None:
    with Sandbox() as server:
        environ = environment(tmp_path, STACKSPOTAI_HISTORY="off", **server.environment)
        with running(environ) as (_process, url):
            first = answered(url, {"input": "Say hi"}, stream=False)
            response = ask(url, RESPONSES, {"input": "And?", "previous_response_id": first["id"]})
    assert (response.status_code, response.json()["error"]["param"]) == (400, "previous_response_id")
