"""Hints that cannot loop: each names where the value came from, and a step that changes exactly that."""

from __future__ import annotations

import pytest
from credential_world import ID, KEY, REALM, World
from keyring.errors import NoKeyringError

WRONG = {"STACKSPOTAI_CLIENT_ID": ID, "STACKSPOTAI_CLIENT_KEY": "wrong", "STACKSPOTAI_REALM": REALM}
BELONG = "hint: verify credentials: client id, client key and realm belong together; "


def hint(world: World, *argv: str, env: dict[str, str] | None = None) -> str:
    result = world.run(*argv, "complete", "hi", env=env)
    assert (result.code, result.out) == (4, "")
    return result.err.splitlines()[-1]


def test_a_wrong_key_of_the_environment_is_corrected_there_whatever_is_stored(here: World) -> None:
    names = "STACKSPOTAI_CLIENT_ID, STACKSPOTAI_CLIENT_KEY, STACKSPOTAI_REALM"
    step = f"{BELONG}they come from the environment: correct {names}, or unset them"
    assert hint(here, env=WRONG) == step
    assert here.log_in().code == 0
    assert hint(here, env=WRONG) == step


def test_a_wrong_key_that_is_stored_is_replaced_where_it_is_stored(here: World) -> None:
    assert here.run(*LOGIN, "--no-verify", stdin="wrong").code == 0
    assert hint(here).endswith(
        "; `stackspot login` replaces what stands in the system's keyring, entry stackspot-cli"
    )
    assert here.run(*LOGIN, "--no-verify", "--insecure-storage", stdin="wrong").code == 0
    place = "private file HOME/credentials.json"
    assert hint(here).endswith(f"; `stackspot login --insecure-storage` replaces what stands in {place}")


LOGIN = ("login", "--client-id", ID, "--realm", REALM, "--key-stdin")


def test_a_wrong_key_of_a_profile_is_replaced_by_a_login_of_that_profile(here: World) -> None:
    assert here.run("--profile", "acme", *LOGIN, "--no-verify", stdin="wrong").code == 0
    assert "`stackspot --profile acme login` replaces" in hint(here, "--profile", "acme")


def test_a_wrong_key_of_the_config_file_is_named_with_its_line(here: World) -> None:
    here.config.parent.mkdir()
    here.config.write_text(
        f"providers:\n  stackspot:\n    client_id: {ID}\n    api_key: wrong\n    client_realm: {REALM}\n"
    )
    lines = "; ".join(f"correct HOME/config.yaml, line {line}: `stackspot config edit`" for line in (3, 4, 5))
    assert hint(here) == BELONG + lines


def test_a_realm_that_is_not_there_is_named_with_where_it_stands(here: World) -> None:
    env = {**WRONG, "STACKSPOTAI_REALM": "nowhere"}
    assert hint(here, env=env) == (
        "hint: check the realm (the account's slug); "
        "they come from the environment: correct STACKSPOTAI_REALM, or unset them"
    )


def test_where_there_is_no_keyring_the_first_hint_says_what_works(here: World) -> None:
    here.ring.trouble = NoKeyringError()
    assert "or type `stackspot login --insecure-storage`; " in hint(here)
    assert here.run(*LOGIN, "--insecure-storage", stdin=KEY).code == 0
    assert here.run("complete", "hi").code == 0


def test_half_a_pair_in_the_environment_is_completed_or_unset(here: World) -> None:
    assert hint(here, env={"STACKSPOTAI_CLIENT_ID": "one"}) == (
        "hint: set STACKSPOTAI_CLIENT_KEY as well; or unset STACKSPOTAI_CLIENT_ID, and type `stackspot login`"
    )


@pytest.mark.parametrize(
    ("config", "env", "where", "step"),
    [
        (
            "# mine\ndefault_model: stackspot-ai-cod\n",
            {},
            "default_model: HOME/config.yaml, line 2",
            "`stackspot config set default_model NAME` changes it; did you mean",
        ),
        (
            "",
            {"STACKSPOTAI_MODEL": "stackspot-ai-cod"},
            "environment STACKSPOTAI_MODEL",
            "correct STACKSPOTAI_MODEL, or unset it; did you mean",
        ),
    ],
)
def test_a_wrong_usual_model_is_named_with_where_it_stands(
    here: World, config: str, env: dict[str, str], where: str, step: str
) -> None:
    here.config.parent.mkdir()
    here.config.write_text(config)
    result = here.run("complete", "hi", env=env)
    error, hint = result.err.splitlines()
    assert (result.code, error) == (2, f"error: there is no model 'stackspot-ai-cod' ({where})")
    assert hint.startswith(f"hint: {step}")


def test_a_wrong_usual_model_or_profile_is_told_when_it_is_set(here: World) -> None:
    told = here.run("config", "set", "default_model", "stackspot-ai-cod")
    assert told.code == 0
    assert told.err.startswith("note: there is no model 'stackspot-ai-cod'; did you mean")
    assert here.run("config", "set", "default_model", "stackspot-ai").err == ""
    told = here.run("config", "set", "default_profile", "acme")
    assert told.err == (
        "note: profile acme has no credentials yet; `stackspot --profile acme login` stores them\n"
    )


def test_a_conversation_whose_model_is_no_more_says_so(here: World) -> None:
    assert here.log_in().code == 0
    here.config.parent.mkdir(exist_ok=True)
    here.config.write_text("providers: {stackspot: {models: {mine: {model: stackspot-ai}}}}")
    assert here.run("complete", "-m", "mine", "hi").code == 0
    here.config.write_text("")
    result = here.run("complete", "-c", "hi")
    assert result.code == 2
    assert "there is no model 'mine', which the conversation was held with" in result.err
    assert "hint: name another one with -m; " in result.err


def test_a_chat_finds_missing_credentials_before_its_first_prompt(here: World) -> None:
    from stackspot_cli.commands.chat.command import Options, run
    from stackspot_cli.errors import CredentialsMissing

    app = here.app(stdin="hello\n")
    with pytest.raises(CredentialsMissing):
        run(Options(), app)
    assert app.terminal.err == ""


@pytest.mark.parametrize(
    "argv",
    [
        ("run", "--execution", "ol\udce1"),
        ("run", "translate", "hi", "--conversation", "ol\udce1"),
        ("agents", "--visibility", "ol\udce1"),
        ("knowledge", "list", "--visibility", "ol\udce1"),
        ("complete", "--conversation", "ol\udce1", "hi"),
        ("history", "show", "ol\udce1"),
    ],
)
def test_an_id_that_is_no_text_is_a_usage_error(here: World, argv: tuple[str, ...]) -> None:
    assert here.log_in().code == 0
    assert here.run("complete", "hi").code == 0
    asked = len(here.service.requests)
    result = here.run(*argv)
    assert (result.code, result.out, len(here.service.requests)) == (2, "", asked)
    assert "\nhint: " in result.err
