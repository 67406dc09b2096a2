"""An OpenAI request body, decided."""

import json

import pytest

from stackspot_cli.domain import Prompt
from stackspot_cli.errors import UsageError
from stackspot_cli.gateway.problems import Problem
from stackspot_cli.gateway.requests import Wanted, read
from stackspot_cli.model import Model
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS

MODEL = BUILT_IN_MODELS[0]
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say hi"}]


def find(name: str) -> Model:
    if name != MODEL.name:
        raise UsageError(f"no model {name}", "did you mean it?")
    return MODEL


def asked(body: object) -> Wanted:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read(raw, find_model=find, default_model=MODEL.name, conversation_id="01C")


def test_a_request_becomes_a_prompt() -> None:
    body = {"messages": MESSAGES, "temperature": 0.2, "max_tokens": 10, "stream": True}
    options = {"stream_options": {"include_usage": True}}
    assert asked({**body, **options}) == Wanted(
        MODEL, Prompt("Be brief.\n\nSay hi", "01C", 0.2, 10), stream=True, include_usage=True
    )


def test_what_is_beyond_our_limits_is_moved_to_them() -> None:
    prompt = asked({"messages": MESSAGES, "temperature": 1.8, "max_completion_tokens": 32_000}).prompt
    assert (prompt.temperature, prompt.max_tokens) == (1.0, 8_192)


def test_what_has_no_place_here_is_left_out() -> None:
    body = {
        "messages": MESSAGES,
        "seed": 1,
        "top_p": 0.5,
        "user": "x",
        "reasoning_effort": "low",
        "tools": [],
    }
    assert asked(body).prompt.text == "Be brief.\n\nSay hi"


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        (b"{", 400, None),
        ([], 400, None),
        ({"messages": []}, 400, "messages"),
        ({"messages": MESSAGES, "n": 2}, 400, "n"),
        ({"messages": MESSAGES, "stream": "yes"}, 400, "stream"),
        ({"messages": MESSAGES, "temperature": True}, 400, "temperature"),
        ({"messages": MESSAGES, "temperature": 2.1}, 400, "temperature"),
        ({"messages": MESSAGES, "max_tokens": 0}, 400, "max_tokens"),
        ({"messages": MESSAGES, "max_completion_tokens": 1.5}, 400, "max_completion_tokens"),
        ({"messages": MESSAGES, "model": "gpt"}, 404, "model"),
        ({"messages": MESSAGES, "model": 3}, 400, "model"),
        ({"messages": [{"role": "user", "content": "x" * 200_000}]}, 400, "messages"),
    ],
)
def test_what_cannot_be_asked_names_its_field(body: object, status: int, param: str | None) -> None:
    with pytest.raises(Problem) as refused:
        asked(body)
    assert (refused.value.status, refused.value.param) == (status, param)
