"""The agent route: its own fields, and none of a model's."""

import pytest

from stackspot_cli.domain import AgentOptions, Delta, Prompt
from stackspot_cli.model import Model
from stackspot_cli.routes import agent, named
from stackspot_cli.routes.call import EVENT_STREAM, Call

ULID = "01K45T82PF8QC64C9DNHGQWHY2"
MODEL = Model("reviewer", named("agent"), ULID)
ALWAYS = {
    "user_prompt": "Hi",
    "streaming": True,
    "stackspot_knowledge": False,
    "return_ks_in_response": True,
    "use_conversation": True,
    "conversation_id": "C1",
    "upload_ids": [],
}


def test_a_prompt_always_streams_within_its_conversation() -> None:
    assert agent.request(MODEL, Prompt("Hi", "C1", temperature=0.2, max_tokens=7), "1") == Call(
        "POST", "inference", f"/v1/agent/{ULID}/chat", ALWAYS, headers=EVENT_STREAM
    )


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        (AgentOptions(("K1",)), {"knowledge_source_ids": ["K1"]}),
        (AgentOptions(stackspot_knowledge=True), {"stackspot_knowledge": True}),
        (AgentOptions(deep_search=True), {"deep_search_ks": True}),
        (AgentOptions(agent_version=0), {"agent_version_number": 0}),
        (AgentOptions(selected_model="gpt"), {"selected_model": "gpt"}),
    ],
)
def test_an_option_travels_where_it_was_given(options: AgentOptions, fields: dict[str, object]) -> None:
    assert agent.request(MODEL, Prompt("Hi", "C1", agent=options), "1").body == {**ALWAYS, **fields}


def test_files_go_by_their_ids() -> None:
    body = agent.request(MODEL, Prompt("Hi", "C1", upload_ids=("U1", "U2")), "1").body
    assert body["upload_ids"] == ["U1", "U2"]


@pytest.mark.parametrize("field", ["answer", "message"])
def test_the_text_is_in_either_routes_field(field: str) -> None:
    assert agent.reader().read("message", f'{{"{field}": "x"}}') == [Delta("x")]
