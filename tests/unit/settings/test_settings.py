"""Which value counts, where it came from, and how a wrong one is told."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from config_home import ConfigHome

from stackspot_cli.model import Model
from stackspot_cli.routes import named
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS
from stackspot_cli.settings.setting import Setting
from stackspot_cli.settings.settings import Overrides, load

ULID = "01K45T82PF8QC64C9DNHGQWHY2"
INTEGRATION_FILE = """\
providers:
  stackspot:
    api_base: "https://genai-code-buddy-api.stackspot.com"
    api_key: "${STACKSPOTAI_CLIENT_KEY}"
    client_id: "${STACKSPOTAI_CLIENT_ID}"
    client_realm: "${STACKSPOTAI_REALM}"
    models:
      stackspot-ai:
        provider: stackspot
        model: stackspot-ai
        max_tokens: 8192
        model_type: code
      stackspot-ai-chat:
        provider: stackspot
        model: stackspot-ai-chat
        max_tokens: 8192
        model_type: chat
      stackspot-ai-code:
        provider: stackspot
        model: stackspot-ai-code
        max_tokens: 8192
        model_type: code
"""
CONTRACT_FILE = f"""\
default_profile: stackspot
default_model: stackspot-ai-code
providers:
  stackspot:
    models:
      stackspot-ai-code: {{provider: stackspot, model: stackspot-ai-code, max_tokens: 8192, model_type: code}}
      reviewer: {{agent: {ULID}, description: "Our reviewer", max_input_tokens: 200000}}
      translate: {{quick_command: translate-english-to-spanish}}
"""


@pytest.fixture
def home(tmp_path: Path) -> ConfigHome:
    return ConfigHome(tmp_path)


# --- the order -------------------------------------------------------------------------------------


def test_without_anything_the_defaults_hold(home: ConfigHome) -> None:
    settings = home.load()
    assert settings.profile == Setting("stackspot", "default", "default")
    assert settings.realm == Setting("stackspot", "default", "default")
    assert settings.model == Setting("stackspot-ai", "default", "default")
    assert [
        settings.timeout_seconds.value,
        settings.deadline_seconds.value,
        settings.retries.value,
        settings.retry_wait_seconds.value,
        settings.history_enabled.value,
        settings.vi.value,
    ] == [180.0, None, 2, 0.5, True, False]
    assert [
        settings.idm_base.value,
        settings.api_base.value,
        settings.inference_base.value,
        settings.data_base.value,
        settings.tools_base.value,
    ] == [
        "https://idm.stackspot.com",
        "https://genai-code-buddy-api.stackspot.com",
        "https://genai-inference-app.stackspot.com",
        "https://data-integration-api.stackspot.com",
        "https://genai-agent-tools-api.stackspot.com",
    ]
    assert settings.models == BUILT_IN_MODELS
    assert home.notes == []


def test_an_option_beats_the_environment_which_beats_the_profile_which_beats_the_default(
    home: ConfigHome,
) -> None:
    text = "providers: {stackspot: {timeout: 3}}"
    by_option = home.load(text, {"STACKSPOTAI_TIMEOUT": "2"}, timeout=1.0)
    by_environment = home.load(text, {"STACKSPOTAI_TIMEOUT": "2"})
    by_profile = home.load(text)
    by_default = home.load("")
    assert [one.timeout_seconds for one in (by_option, by_environment, by_profile, by_default)] == [
        Setting(1.0, "option --timeout", "option"),
        Setting(2.0, "environment STACKSPOTAI_TIMEOUT", "environment"),
        Setting(3.0, f"profile stackspot in {home.config}", "config"),
        Setting(180.0, "default", "default"),
    ]


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("STACKSPOTAI_REALM", "acme", "realm", "acme"),
        ("STACKSPOT_REALM", "acme", "realm", "acme"),
        ("STACKSPOTAI_PROFILE", "acme", "profile", "acme"),
        ("STACKSPOTAI_MODEL", "stackspot-ai-chat", "model", "stackspot-ai-chat"),
        ("STACKSPOTAI_TIMEOUT", " 2.5 ", "timeout_seconds", 2.5),
        ("STACKSPOTAI_DEADLINE", "60", "deadline_seconds", 60.0),
        ("STACKSPOTAI_DEADLINE", "none", "deadline_seconds", None),
        ("STACKSPOTAI_RETRIES", "0", "retries", 0),
        ("STACKSPOTAI_RETRY_WAIT", "0", "retry_wait_seconds", 0.0),
        ("STACKSPOTAI_SEND_SECRETS", "on", "send_secrets", True),
        ("STACKSPOTAI_MAX_ANSWER_BYTES", "1024", "max_answer_bytes", 1024),
        ("STACKSPOTAI_HISTORY", "off", "history_enabled", False),
        ("STACKSPOTAI_HISTORY", "ON", "history_enabled", True),
        ("STACKSPOTAI_IDM_BASE", "https://idm.example/", "idm_base", "https://idm.example"),
        ("STACKSPOTAI_API_BASE", "https://api.example/x/", "api_base", "https://api.example/x"),
        ("STACKSPOTAI_INFERENCE_BASE", "http://localhost:8080", "inference_base", "http://localhost:8080"),
        ("STACKSPOTAI_DATA_BASE", "http://127.0.0.2:1", "data_base", "http://127.0.0.2:1"),
        ("STACKSPOTAI_TOOLS_BASE", "http://[::1]:1", "tools_base", "http://[::1]:1"),
    ],
)
def test_a_variable_sets_its_setting(
    home: ConfigHome, variable: str, text: str, field: str, value: object
) -> None:
    setting = getattr(home.load(env={variable: text}), field)
    assert setting == Setting(value, f"environment {variable}", "environment")


def test_the_other_tools_realm_is_read_where_ours_is_unset_or_empty(home: ConfigHome) -> None:
    other = {"STACKSPOT_REALM": "theirs"}
    assert home.load(env=other | {"STACKSPOTAI_REALM": ""}).realm.value == "theirs"
    assert home.load(env=other | {"STACKSPOTAI_REALM": "ours"}).realm.value == "ours"


def test_an_empty_variable_counts_as_unset(home: ConfigHome) -> None:
    assert home.load(env={"STACKSPOTAI_TIMEOUT": "  ", "STACKSPOTAI_PROFILE": ""}) == home.load()


def test_the_endpoint_url_replaces_every_host_but_one_that_is_named(home: ConfigHome) -> None:
    settings = home.load(
        "providers: {stackspot: {tools_base: 'https://config.example'}}",
        {"STACKSPOTAI_ENDPOINT_URL": "http://127.0.0.1:9/", "STACKSPOTAI_API_BASE": "https://api.example"},
    )
    assert settings.api_base == Setting(
        "https://api.example", "environment STACKSPOTAI_API_BASE", "environment"
    )
    everywhere = Setting("http://127.0.0.1:9", "environment STACKSPOTAI_ENDPOINT_URL", "environment")
    assert [settings.idm_base, settings.inference_base, settings.data_base, settings.tools_base] == [
        everywhere
    ] * 4


def test_the_sandboxs_endpoint_beats_even_a_host_that_is_named(home: ConfigHome) -> None:
    settings = home.load(
        env={"STACKSPOTAI_API_BASE": "https://api.example"}, endpoint_url="http://127.0.0.1:9"
    )
    assert settings.api_base.value == "http://127.0.0.1:9"


def test_a_plain_key_at_the_top_level_holds_for_every_profile_that_has_none(home: ConfigHome) -> None:
    text = "timeout: 5\nproviders: {acme: {timeout: 6}}"
    assert home.load(text).timeout_seconds == Setting(5.0, str(home.config), "config")
    assert home.load(text, profile="acme").timeout_seconds.value == 6.0


def test_only_the_option_makes_a_profile_explicit(home: ConfigHome) -> None:
    assert home.load(profile="acme").profile.explicit
    assert not home.load(env={"STACKSPOTAI_PROFILE": "acme"}).profile.explicit
    by_file = home.load("default_profile: acme")
    assert (by_file.profile, by_file.profile.explicit) == (
        Setting("acme", str(home.config), "config"),
        False,
    )


def test_an_explicit_profiles_own_realm_comes_before_the_environments(home: ConfigHome) -> None:
    text = "providers: {acme: {client_realm: acme}, plain: {}}"
    env = {"STACKSPOTAI_REALM": "env", "STACKSPOTAI_PROFILE": "acme"}
    assert home.load(text, env).realm.value == "env"
    assert home.load(text, env, profile="acme").realm.value == "acme"
    assert home.load(text, env, profile="plain").realm.value == "env"
    assert home.load(text, env, profile="acme", realm="option").realm.value == "option"


# --- wrong values ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("STACKSPOTAI_TIMEOUT", "0", "must be a number of seconds above 0, not '0'"),
        ("STACKSPOTAI_TIMEOUT", "nan", "must be a number of seconds above 0, not 'nan'"),
        ("STACKSPOTAI_TIMEOUT", "1e999", "must be a number of seconds above 0, not '1e999'"),
        ("STACKSPOTAI_TIMEOUT", "1_0", "must be a number of seconds above 0, not '1_0'"),
        ("STACKSPOTAI_DEADLINE", "-1", "must be a number of seconds above 0, not '-1'"),
        ("STACKSPOTAI_RETRIES", "2.5", "must be a whole number from 0 to 100, not '2.5'"),
        ("STACKSPOTAI_RETRIES", "101", "must be a whole number from 0 to 100, not '101'"),
        ("STACKSPOTAI_RETRY_WAIT", "-0.1", "must be a number of seconds, 0 or more, not '-0.1'"),
        ("STACKSPOTAI_HISTORY", "maybe", "must be `on` or `off`, not 'maybe'"),
        (
            "STACKSPOTAI_REALM",
            "a/b",
            "must be an account's slug: letters, digits, `.`, `_` and `-`, not 'a/b'",
        ),
        ("STACKSPOTAI_API_BASE", "api.example", "must be an address such as https://host.example"),
        ("STACKSPOTAI_API_BASE", "ftp://api.example", "must be an address such as https://host.example"),
        ("STACKSPOTAI_API_BASE", "https://h:port", "must be an address such as https://host.example"),
        ("STACKSPOTAI_API_BASE", "https://[::1", "must be an address such as https://host.example"),
        ("STACKSPOTAI_API_BASE", "https://u:p@h", "must be an address without a user name or password"),
        ("STACKSPOTAI_API_BASE", "https://h/?a", "must be an address without `?` and `#`"),
        ("STACKSPOTAI_API_BASE", "https://h /", "must be an address without spaces"),
    ],
)
def test_a_wrong_variable_is_named_with_what_it_must_be(
    home: ConfigHome, variable: str, text: str, problem: str
) -> None:
    assert home.fails(env={variable: text}) == f"{variable} {problem}"


@pytest.mark.parametrize(
    "address",
    ["http://api.example", "http://127.0.0.1.example", "http://10.0.0.1", "http://localhost.example"],
)
def test_only_https_except_to_loopback(home: ConfigHome, address: str) -> None:
    problem = "must start with https:// (http:// is for this machine alone)"
    assert home.fails(env={"STACKSPOTAI_ENDPOINT_URL": address}) == f"STACKSPOTAI_ENDPOINT_URL {problem}"


# --- the file --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place", [lambda path: ({}, {"config": path}), lambda path: ({"STACKSPOTAI_CONFIG": str(path)}, {})]
)
def test_a_file_that_was_named_must_exist(
    home: ConfigHome, place: Callable[[Path], tuple[dict[str, str], dict[str, Path]]]
) -> None:
    missing = home.folder / "missing.yml"
    env, options = place(missing)
    assert home.fails(None, env, **options) == f"there is no config file {missing}"
    missing.write_text("default_model: stackspot-ai-chat")
    assert home.load(None, env, **options).model.value == "stackspot-ai-chat"


def test_the_integrations_own_file_works_as_it_is(home: ConfigHome) -> None:
    file = home.folder / ".aider.litellm.yml"
    file.write_text(INTEGRATION_FILE)
    settings = home.load(config=file, env={"STACKSPOTAI_REALM": "acme"})
    assert settings.realm.value == "acme"
    assert settings.api_base == Setting(
        "https://genai-code-buddy-api.stackspot.com", f"profile stackspot in {file}", "config"
    )
    assert settings.models == BUILT_IN_MODELS
    assert home.notes == []
    assert home.load(config=file).realm == Setting("stackspot", "default", "default")


def test_the_contracts_example_names_an_agent_and_a_quick_command(home: ConfigHome) -> None:
    settings = home.load(CONTRACT_FILE)
    assert settings.model.value == "stackspot-ai-code"
    assert settings.models == (
        *BUILT_IN_MODELS,
        Model("reviewer", named("agent"), ULID, "Our reviewer", max_input_tokens=200_000),
        Model(
            "translate",
            named("command"),
            "translate-english-to-spanish",
            "quick command translate-english-to-spanish",
            max_input_tokens=272_000,
        ),
    )


def test_aliases_are_the_profiles_own_and_lead_to_models(home: ConfigHome) -> None:
    settings = home.load(
        "providers:\n  stackspot:\n"
        "    aliases: {claude-haiku-4-5: stackspot-ai, helper: '${HELPER:-stackspot-ai-code}'}\n"
        "  other: {aliases: {x: y}}\n"
    )
    assert settings.aliases == {"claude-haiku-4-5": "stackspot-ai", "helper": "stackspot-ai-code"}
    assert settings.find_model("helper").name == "stackspot-ai-code"
    assert home.notes == []


def test_unknown_keys_are_named_once_with_the_nearest(home: ConfigHome) -> None:
    home.load(
        "proxi: 1\ndefault_modell: x\nproviders:\n"
        "  stackspot: {client_secret: s, timeuot: 3, models: {m: {agnet: x}}}\n  openai: {whatever: 1}\n"
    )
    assert home.notes == [
        f"{home.config}: keys that mean nothing here: proxi, default_modell (did you mean default_model?), "
        "providers.stackspot.client_secret (did you mean api_key?), "
        "providers.stackspot.timeuot (did you mean timeout?), "
        "providers.stackspot.models.m.agnet (did you mean agent?)"
    ]


@pytest.mark.parametrize("literal", ["hunter2", "x${KEY}", "${KEY:-hunter2}"])
def test_a_key_written_out_is_warned_about_once(home: ConfigHome, literal: str) -> None:
    home.load(f"providers:\n  stackspot:\n    api_key: {literal}\n  other:\n    api_key: abc\n")
    assert home.notes == [
        f"the client key is written out in {home.config}, line 3, column 14; "
        f"`stackspot config import {home.config}` moves it to the keyring"
    ]


@pytest.mark.parametrize("failed", ["${A:?x}", "'${A:-${B}}'", "os.environ/A"])
def test_a_key_that_is_no_reference_is_an_error_alone(home: ConfigHome, failed: str) -> None:
    home.load(f"providers:\n  stackspot:\n    api_key: {failed}\n")
    assert home.notes == []


@pytest.mark.parametrize("reference", ["${KEY}", "' ${A}${B} '", "${KEY:-}", "''", "~"])
def test_a_key_that_is_only_a_reference_is_not_warned_about(home: ConfigHome, reference: str) -> None:
    home.load(f"providers:\n  stackspot:\n    api_key: {reference}\n")
    assert home.notes == []


def test_nothing_is_created_by_reading(home: ConfigHome) -> None:
    folder = home.folder / "not-there"
    load(Overrides(), {"STACKSPOTAI_HOME": str(folder)}, note=home.notes.append)
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs is asked")
def test_without_a_file_neither_yaml_nor_platformdirs_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from stackspot_cli.settings.settings import Overrides, load;"
        f"load(Overrides(), {{'HOME': {str(tmp_path)!r}}}, note=print);"
        "print(sorted({'yaml', 'platformdirs', 'keyring', 'difflib', 'httpx', 'json'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout == "[]\n"
