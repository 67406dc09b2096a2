"""`stackspot models`: what each model can do, for people and for scripts."""

from pathlib import Path

import pytest
from parsing import parse
from program import Program

from stackspot_cli.commands.models import Options, table
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.routes.account import Llm
from stackspot_cli.terminal.streams import Terminal

BUILT_IN = {
    "stackspot-ai": ("default model", "general code generation and analysis"),
    "stackspot-ai-chat": ("chat-optimised model", "interactive conversations and explanations"),
    "stackspot-ai-code": ("code-specific model", "code generation, completion and refactoring"),
}
NO_CREDENTIALS = {"STACKSPOTAI_CLIENT_ID": None, "STACKSPOTAI_CLIENT_KEY": None}


def test_argv_becomes_options() -> None:
    assert parse("models") == Options()
    assert parse("models", "NAME", "--format", "json", "--remote") == Options(
        "NAME", ListingFormat.json, True
    )


def test_the_built_in_models_as_objects(program: Program) -> None:
    outcome = program.call("models", "--format", "json", env=NO_CREDENTIALS)
    assert (outcome.code, outcome.err) == (0, "")
    wanted = [
        {
            "name": name,
            "route": "chat",
            "description": description,
            "best_for": best_for,
            "max_input_tokens": 16384,
            "max_output_tokens": 8192,
            "temperature": {"min": 0.0, "max": 1.0, "default": 0.7},
            "streaming": True,
            "conversation": True,
        }
        for name, (description, best_for) in BUILT_IN.items()
    ]
    assert [{key: model[key] for key in wanted[0]} for model in outcome.json] == wanted


def test_one_model_is_one_object(program: Program) -> None:
    assert program.call("models", "stackspot-ai-code", "--format", "json").json["name"] == "stackspot-ai-code"


@pytest.mark.parametrize("name", BUILT_IN)
def test_one_model_for_people(program: Program, name: str) -> None:
    outcome = program.call("models", name)
    assert (outcome.code, outcome.err) == (0, "")
    for fact in (name, *BUILT_IN[name], "16,384", "8,192", "0.7"):
        assert fact in outcome.out


def test_the_table_has_a_line_a_model_with_route_purpose_and_limits(program: Program) -> None:
    head, *lines = program.call("models").out.splitlines()
    assert "NAME" in head and len(lines) == 3
    for line, (name, (_description, best_for)) in zip(lines, BUILT_IN.items(), strict=True):
        assert line.startswith(f"{name} ") and best_for in line and "chat" in line and "16,384" in line


def test_an_unknown_name_is_exit_2_with_the_nearest(program: Program) -> None:
    outcome = program.call("models", "stackspot-ai-cod")
    assert (outcome.code, outcome.out) == (2, "")
    assert "stackspot-ai-cod" in outcome.err and "stackspot-ai-code" in outcome.err.splitlines()[1]


def test_no_network_and_no_file_is_touched(program: Program) -> None:
    assert program.call("models", env=NO_CREDENTIALS).code == 0
    assert program.server.requests == [] and not program.home.exists()


def test_a_config_adds_its_models(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "providers:\n"
        "  stackspot:\n"
        "    models:\n"
        '      reviewer: {agent: 01K45T82PF8QC64C9DNHGQWHY2, description: "Our reviewer"}\n'
        "      translate: {quick_command: translate-english-to-spanish}\n"
        "      stackspot-ai-code: {provider: stackspot, model: stackspot-ai-code, max_tokens: 100, model_type: code}\n"
    )
    outcome = program.call("--config", str(path), "models")
    assert outcome.code == 0 and "Our reviewer" in outcome.out
    models = {
        model["name"]: model
        for model in program.call("--config", str(path), "models", "--format", "json").json
    }
    assert models["reviewer"]["route"] == "agent" and models["translate"]["route"] == "command"
    assert models["stackspot-ai-code"]["max_output_tokens"] == 100


@pytest.mark.parametrize(
    ("llm", "hint"),
    [
        (Llm("GPT 5", "gpt-5"), "--select-model gpt-5"),
        (Llm("GPT 5"), "--select-model 'GPT 5'"),
        (Llm("claude", "01K"), "--select-model claude"),
    ],
)
def test_the_option_to_select_a_model_can_be_pasted(llm: Llm, hint: str) -> None:
    assert hint in table(Terminal.fake(), [], [llm])


@pytest.mark.parametrize(
    "env", [NO_CREDENTIALS, {"STACKSPOTAI_ENDPOINT_URL": "http://127.0.0.1:9", "STACKSPOTAI_RETRIES": "0"}]
)
def test_the_accounts_models_that_cannot_be_asked_for_are_a_note(
    program: Program, env: dict[str, str]
) -> None:
    outcome = program.call("models", "--remote", env=env)
    assert (outcome.code, outcome.out) == (0, program.call("models").out)
    assert outcome.err.startswith("note: StackSpot will not tell the account's LLMs: ")
