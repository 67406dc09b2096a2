"""Agents by their names in a client's `model`, by `stackspot serve`: looked up once, and a wrong one is told."""

from pathlib import Path

import httpx
import pytest
from gateway_caller import HI, PLAIN, Serve, chunks_of, environment, post, prompts, running

from stackspot_cli.sandbox import Sandbox

REVIEWER = "/v1/agent/01K45T82PF8QC64C9DNHGQWHY2/chat"


def listings(server: Sandbox) -> int:
    return sum("/agents" in request.path for request in server.requests)


def test_an_agent_is_asked_by_its_name_and_its_slug_and_looked_up_once(url: str, serve: Serve) -> None:
    server = serve(deltas=("Hello",))
    answer = post(url, {**HI, "model": "agent:Reviewer"}).json()
    assert (answer["model"], answer["choices"][0]["message"]["content"]) == ("agent:Reviewer", "Hello")
    asked = listings(server)
    streamed = post(url, {**HI, "model": "agent:reviewer", "stream": True})
    assert (
        "".join(
            choice["delta"].get("content") or ""
            for chunk in chunks_of(streamed.text)[:-1]
            for choice in chunk["choices"]
        )
        == "Hello"
    )
    assert httpx.get(f"{url}/v1/models/agent:Reviewer", **PLAIN).json()["id"] == "agent:Reviewer"
    counted = httpx.post(f"{url}/v1/messages/count_tokens", json={**HI, "model": "agent:Reviewer"}, **PLAIN)
    assert counted.json()["input_tokens"] > 0
    assert listings(server) == asked
    assert [request.path for request in server.requests if request.path.endswith("/chat")] == [REVIEWER] * 2


def test_a_name_that_no_agent_has_is_a_404_with_the_nearest(url: str, serve: Serve) -> None:
    server = serve()
    refused = post(url, {**HI, "model": "agent:Revewer"})
    assert refused.status_code == 404
    assert refused.json()["error"]["code"] == "model_not_found"
    assert "did you mean agent:reviewer?" in refused.json()["error"]["message"]
    assert prompts(server) == []


@pytest.mark.parametrize("by", ["option", "alias"])
def test_the_usual_model_and_an_alias_may_be_an_agent_s_name(tmp_path: Path, by: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.yaml").write_text("providers: {stackspot: {aliases: {gpt-4o: 'agent:Reviewer'}}}\n")
    with Sandbox(deltas=("Hello",)) as server:
        environ = environment(home, STACKSPOTAI_ENDPOINT_URL=server.url)
        if by == "option":
            environ["STACKSPOTAI_MODEL"] = "agent:Reviewer"
        with running(environ) as (_process, address):
            post(address, {**HI} if by == "option" else {**HI, "model": "gpt-4o"})
        assert [request.path for request in server.requests if request.path.endswith("/chat")] == [REVIEWER]
