"""`config`: shows what applies, changes what was asked and nothing else, never leaves a broken file."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from credential_world import ID, KEY, REALM, Result, World, absent
from parsing import parse

from stackspot_cli.commands.config import edit, get, importing, path, show, unset
from stackspot_cli.commands.config import set as setting
from stackspot_cli.commands.shared_options import ListingFormat

EXPORTED = {"STACKSPOTAI_CLIENT_ID": ID, "STACKSPOTAI_CLIENT_KEY": KEY, "STACKSPOTAI_REALM": REALM}


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("show", show.Options()),
        ("show --format json", show.Options(ListingFormat.json)),
        ("get a.b", get.Options("a.b")),
        ("set timeout 9", setting.Options("timeout", "9")),
        ("unset timeout", unset.Options("timeout")),
        ("path", path.Options()),
        ("edit", edit.Options()),
        ("import", importing.Options(".aider.litellm.yml")),
        ("import F --insecure-storage", importing.Options("F", insecure_storage=True)),
    ],
)
def test_argv_becomes_options(line: str, options: object) -> None:
    assert parse("config", *line.split()) == options


def written(here: World, text: str) -> World:
    here.home.mkdir(exist_ok=True)
    here.config.write_text(text)
    return here


# --- show, get, path -------------------------------------------------------------------------------


def test_show_prints_every_value_with_its_origin_and_the_key_as_dots(here: World) -> None:
    written(here, "timeout: 30\nproviders: {stackspot: {tools_base: 'https://tools.example'}}\n")
    done = here.run("config", "show", "--format", "json", env=EXPORTED | {"STACKSPOTAI_RETRIES": "1"})
    found = {name: (one["value"], one["origin"]) for name, one in json.loads(done.out).items()}
    endpoint = ("URL", "environment STACKSPOTAI_ENDPOINT_URL")
    assert found == {
        "profile": ("stackspot", "default"),
        "config_file": ("HOME/config.yaml", "default"),
        "client_id": (ID, "environment STACKSPOTAI_CLIENT_ID"),
        "client_key": ("••••••••", "environment STACKSPOTAI_CLIENT_KEY"),
        "realm": (REALM, "environment STACKSPOTAI_REALM"),
        "idm_base": endpoint,
        "api_base": endpoint,
        "inference_base": endpoint,
        "data_base": endpoint,
        "tools_base": endpoint,
        "model": ("stackspot-ai", "default"),
        "timeout": (30.0, "HOME/config.yaml"),
        "deadline": (None, "default"),
        "retries": (1, "environment STACKSPOTAI_RETRIES"),
        "retry_wait": (0.5, "default"),
        "per_minute": (None, "default"),
        "per_day": (None, "default"),
        "max_answer_bytes": (67108864, "default"),
        "history": (True, "default"),
        "vi": (False, "default"),
        "send_secrets": (False, "default"),
    }


def test_show_as_text_is_a_line_a_setting(here: World) -> None:
    lines = here.run("config", "show", env=EXPORTED).out.splitlines()
    assert [line.split()[0] for line in lines][:5] == [
        "profile",
        "config_file",
        "client_id",
        "client_key",
        "realm",
    ]
    assert "••••••••" in lines[3] and lines[3].endswith("(environment STACKSPOTAI_CLIENT_KEY)")
    assert KEY not in "".join(lines)


def test_show_works_without_credentials_and_says_why_there_are_none(here: World) -> None:
    here.ring.trouble = absent()
    done = here.run("config", "show", "--format", "json")
    found = json.loads(done.out)
    assert done.code == 0
    assert done.err == "note: there is no client id and no client key; this machine has no keyring\n"
    assert found["client_id"] == found["client_key"] == {"value": None, "origin": "nowhere"}


def test_show_has_half_a_pair_with_its_origin(here: World) -> None:
    written(here, "providers: {stackspot: {client_id: abc}}\n")
    done = here.run("config", "show", "--format", "json")
    origin = "profile stackspot in HOME/config.yaml"
    assert done.err == f"note: the client key is missing: only the client id is set ({origin})\n"
    assert json.loads(done.out)["client_id"] == {"value": "abc", "origin": origin}


@pytest.mark.parametrize("value", ["[x]", "12345"])
def test_show_refuses_a_key_that_is_no_text_as_any_other_value(here: World, value: str) -> None:
    written(here, f"providers:\n  stackspot:\n    api_key: {value}\n")
    done = here.run("config", "show")
    assert (done.code, done.out, done.err.splitlines()[0]) == (
        2,
        "",
        "error: HOME/config.yaml, line 3, column 14: "
        "providers.stackspot.api_key must be text: put it in quotes",
    )


def test_path_names_the_file_whether_or_not_it_is_there(here: World) -> None:
    assert here.run("config", "path") == Result(0, "HOME/config.yaml\n", "")
    other = here.home / "x.yml"
    assert here.run("--config", str(other), "config", "path") == Result(0, "HOME/x.yml\n", "")
    assert not here.home.exists()


@pytest.mark.parametrize(
    ("key", "out"),
    [
        ("default_model", "stackspot-ai-code\n"),
        ("providers.stackspot.client_realm", "${REALM}\n"),
        ("providers.stackspot.timeout", "30\n"),
        ("providers.stackspot.history", "off\n"),
        ("providers.stackspot.api_key", "••••••••\n"),
        ("providers.stackspot.mystery_token", "••••••••\n"),
        ('providers.stackspot.models."a.b"', "agent: 01K45T82PF8QC64C9DNHGQWHY2\nmax_tokens: 5\n"),
        ('providers.stackspot.models."a.b".max_tokens', "5\n"),
    ],
)
def test_get_prints_the_value_as_written_and_a_secret_as_dots(here: World, key: str, out: str) -> None:
    written(
        here,
        "default_model: stackspot-ai-code\nproviders:\n  stackspot:\n    client_realm: ${REALM}\n    timeout: 30\n"
        "    history: off\n    api_key: hunter2\n    mystery_token: hunter2\n"
        "    models:\n      a.b: {agent: 01K45T82PF8QC64C9DNHGQWHY2, max_tokens: 5}\n",
    )
    done = here.run("config", "get", key)
    assert (done.code, done.out) == (0, out)


@pytest.mark.parametrize(
    ("key", "err"),
    [
        (
            "deadline",
            "error: deadline is not set in HOME/config.yaml\n"
            "hint: `stackspot config show` prints the values that apply\n",
        ),
        (
            "default_modle",
            "error: there is no setting default_modle\nhint: did you mean default_model, default_profile?\n",
        ),
        (
            "providers.acme.client_secret",
            "error: there is no setting providers.acme.client_secret\nhint: did you mean providers.acme.api_key?\n",
        ),
        (
            "providers.acme.models.x.agnet",
            "error: there is no setting providers.acme.models.x.agnet\n"
            "hint: did you mean providers.acme.models.x.agent?\n",
        ),
        (
            "a..b",
            "error: 'a..b' is not a key\nhint: write keys with dots: providers.stackspot.client_realm\n",
        ),
    ],
)
def test_get_of_what_is_not_there_is_a_usage_error_with_the_nearest_name(
    here: World, key: str, err: str
) -> None:
    assert here.run("config", "get", key) == Result(2, "", err)


@pytest.mark.parametrize(
    ("key", "out"),
    [
        ("timeout", "180"),
        ("vi", "off"),
        ("model", "stackspot-ai"),
        ("default_model", "stackspot-ai"),
        ("profile", "stackspot"),
        ("default_profile", "stackspot"),
        ("realm", "acme"),
        ("client_id", "an-id"),
        ("client_key", "••••••••"),
        ("idm_base", "https://idm.example"),
    ],
)
def test_get_of_what_the_file_has_not_is_the_value_that_applies(here: World, key: str, out: str) -> None:
    environ = {
        "STACKSPOTAI_CLIENT_ID": "an-id",
        "STACKSPOTAI_CLIENT_KEY": "a-key-of-nobody",
        "STACKSPOTAI_REALM": "acme",
        "STACKSPOTAI_IDM_BASE": "https://idm.example",
        "STACKSPOTAI_ENDPOINT_URL": "https://all.example",
    }
    assert here.run("config", "get", key, env=environ) == Result(0, f"{out}\n", "")


@pytest.mark.parametrize(
    ("argv", "meant"),
    [
        (["set", "client_id", "x"], "providers.stackspot.client_id"),
        (["--profile", "acme", "set", "realm", "x"], "providers.acme.client_realm"),
        (["unset", "api_base"], "providers.stackspot.api_base"),
        (["get", "quota"], "providers.stackspot.quota"),
        (["set", "model", "x"], "default_model"),
    ],
)
def test_a_key_without_its_profile_is_told_with_it(here: World, argv: list[str], meant: str) -> None:
    before, words = (argv[:2], argv[2:]) if argv[0] == "--profile" else ([], argv)
    done = here.run(*before, "config", *words)
    assert done.code == 2 and f"hint: did you mean {meant}" in done.err


# --- set, unset ------------------------------------------------------------------------------------


def test_set_begins_a_private_file_and_get_reads_it_back(here: World) -> None:
    assert here.run("config", "set", "providers.acme.client_realm", "acme") == Result(0, "", "")
    assert here.config.read_text() == "providers:\n  acme:\n    client_realm: acme\n"
    if sys.platform != "win32":
        assert [stat.S_IMODE(one.stat().st_mode) for one in (here.config, here.home)] == [0o600, 0o700]
    assert here.run("config", "get", "providers.acme.client_realm").out == "acme\n"


def test_set_and_unset_keep_comments_order_and_quoting(here: World) -> None:
    text = "# mine\ndefault_model:  'stackspot-ai'   # why\nproviders:\n    acme:\n        timeout: 3 # s\n"
    written(here, text)
    assert here.run("config", "set", "default_model", "stackspot-ai-chat").code == 0
    assert here.run("config", "set", "providers.acme.timeout", "4.5").code == 0
    assert here.config.read_text() == text.replace("'stackspot-ai'", "'stackspot-ai-chat'").replace(
        "3 #", "4.5 #"
    )
    assert here.run("config", "unset", "providers.acme.timeout").code == 0
    assert here.run("config", "unset", "default_model").code == 0
    assert here.config.read_text() == "# mine\nproviders:\n    acme:\n"


def test_unset_twice_is_no_error(here: World) -> None:
    assert here.run("config", "unset", "timeout") == Result(
        0, "", "note: timeout was not set in HOME/config.yaml\n"
    )
    assert here.run("config", "unset", "providers.acme").code == 0
    assert not here.home.exists()
    assert here.run("config", "unset", "timeuot").code == 2


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("timeout", "soon", "timeout must be a number of seconds above 0, not 'soon'"),
        ("retries", "-1", "retries must be a whole number from 0 to 100, not '-1'"),
        ("history", "maybe", "history must be `on` or `off`, not 'maybe'"),
        ("providers.a.api_base", "http://a.example", "providers.a.api_base must start with https://"),
        ("providers.a.models.m.agent", "123", "providers.a.models.m.agent must be a ULID"),
        ("providers.a.client_realm", "a/b", "providers.a.client_realm must be an account's slug"),
        ("providers.a.client_realm", " ", "there is no value for providers.a.client_realm"),
        ("providers.a", "x", "providers.a is a group of keys"),
        ("defualt_model", "x", "there is no setting defualt_model"),
    ],
)
def test_a_value_is_checked_before_anything_is_written(
    here: World, key: str, value: str, message: str
) -> None:
    done = here.run("config", "set", "--", key, value)
    assert (done.code, done.err.startswith(f"error: {message}")) == (2, True), done.err
    assert not here.home.exists()


def test_a_client_key_is_not_taken_from_an_argument_but_a_reference_to_one_is(here: World) -> None:
    done = here.run("config", "set", "providers.acme.api_key", "hunter2")
    assert (done.code, "hunter2" in done.err, here.home.exists()) == (2, False, False)
    assert here.run("config", "set", "providers.acme.api_key", "${ACME_KEY}").code == 0
    assert here.config.read_text() == 'providers:\n  acme:\n    api_key: "${ACME_KEY}"\n'


def test_a_value_that_starts_with_a_dash_is_told_of_the_double_dash(here: World) -> None:
    done = here.run("config", "set", "retries", "-3")
    assert (done.code, done.err) == (
        2,
        "error: there is no option -3\n"
        "hint: what begins with a dash goes after `--`: stackspot config set retries -- -3\n",
    )


def test_a_realm_that_a_stored_pair_overrules_is_told_of(here: World) -> None:
    here.log_in(profile="acme")
    key = "providers.acme.client_realm"
    assert here.run("config", "set", key, "other").err == (
        "note: the stored credentials of profile acme are for realm sandbox, which comes first: "
        "`stackspot --profile acme login --realm other` changes it\n"
    )
    assert here.run("config", "set", key, REALM) == Result(0, "", "")
    assert here.run("config", "set", "providers.work.client_realm", "other") == Result(0, "", "")


def test_the_hint_about_a_broken_file_opens_that_very_file(here: World) -> None:
    here.home.mkdir()
    broken = here.home / "bad one.yml"
    broken.write_text("a: 1\n---\nb: 2\n")
    for arguments in (("--config", str(broken), "models"), ("config", "import", str(broken))):
        assert here.run(*arguments).err == (
            "error: HOME/bad one.yml, line 2, column 1: "
            "expected a single document in the stream, but found another document\n"
            "hint: `stackspot --config 'HOME/bad one.yml' config edit` opens the file and checks it\n"
        )


def test_a_broken_value_can_be_mended_by_set(here: World) -> None:
    written(here, "timeout: soon\n")
    assert here.run("models").code == 2
    assert here.run("config", "set", "timeout", "3").code == 0
    assert here.run("models").code == 0


def test_a_broken_file_is_not_touched_by_set(here: World) -> None:
    written(here, "a: [\n")
    done = here.run("config", "set", "timeout", "3")
    assert (done.code, here.config.read_text()) == (2, "a: [\n")
    assert done.err.startswith("error: HOME/config.yaml, line 2, column 1: ")


def test_a_file_that_cannot_be_written_is_exit_3(here: World) -> None:
    here.home.parent.mkdir(exist_ok=True)
    here.home.write_text("a file where the folder should be")
    done = here.run("config", "set", "timeout", "3")
    assert done.code in (2, 3)
    assert done.err.startswith("error: cannot ")


def test_the_sandbox_leaves_the_real_config_alone(here: World) -> None:
    note = "note: with --sandbox nothing outlasts this call: it was kept for a moment only\n"
    assert here.run("--sandbox", "config", "set", "timeout", "3") == Result(0, "", note)
    assert not here.home.exists()
    named = here.home.parent / "named.yml"
    assert here.run("--sandbox", "--config", str(named), "config", "set", "timeout", "3").err == ""
    assert named.read_text() == "timeout: 3\n"


def test_settings_that_are_made_at_the_same_time_are_all_there(tmp_path: Path) -> None:
    environ = {**os.environ, "STACKSPOTAI_HOME": str(tmp_path / "home")}
    program = str(Path(sys.executable).with_name("stackspot"))
    names = [f"p{number}" for number in range(4)]
    calls = [
        subprocess.Popen([program, "config", "set", f"providers.{name}.client_realm", name], env=environ)
        for name in names
    ]
    assert [call.wait(60) for call in calls] == [0] * 4
    kept = yaml.safe_load((tmp_path / "home" / "config.yaml").read_text())["providers"]
    assert kept == {name: {"client_realm": name} for name in names}
