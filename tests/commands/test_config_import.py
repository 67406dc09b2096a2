"""`config import`: a `.aider.litellm.yml` is taken over, and its keys move to the keyring."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from credential_world import ID, KEY, REALM, Result, World, absent, locked

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


def written(here: World, text: str) -> World:
    here.home.mkdir(exist_ok=True)
    here.config.write_text(text)
    return here


def aider(here: World, text: str = INTEGRATION_FILE) -> Path:
    file = here.home.parent / ".aider.litellm.yml"
    file.write_text(text)
    return file


def test_a_profile_of_which_nothing_is_left_is_not_taken_over(here: World) -> None:
    note = "note: the key of profile openai is not taken over: there is no client_id beside it\n"
    foreign = here.home.parent / "foreign.yml"
    foreign.write_text("providers:\n  openai:\n    api_key: sk-1234567890\n")
    assert here.run("config", "import", str(foreign)).err.startswith(note)
    assert not here.config.exists()
    foreign.write_text(foreign.read_text() + "  stackspot:\n    client_realm: acme\n")
    assert "took over profile stackspot to" in here.run("config", "import", str(foreign)).err
    assert here.config.read_text() == "providers:\n  stackspot:\n    client_realm: acme\n"


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


def test_with_the_sandbox_nothing_is_imported_for_the_key_would_be_gone(here: World) -> None:
    text = f"providers:\n  stackspot:\n    client_id: {ID}\n    api_key: {KEY}\n    client_realm: {REALM}\n"
    file = aider(here, text)
    done = here.run("--sandbox", "--config", str(file), "config", "import", str(file))
    assert (done.code, file.read_text()) == (2, text)
    assert done.err.startswith("error: with --sandbox nothing outlasts this call")
    command = f"stackspot --config {here.plain(str(file))} config import {here.plain(str(file))}"
    assert done.err.endswith(f"\nhint: {command}\n")


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
