"""`stackspot serve`: what argv means; what it serves is tried over sockets in `e2e`."""

import json
import tomllib

import pytest
from parsing import parse
from program import Program

from stackspot_cli.commands.serve import Options


def test_argv_becomes_options() -> None:
    assert parse("serve") == Options("127.0.0.1", 8765)
    assert parse("serve", "--host", "::1", "--port", "0") == Options("::1", 0)
    assert parse(
        "serve", "--max-concurrent", "4", "--allowed-host", "box", "--allowed-host", "b.example"
    ) == (Options(max_concurrent=4, allowed_hosts=("box", "b.example")))


def test_a_clients_configuration_is_printed_and_nothing_else_happens(program: Program) -> None:
    outcome = program.call("serve", "--print-config", "codex", "-m", "stackspot-ai-code", "--port", "9000")
    printed = tomllib.loads(outcome.out)
    assert (outcome.code, outcome.err) == (0, "note: this goes into: ~/.codex/config.toml\n")
    assert printed["model"] == "stackspot-ai-code"
    assert printed["model_providers"]["stackspot"]["base_url"] == "http://127.0.0.1:9000/v1"
    assert not program.home.exists(), "nothing is written"


@pytest.mark.parametrize(
    ("host", "address"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("box", "box")]
)
def test_a_client_is_told_an_address_that_it_can_reach(program: Program, host: str, address: str) -> None:
    outcome = program.call("serve", "--print-config", "llm", "--host", host)
    assert f"api_base: http://{address}:8765/v1\n" in outcome.out


def test_the_key_is_named_where_one_is_set_and_never_printed(program: Program) -> None:
    outcome = program.call("serve", "--print-config", "claude", env={"STACKSPOTAI_SERVE_KEY": "open sesame"})
    assert json.loads(outcome.out)["apiKeyHelper"] == "printenv STACKSPOTAI_SERVE_KEY"
    assert "sesame" not in outcome.out + outcome.err


def test_a_port_that_is_not_known_yet_cannot_be_printed(program: Program) -> None:
    outcome = program.call("serve", "--print-config", "aider", "--port", "0")
    assert (outcome.code, outcome.out, outcome.err) == (
        2,
        "",
        "error: a client needs to know the port\nhint: name it with --port, as when the gateway is started\n",
    )


def test_a_model_that_is_none_is_refused_before_anything_is_served(program: Program) -> None:
    for more in ((), ("--print-config", "codex")):
        outcome = program.call("serve", "-m", "stackspot-ai-cod", *more)
        assert (outcome.code, outcome.out) == (2, "")
        assert "stackspot-ai-code" in outcome.err
