"""`config`: shows what applies, changes what was asked and nothing else, never leaves a broken file."""

import json
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from credential_world import ID, KEY, REALM, Result, World, absent, locked, world
from parsing import parse

from stackspot_cli.commands.config import edit, get, importing, path, show, unset
from stackspot_cli.commands.config import set as setting
from stackspot_cli.commands.shared_options import ListingFormat

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
"""
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


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


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
        "history": (True, "default"),
        "vi": (False, "default"),
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
            "vi",
            "error: vi is not set in HOME/config.yaml\nhint: `stackspot config show` prints the values that apply\n",
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
        "error: No such option: -3\n"
        "hint: a value that starts with a dash goes after `--`: stackspot config set -- …\n",
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


# --- edit ------------------------------------------------------------------------------------------


def editor(here: World, script: str) -> dict[str, str]:
    """An editor that runs a line of Python with `path` and `text`."""
    file = here.home.parent / "editor.py"
    file.write_text(
        "import pathlib, sys\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text()\n" + script + "\n"
    )
    return {"EDITOR": f"'{sys.executable}' '{file}'", "TMPDIR": str(here.home.parent)}


def test_edit_opens_the_editor_and_keeps_what_can_be_read(here: World) -> None:
    written(here, "timeout: 3\n")
    done = here.run("config", "edit", env=editor(here, "path.write_text(text + 'retries: 1  # mine\\n')"))
    assert done == Result(0, "", "saved HOME/config.yaml\n")
    assert here.config.read_text() == "timeout: 3\nretries: 1  # mine\n"


def test_without_a_terminal_no_usual_editor_is_started(here: World) -> None:
    assert here.run("config", "edit") == Result(
        2,
        "",
        "error: there is no terminal for an editor\n"
        "hint: `stackspot config set KEY VALUE` changes one value; or set EDITOR to a command that needs none\n",
    )


def test_edit_of_a_file_that_is_not_there_begins_with_an_explained_one(here: World) -> None:
    done = here.run(
        "config",
        "edit",
        env=editor(here, "path.write_text(text.replace('# default_model', 'default_model'))"),
    )
    assert done.code == 0
    assert here.run("config", "get", "default_model").out == "stackspot-ai-code\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [\n", "line 2, column 1: did not find expected node content"),
        ("timeout: soon", "line 1, column 10: timeout must be a number of seconds above 0, not 'soon'"),
        (
            "providers: {x: {api_base: 1}}",
            "line 1, column 27: providers.x.api_base must be text: put it in quotes",
        ),
    ],
)
def test_edit_never_leaves_a_broken_file(here: World, text: str, problem: str) -> None:
    written(here, "timeout: 3\n")
    done = here.run("config", "edit", env=editor(here, f"path.write_text({text!r})"))
    assert done.code == 2
    error, hint = done.err.splitlines()
    assert error == f"error: HOME/config.yaml, {problem}; HOME/config.yaml is as it was"
    assert here.config.read_text() == "timeout: 3\n"
    draft = Path(hint.removeprefix("hint: your text is kept in "))
    assert draft.read_text() == text
    draft.unlink()


def test_edit_without_a_change_or_with_a_failing_editor_changes_nothing(here: World) -> None:
    assert here.run("config", "edit", env=editor(here, "pass")) == Result(0, "", "nothing was changed\n")
    failing = here.run("config", "edit", env=editor(here, "path.write_text('timeout: 9'); sys.exit(7)"))
    assert (failing.code, "ended with 7, so its text is not taken" in failing.err) == (3, True)
    missing = here.run("config", "edit", env={"EDITOR": "no-such-editor"})
    assert (missing.code, missing.err.splitlines()[0]) == (2, "error: there is no editor no-such-editor")
    assert not here.home.exists()


def test_a_person_may_mend_what_was_broken(here: World) -> None:
    script = "path.write_text('timeout: 4\\n' if 'soon' in text else 'timeout: soon\\n')"
    app = here.app(stdin="y\n", env=editor(here, script))
    edit.run(edit.Options(), app)
    assert here.config.read_text() == "timeout: 4\n"
    assert "edit again? [Y/n]" in app.terminal.err


# --- import ----------------------------------------------------------------------------------------


def aider(here: World, text: str = INTEGRATION_FILE) -> Path:
    file = here.home.parent / ".aider.litellm.yml"
    file.write_text(text)
    return file


def test_the_integrations_file_works_unchanged_with_config(here: World) -> None:
    file = aider(here)
    assert here.run("--config", str(file), "complete", "hi", env=EXPORTED).code == 0
    ours = {"A": ID, "B": KEY, "C": REALM}
    file.write_text(
        INTEGRATION_FILE.replace("STACKSPOTAI_CLIENT_ID", "A")
        .replace("STACKSPOTAI_CLIENT_KEY", "B")
        .replace("STACKSPOTAI_REALM", "C")
    )
    done = here.run("--config", str(file), "complete", "hi", env=ours)
    assert (done.code, done.err) == (0, "")


def test_import_takes_the_file_over_as_it_is(here: World) -> None:
    file = aider(here, "# ours\n" + INTEGRATION_FILE)
    done = here.run("config", "import", str(file))
    assert done == Result(0, "", "took over profile stackspot to HOME/config.yaml\n")
    assert here.config.read_text() == file.read_text()
    assert here.ring.entries == {}


def test_import_moves_a_literal_key_to_the_keyring_and_references_stay(here: World) -> None:
    text = INTEGRATION_FILE.replace('"${STACKSPOTAI_CLIENT_KEY}"', KEY).replace(
        '"${STACKSPOTAI_CLIENT_ID}"', f"{ID}  # ours"
    )
    file = aider(here, text)
    done = here.run("config", "import", str(file), env={"STACKSPOTAI_REALM": REALM})
    assert done.code == 0
    assert done.err.splitlines()[0] == (
        "stored the client key of profile stackspot: the system's keyring, entry stackspot-cli"
    )
    assert f"note: {file} still holds what was written out in it: delete it there" in done.err
    assert KEY not in done.out + done.err + here.everything_on_disk()
    assert here.config.read_text() == text.replace(f"    api_key: {KEY}\n", "")
    entry = json.loads(here.ring.entries["stackspot-cli", "stackspot"])
    assert (entry["client_id"], entry["client_key"], entry["realm"]) == (ID, KEY, REALM)
    assert here.run("complete", "hi").code == 0


def test_import_of_the_config_file_itself_moves_its_key_in_place(here: World) -> None:
    written(
        here,
        f"# mine\nproviders:\n  stackspot:\n    client_id: {ID}\n    api_key: {KEY}\n    client_realm: {REALM}\n",
    )
    done = here.run("complete", "hi")
    assert done.err == (
        "note: the client key is written out in HOME/config.yaml, line 5, column 14; "
        "`stackspot config import HOME/config.yaml` moves it to the keyring\n"
    )
    assert here.run("config", "import", str(here.config)).code == 0
    assert KEY not in here.config.read_text() and here.config.read_text().startswith("# mine\n")
    assert here.run("complete", "hi").err == ""


def test_import_into_a_file_that_is_there_adds_and_keeps_its_comments(here: World) -> None:
    written(here, "# mine\nproviders:\n  acme: {client_realm: acme}  # theirs\ntimeout: 3\n")
    assert here.run("config", "import", str(aider(here))).code == 0
    text = here.config.read_text()
    assert text.startswith("# mine\nproviders:\n  acme: {client_realm: acme}  # theirs\n  stackspot:\n")
    assert text.endswith("        model_type: code\ntimeout: 3\n")
    assert here.run("config", "get", "providers.stackspot.api_key").out == "${STACKSPOTAI_CLIENT_KEY}\n"


@pytest.mark.parametrize(
    ("trouble", "first"), [(absent, ""), (locked, "unlock it and try again; or ")], ids=["absent", "locked"]
)
def test_where_the_keyring_fails_import_names_the_import_that_needs_none(
    here: World, trouble: Callable[[], Exception], first: str
) -> None:
    here.ring.trouble = trouble()
    file = aider(here)
    file.write_text("providers: {stackspot: {client_id: a, api_key: b}}\n")
    assert here.run("config", "import", str(file)).err.splitlines()[-1] == (
        f"hint: {first}`stackspot config import --insecure-storage {file}` stores the key in a private file"
    )


def test_where_the_keyring_fails_import_changes_nothing(here: World) -> None:
    here.ring.trouble = absent()
    file = aider(here, INTEGRATION_FILE.replace('"${STACKSPOTAI_CLIENT_KEY}"', KEY))
    done = here.run("config", "import", str(file), env=EXPORTED)
    assert (done.code, here.config.exists(), here.private_file.exists()) == (3, False, False)
    assert here.run("config", "import", "--insecure-storage", str(file), env=EXPORTED).code == 0
    assert here.private_file.exists()


def test_a_key_of_another_vendor_is_not_taken_over(here: World) -> None:
    file = aider(here, INTEGRATION_FILE + "  openai:\n    api_key: sk-hunter2\n    whatever: 1\n")
    done = here.run("config", "import", str(file))
    assert "note: the key of profile openai is not taken over: there is no client_id beside it\n" in done.err
    assert "hunter2" not in done.err + here.everything_on_disk()
    assert here.ring.entries == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no file FILE"),
        ("a: 1\n", "FILE has no `providers`"),
        ("a: [\n", "FILE, line 2, column 1: did not find expected node content"),
        (
            "timeout: soon\n",
            "FILE, line 1, column 10: timeout must be a number of seconds above 0, not 'soon'",
        ),
    ],
)
def test_import_of_what_is_no_such_file_is_a_usage_error(here: World, text: str | None, message: str) -> None:
    file = here.home.parent / "x.yml"
    if text is not None:
        file.write_text(text)
    done = here.run("config", "import", str(file))
    assert (done.code, done.err.splitlines()[0].replace(str(file), "FILE")) == (2, f"error: {message}")
    assert not here.home.exists()
