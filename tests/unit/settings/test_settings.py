"""Which value counts, where it came from, and how a wrong one is told."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from stackspot_cli.domain import Setting
from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.model import Model
from stackspot_cli.routes import named
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS
from stackspot_cli.settings.settings import Options, Settings, load, locate

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


class World:
    """A home of one's own; `load` reads its config file and collects the notes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.config = home / "config.yaml"
        self.notes: list[str] = []

    def load(
        self, text: str | None = None, env: Mapping[str, str] | None = None, **options: object
    ) -> Settings:
        if text is not None:
            self.config.write_text(text, encoding="utf-8")
        environ = {"STACKSPOTAI_HOME": str(self.home), **(env or {})}
        return load(Options(**options), environ, note=self.notes.append)

    def fails(self, text: str | None = None, env: Mapping[str, str] | None = None, **options: object) -> str:
        with pytest.raises(UsageError) as caught:
            self.load(text, env, **options)
        assert caught.value.exit_code == 2
        assert caught.value.hint
        return caught.value.message.replace(str(self.config), "FILE")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


# --- the order -------------------------------------------------------------------------------------


def test_without_anything_the_defaults_hold(world: World) -> None:
    settings = world.load()
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
    assert world.notes == []


def test_an_option_beats_the_environment_which_beats_the_profile_which_beats_the_default(
    world: World,
) -> None:
    text = "providers: {stackspot: {timeout: 3}}"
    by_option = world.load(text, {"STACKSPOTAI_TIMEOUT": "2"}, timeout=1.0)
    by_environment = world.load(text, {"STACKSPOTAI_TIMEOUT": "2"})
    by_profile = world.load(text)
    by_default = world.load("")
    assert [one.timeout_seconds for one in (by_option, by_environment, by_profile, by_default)] == [
        Setting(1.0, "option --timeout", "option"),
        Setting(2.0, "environment STACKSPOTAI_TIMEOUT", "environment"),
        Setting(3.0, f"profile stackspot in {world.config}", "config"),
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
    world: World, variable: str, text: str, field: str, value: object
) -> None:
    setting = getattr(world.load(env={variable: text}), field)
    assert setting == Setting(value, f"environment {variable}", "environment")


def test_the_other_tools_realm_is_read_where_ours_is_unset_or_empty(world: World) -> None:
    other = {"STACKSPOT_REALM": "theirs"}
    assert world.load(env=other | {"STACKSPOTAI_REALM": ""}).realm.value == "theirs"
    assert world.load(env=other | {"STACKSPOTAI_REALM": "ours"}).realm.value == "ours"


def test_an_empty_variable_counts_as_unset(world: World) -> None:
    assert world.load(env={"STACKSPOTAI_TIMEOUT": "  ", "STACKSPOTAI_PROFILE": ""}) == world.load()


def test_the_endpoint_url_replaces_every_host_but_one_that_is_named(world: World) -> None:
    settings = world.load(
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


def test_the_sandboxs_endpoint_beats_even_a_host_that_is_named(world: World) -> None:
    settings = world.load(
        env={"STACKSPOTAI_API_BASE": "https://api.example"}, endpoint_url="http://127.0.0.1:9"
    )
    assert settings.api_base.value == "http://127.0.0.1:9"


def test_a_plain_key_at_the_top_level_holds_for_every_profile_that_has_none(world: World) -> None:
    text = "timeout: 5\nproviders: {acme: {timeout: 6}}"
    assert world.load(text).timeout_seconds == Setting(5.0, str(world.config), "config")
    assert world.load(text, profile="acme").timeout_seconds.value == 6.0


def test_only_the_option_makes_a_profile_explicit(world: World) -> None:
    assert world.load(profile="acme").profile.explicit
    assert not world.load(env={"STACKSPOTAI_PROFILE": "acme"}).profile.explicit
    by_file = world.load("default_profile: acme")
    assert (by_file.profile, by_file.profile.explicit) == (
        Setting("acme", str(world.config), "config"),
        False,
    )


def test_an_explicit_profiles_own_realm_comes_before_the_environments(world: World) -> None:
    text = "providers: {acme: {client_realm: acme}, plain: {}}"
    env = {"STACKSPOTAI_REALM": "env", "STACKSPOTAI_PROFILE": "acme"}
    assert world.load(text, env).realm.value == "env"
    assert world.load(text, env, profile="acme").realm.value == "acme"
    assert world.load(text, env, profile="plain").realm.value == "env"
    assert world.load(text, env, profile="acme", realm="option").realm.value == "option"


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
    world: World, variable: str, text: str, problem: str
) -> None:
    assert world.fails(env={variable: text}) == f"{variable} {problem}"


@pytest.mark.parametrize(
    "address",
    ["http://api.example", "http://127.0.0.1.example", "http://10.0.0.1", "http://localhost.example"],
)
def test_only_https_except_to_loopback(world: World, address: str) -> None:
    problem = "must start with https:// (http:// is for this machine alone)"
    assert world.fails(env={"STACKSPOTAI_ENDPOINT_URL": address}) == f"STACKSPOTAI_ENDPOINT_URL {problem}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [1,\n", "FILE, line 3, column 1: did not find expected node content"),
        ("a: 1\na: 2\n", "FILE, line 2, column 1: the key a stands here twice"),
        ("x:\n  - {b: 1, b: 2}\n", "FILE, line 2, column 12: the key b stands here twice"),
        (
            "- 1\n",
            "FILE, line 1, column 1: the file must hold keys and values, "
            "such as `default_profile: stackspot`",
        ),
        ("a: \x07\n", "FILE, line 1, column 4: a character that YAML does not allow"),
        ("[" * 40, "FILE, line 1, column 33: nested deeper than any config file needs"),
        ("a: &a [*a]\n", "FILE, line 1, column 4: too many values, or aliases that unfold without end"),
        ("a: 2024-99-99\n", "FILE, line 1, column 4: not a value that can be read"),
        ("? [1]\n: 2\n", "FILE, line 1, column 3: a key must be a plain word"),
        (
            "providers:\n  stackspot:\n    timeout: soon\n",
            "FILE, line 3, column 14: "
            "providers.stackspot.timeout must be a number of seconds above 0, not 'soon'",
        ),
        (
            "providers: {stackspot: {client_realm: 007}}",
            "FILE, line 1, column 39: providers.stackspot.client_realm must be text: put it in quotes",
        ),
        ("providers: [1]", "FILE, line 1, column 12: providers must hold keys and values"),
        (
            "providers: {stackspot: {models: {x: {agent: abc}}}}",
            "FILE, line 1, column 45: providers.stackspot.models.x.agent must be a ULID: "
            "26 letters and digits, from the address in the portal, not 'abc'",
        ),
        (
            f"providers: {{stackspot: {{models: {{x: {{agent: {ULID}, quick_command: y}}}}}}}}",
            "FILE, line 1, column 37: "
            "providers.stackspot.models.x names more than one target: agent, quick_command",
        ),
    ],
)
def test_a_broken_file_is_told_by_line_and_column(world: World, text: str, message: str) -> None:
    assert world.fails(text) == message


def test_a_file_of_brackets_alone_is_no_crash(world: World) -> None:
    """Where it is noticed is the YAML library's affair: 6.0.4 has a limit of its own."""
    assert re.fullmatch(
        r"FILE, line 1, column \d+: nested deeper than any config file needs", world.fails("[" * 100_000)
    )


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory(world: World) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 9):
        lines.append(f"a{level}: &a{level} [" + ", ".join([f"*a{level - 1}"] * 9) + "]")
    assert "aliases that unfold without end" in world.fails("\n".join(lines))


def test_a_file_over_1_mib_is_refused(world: World) -> None:
    assert world.fails("# " + "x" * (1024 * 1024)) == "FILE is larger than 1 MiB"


def test_a_file_that_is_not_text_is_refused_with_its_line(world: World) -> None:
    world.config.write_bytes(b"a: 1\nb: \xff\n")
    assert world.fails() == "FILE, line 2: not UTF-8 text"


def test_yaml_objects_are_not_made(world: World) -> None:
    message = world.fails("timeout: !!python/object/apply:os.getpid []\nretries: !!python/name:os.system x\n")
    assert message.startswith("FILE, line 2, column 10: could not determine a constructor")


def test_an_error_never_repeats_a_key(world: World) -> None:
    for text in (
        "api_key: 'hunter2 \x07'",
        'api_key: "hunter2\\\n',
        "api_key: @hunter2",
        "api_key: [hunter2",
    ):
        with pytest.raises(ConfigError) as caught:
            world.load(f"providers:\n  stackspot:\n    {text}\n")
        assert "hunter2" not in str(caught.value) + caught.value.hint


# --- the file --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place", [lambda path: ({}, {"config": path}), lambda path: ({"STACKSPOTAI_CONFIG": str(path)}, {})]
)
def test_a_file_that_was_named_must_exist(
    world: World, place: Callable[[Path], tuple[dict[str, str], dict[str, Path]]]
) -> None:
    missing = world.home / "missing.yml"
    env, options = place(missing)
    assert world.fails(None, env, **options) == f"there is no config file {missing}"
    missing.write_text("default_model: stackspot-ai-chat")
    assert world.load(None, env, **options).model.value == "stackspot-ai-chat"


def test_the_integrations_own_file_works_as_it_is(world: World) -> None:
    file = world.home / ".aider.litellm.yml"
    file.write_text(INTEGRATION_FILE)
    settings = world.load(config=file, env={"STACKSPOTAI_REALM": "acme"})
    assert settings.realm.value == "acme"
    assert settings.api_base == Setting(
        "https://genai-code-buddy-api.stackspot.com", f"profile stackspot in {file}", "config"
    )
    assert settings.models == BUILT_IN_MODELS
    assert world.notes == []
    assert world.load(config=file).realm == Setting("stackspot", "default", "default")


def test_the_contracts_example_names_an_agent_and_a_quick_command(world: World) -> None:
    settings = world.load(CONTRACT_FILE)
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


@pytest.mark.parametrize(
    ("written", "env", "realm"),
    [
        ("${R}", {"R": "acme"}, "acme"),
        ("x-${R}-y", {"R": "acme"}, "x-acme-y"),
        ("${R:-other}", {}, "other"),
        ("${R:-other}", {"R": ""}, "other"),
        ("${R:-}", {}, "stackspot"),
        ("${R}", {}, "stackspot"),
        ("${R}", {"R": ""}, "stackspot"),
        ("x${R}", {}, "stackspot"),
        ("${A}${B}", {"A": "a", "B": "${A}"}, None),
    ],
)
def test_a_reference_is_replaced_from_the_environment(
    world: World, written: str, env: dict[str, str], realm: str | None
) -> None:
    text = f"providers: {{stackspot: {{client_realm: '{written}'}}}}"
    if realm is None:  # what a variable holds is not looked at again
        assert "not 'a${A}'" in world.fails(text, env)
    else:
        assert world.load(text, env).realm.value == realm


def test_a_reference_gives_numbers_and_switches_too_and_is_not_looked_for_in_keys(world: World) -> None:
    settings = world.load("timeout: ${T:-9}\nhistory: ${H}\n${T}: 1", {"H": "off"})
    assert (settings.timeout_seconds.value, settings.history_enabled.value) == (9.0, False)
    assert world.notes == [f"{world.config}: keys that mean nothing here: ${{T}}"]


def test_merged_and_aliased_values_count(world: World) -> None:
    text = "base: &base {timeout: 7, retries: 1}\nproviders:\n  stackspot:\n    <<: *base\n    retries: 3\n"
    settings = world.load(text)
    assert (settings.timeout_seconds.value, settings.retries.value) == (7.0, 3)


def test_unknown_keys_are_named_once_with_the_nearest(world: World) -> None:
    world.load(
        "proxi: 1\ndefault_modell: x\nproviders:\n"
        "  stackspot: {client_secret: s, timeuot: 3, models: {m: {agnet: x}}}\n  openai: {whatever: 1}\n"
    )
    assert world.notes == [
        f"{world.config}: keys that mean nothing here: proxi, default_modell (did you mean default_model?), "
        "providers.stackspot.client_secret (did you mean api_key?), "
        "providers.stackspot.timeuot (did you mean timeout?), "
        "providers.stackspot.models.m.agnet (did you mean agent?)"
    ]


@pytest.mark.parametrize("literal", ["hunter2", "x${KEY}", "${KEY:-hunter2}"])
def test_a_key_written_out_is_warned_about_once(world: World, literal: str) -> None:
    world.load(f"providers:\n  stackspot:\n    api_key: {literal}\n  other:\n    api_key: abc\n")
    assert world.notes == [
        f"the client key is written out in {world.config}, line 3, column 14; "
        f"`stackspot config import {world.config}` moves it to the keyring"
    ]


@pytest.mark.parametrize("reference", ["${KEY}", "' ${A}${B} '", "${KEY:-}", "''", "~"])
def test_a_key_that_is_only_a_reference_is_not_warned_about(world: World, reference: str) -> None:
    world.load(f"providers:\n  stackspot:\n    api_key: {reference}\n")
    assert world.notes == []


# --- places ----------------------------------------------------------------------------------------


def test_one_home_holds_config_data_and_cache(tmp_path: Path) -> None:
    places = locate(Options(), {"STACKSPOTAI_HOME": str(tmp_path)})
    assert places.config_path == Setting(tmp_path / "config.yaml", "default", "default")
    assert [places.config_dir, places.data_dir, places.cache_dir] == [tmp_path] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of XDG")
@pytest.mark.parametrize(
    "variables", [{}, {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/e"}]
)
def test_the_platforms_folders_are_those_of_platformdirs(variables: dict[str, str]) -> None:
    environ = {"HOME": "/home/someone", **variables}
    code = (
        "import platformdirs; d = platformdirs.PlatformDirs('stackspot', appauthor=False);"
        "print(d.user_config_path, d.user_data_path, d.user_cache_path)"
    )
    theirs = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    ours = locate(Options(), environ)
    assert f"{ours.config_dir} {ours.data_dir} {ours.cache_dir}\n" == theirs.stdout


def test_nothing_is_created_by_reading(world: World) -> None:
    home = world.home / "not-there"
    load(Options(), {"STACKSPOTAI_HOME": str(home)}, note=world.notes.append)
    assert not home.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs is asked")
def test_without_a_file_neither_yaml_nor_platformdirs_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from stackspot_cli.settings.settings import Options, load;"
        f"load(Options(), {{'HOME': {str(tmp_path)!r}}}, note=print);"
        "print(sorted({'yaml', 'platformdirs', 'keyring', 'difflib', 'httpx', 'json'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout == "[]\n"
