"""The config file as a tree: what is read, what is refused by line and column, what bounds it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from config_home import ConfigHome

from stackspot_cli.auth.config_store import ConfigStore
from stackspot_cli.errors import ConfigError
from stackspot_cli.settings.config_file import ConfigFile, Node, parse, read

ULID = "01K45T82PF8QC64C9DNHGQWHY2"


@pytest.fixture
def home(tmp_path: Path) -> ConfigHome:
    return ConfigHome(tmp_path)


# --- the tree --------------------------------------------------------------------------------------


def tree(text: str) -> ConfigFile:
    return parse(text, Path("config.yaml"))


def test_every_value_knows_its_line_and_column() -> None:
    assert tree("a: 1\nb:\n  c: [x, yes]\n").root == Node(
        {
            "a": Node(1, 1, 4),
            "b": Node({"c": Node((Node("x", 3, 7), Node(True, 3, 10)), 3, 6)}, 3, 3),
        },
        1,
        1,
    )


def test_a_node_is_found_by_its_keys_and_nothing_where_there_is_none() -> None:
    root = tree("a: {b: {c: 1}}").root
    assert root.at("a", "b", "c") == Node(1, 1, 12)
    assert [root.at("x"), root.at("a", "x"), root.at("a", "b", "c", "d")] == [None] * 3
    assert [key for key, _node in root.items("a")] == ["b"]
    assert list(root.items("x")) == list(root.items("a", "b", "c")) == []


def test_a_walk_sees_every_mapping_before_what_is_in_it() -> None:
    root = tree("a: {b: 1, c: [2]}\nd:\n").root
    assert [keys for keys, _node in root.walk()] == [(), ("a",), ("a", "b"), ("a", "c"), ("d",)]
    found = root.at("a")
    assert found is not None
    assert [keys for keys, _node in found.walk("a")] == [("a",), ("a", "b"), ("a", "c")]


@pytest.mark.parametrize("text", ["", "providers:\n", "providers: [a]\n", "providers: x\n"])
def test_a_file_without_providers_has_no_profile(text: str) -> None:
    assert list(tree(text).profiles()) == []
    assert tree(text).key_written_out("a") is None


def test_each_provider_is_a_profile_and_a_key_written_out_is_found() -> None:
    config = tree("providers:\n  a: {api_key: hunter2}\n  b: {api_key: '${KEY}'}\n  c: {api_key: 7}\n  d:\n")
    assert [name for name, _node in config.profiles()] == ["a", "b", "c", "d"]
    assert [bool(config.key_written_out(name)) for name in "abcde"] == [True, False, False, False, False]


def test_a_file_that_is_not_there_is_empty_unless_it_must_be(tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    assert read(missing, required=False) == ConfigFile(missing)
    with pytest.raises(ConfigError, match="there is no config file"):
        read(missing, required=True)


def test_an_error_names_the_place_and_the_command_that_opens_the_file() -> None:
    config = ConfigFile(Path("my file.yaml"))
    error = config.error(Node(1, 2, 3), "is wrong")
    assert (error.message, error.hint) == (
        "my file.yaml, line 2, column 3: is wrong",
        "`stackspot --config 'my file.yaml' config edit` opens the file and checks it",
    )


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a: 1\nb: "open\nc: 2\n', "FILE, line 2, column 4: what begins here is never closed"),
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
def test_a_broken_file_is_told_by_line_and_column(home: ConfigHome, text: str, message: str) -> None:
    assert home.fails(text) == message


def test_a_file_of_brackets_alone_is_no_crash(home: ConfigHome) -> None:
    """Where it is noticed is the YAML library's affair: 6.0.4 has a limit of its own."""
    assert re.fullmatch(
        r"FILE, line 1, column \d+: nested deeper than any config file needs", home.fails("[" * 100_000)
    )


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory(home: ConfigHome) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 9):
        lines.append(f"a{level}: &a{level} [" + ", ".join([f"*a{level - 1}"] * 9) + "]")
    assert "aliases that unfold without end" in home.fails("\n".join(lines))


def test_a_file_over_1_mib_is_refused(home: ConfigHome) -> None:
    assert home.fails("# " + "x" * (1024 * 1024)) == "FILE is larger than 1 MiB"


def test_a_file_that_is_not_text_is_refused_with_its_line(home: ConfigHome) -> None:
    home.config.write_bytes(b"a: 1\nb: \xff\n")
    assert home.fails() == "FILE, line 2: not UTF-8 text"


def test_yaml_objects_are_not_made(home: ConfigHome) -> None:
    message = home.fails("timeout: !!python/object/apply:os.getpid []\nretries: !!python/name:os.system x\n")
    assert message.startswith("FILE, line 2, column 10: could not determine a constructor")


def test_an_error_never_repeats_a_key(home: ConfigHome) -> None:
    for text in (
        "api_key: 'hunter2 \x07'",
        'api_key: "hunter2\\\n',
        "api_key: @hunter2",
        "api_key: [hunter2",
    ):
        with pytest.raises(ConfigError) as caught:
            home.load(f"providers:\n  stackspot:\n    {text}\n")
        assert "hunter2" not in str(caught.value) + caught.value.hint


def test_a_text_over_1_mib_is_refused_wherever_it_comes_from() -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml is larger than 1 MiB"):
        tree("# " + "é" * 600_000)


# --- references to the environment -----------------------------------------------------------------


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
    home: ConfigHome, written: str, env: dict[str, str], realm: str | None
) -> None:
    text = f"providers: {{stackspot: {{client_realm: '{written}'}}}}"
    if realm is None:  # what a variable holds is not looked at again
        assert "not 'a${A}'" in home.fails(text, env)
    else:
        assert home.load(text, env).realm.value == realm


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "providers:\n  stackspot:\n    api_key: '${A:-${B}}'\n",
            "line 3, column 14: providers.stackspot.api_key holds a ${ that begins no reference: "
            "${NAME}, ${NAME:-default} are understood",
        ),
        (
            "providers:\n  stackspot:\n    api_key: os.environ/A\n",
            "line 3, column 14: providers.stackspot.api_key must name a variable as ${A}, not as os.environ/A",
        ),
        (
            "default_model: m-${STACKSPOTAI_CLIENT_KEY}\n",
            "line 1, column 16: default_model may not be STACKSPOTAI_CLIENT_KEY, which holds a key",
        ),
        (
            "providers: {stackspot: {api_base: 'https://${STACKSPOT_CLIENT_SECRET}.example'}}\n",
            "line 1, column 35: providers.stackspot.api_base may not be STACKSPOT_CLIENT_SECRET, which holds a key",
        ),
    ],
)
def test_what_is_no_reference_or_no_place_for_one_is_an_error_with_its_place(
    home: ConfigHome, text: str, error: str
) -> None:
    env = {"A": "outer", "B": "inner", "STACKSPOTAI_CLIENT_KEY": "k3y", "STACKSPOT_CLIENT_SECRET": "k3y"}
    with pytest.raises(ConfigError) as raised:
        home_settings = home.load(text, env)
        ConfigStore(home_settings.config, env).get("stackspot")
    assert raised.value.message == f"{home.config}, {error}"


def test_a_reference_gives_numbers_and_switches_too_and_is_not_looked_for_in_keys(home: ConfigHome) -> None:
    settings = home.load("timeout: ${T:-9}\nhistory: ${H}\n${T}: 1", {"H": "off"})
    assert (settings.timeout_seconds.value, settings.history_enabled.value) == (9.0, False)
    assert home.notes == [f"{home.config}: keys that mean nothing here: ${{T}}"]


def test_merged_and_aliased_values_count(home: ConfigHome) -> None:
    text = "base: &base {timeout: 7, retries: 1}\nproviders:\n  stackspot:\n    <<: *base\n    retries: 3\n"
    settings = home.load(text)
    assert (settings.timeout_seconds.value, settings.retries.value) == (7.0, 3)
