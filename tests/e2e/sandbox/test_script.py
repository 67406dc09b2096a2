"""The sandbox, told what to answer. None of our own code asks."""

import http.client

import pytest
from sandbox_caller import REVIEWER, Caller, agent_body, answer_in, chat_body

from stackspot_cli.sandbox import Sandbox

RULES = [
    {"when": "^May it be merged", "answers": ["Not so sure.", '{"approved": true}']},
    {"when": "busy", "answer": "at last", "fault": "rate-limit", "times": 1},
    {"when": "old token", "answer": "by a new one", "fault": "expired-token"},
    {"when": "break", "answer": "this answer will not arrive whole", "fault": "cut"},
]


def test_a_prompt_gets_the_answer_that_was_told() -> None:
    with Sandbox(answers=RULES) as server, Caller(server) as caller:
        asked = [caller.chat("May it be merged?") for _ in range(3)]
        assert asked == ["Not so sure.", '{"approved": true}', '{"approved": true}']
        assert "sandbox" in caller.chat("Something else")


def test_agents_and_quick_commands_answer_by_the_same_rules() -> None:
    with Sandbox(answers=RULES) as server, Caller(server) as caller:
        path, body = (
            f"/v1/agent/{REVIEWER}/chat",
            agent_body(user_prompt="May it be merged?", streaming=False),
        )
        assert caller.ask("POST", path, body)[1]["message"] == "Not so sure."
        create = "/v1/quick-commands/create-execution/verdict"
        _status, execution_id = caller.ask("POST", create, {"input_data": "May it be merged?"})
        states = [caller.ask("GET", f"/v1/quick-commands/callback/{execution_id}")[1] for _ in range(3)]
        assert states[-1]["result"] == '{"approved": true}'


def test_a_rule_s_fault_strikes_its_prompts_alone() -> None:
    with Sandbox(answers=RULES) as server, Caller(server) as caller:
        assert caller.ask("POST", "/v3/chat", chat_body("busy day"))[0] == 429
        assert caller.chat("busy day") == "at last"
        assert caller.ask("POST", "/v3/chat", chat_body("old token"))[0] == 401
        assert caller.chat("old token") == "by a new one"
        with pytest.raises(http.client.IncompleteRead) as cut:
            caller.send("POST", "/v3/chat", chat_body("break it")).read()
        assert 0 < len(answer_in(cut.value.partial)) < len(str(RULES[3]["answer"]))
