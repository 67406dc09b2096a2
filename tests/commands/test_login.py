"""`login` proves before it stores, says where it stored what, and what to look at after a refusal."""

import json
import os
import stat
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from credential_world import ID, KEY, REALM, Result, World, absent, locked
from keyring.errors import NoKeyringError
from parsing import parse

from stackspot_cli.auth.stores import StoreUnavailable
from stackspot_cli.commands.login.command import Options, log_in
from stackspot_cli.errors import CredentialsRefused, LocalError, StackSpotError, UsageError
from stackspot_cli.sandbox import Sandbox

STORED = (
    "stored client id sandbox-client, client key and realm sandbox for profile stackspot: "
    "the system's keyring, entry stackspot-cli\n"
)
USAGE_HINT = (
    "hint: stackspot login --client-id ID --realm SLUG --key-stdin < key.txt, "
    "or set STACKSPOTAI_CLIENT_ID and STACKSPOTAI_CLIENT_KEY\n"
)


class Scripted:
    """A person with prepared answers, who remembers the questions. None: Ctrl-D."""

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.questions: list[str] = []

    def ask(self, question: str) -> str:
        self.questions.append(question)
        answer = self.answers.pop(0)
        if answer is None:
            raise EOFError
        return answer

    def ask_hidden(self, question: str) -> str:
        return self.ask(f"(hidden) {question}")


def test_argv_becomes_options() -> None:
    assert parse("login") == Options()
    line = "login --client-id ID --realm acme --key-stdin --insecure-storage --no-verify"
    assert parse(*line.split()) == Options("ID", "acme", True, True, True)


# --- where the credentials come from ---------------------------------------------------------------


def test_the_key_comes_from_stdin_and_what_was_proved_is_stored_in_the_keyring(here: World) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert here.log_in() == Result(0, "", STORED)
    assert list(here.ring.entries) == [("stackspot-cli", "stackspot"), ("stackspot-cli profiles",) * 2]
    entry = json.loads(here.ring.entries["stackspot-cli", "stackspot"])
    assert before <= datetime.fromisoformat(entry.pop("stored_at")) <= datetime.now(UTC)
    assert entry == {"client_id": ID, "client_key": KEY, "realm": REALM}
    assert KEY not in here.everything_on_disk()
    assert here.run("complete", "hi").code == 0


def test_the_key_comes_from_the_environment(here: World) -> None:
    env = {"STACKSPOTAI_CLIENT_ID": ID, "STACKSPOTAI_CLIENT_KEY": KEY, "STACKSPOTAI_REALM": REALM}
    done = here.run("login", env=env)
    assert (done.code, done.err) == (
        0,
        STORED + "note: the environment comes before what was stored: "
        "unset STACKSPOTAI_CLIENT_ID STACKSPOTAI_CLIENT_KEY STACKSPOTAI_REALM to use it\n",
    )
    assert here.run("complete", "hi").code == 0


def test_a_person_is_asked_for_id_key_and_realm_and_the_key_is_hidden(here: World) -> None:
    person = Scripted(f" {ID} ", f"{KEY}\n", REALM)
    app = here.app()
    log_in(Options(), app, person)
    assert person.questions == [
        "client id: ",
        "(hidden) client key (not shown): ",
        "realm, the account's slug [stackspot]: ",
    ]
    assert app.terminal.err == STORED
    app.close()


def test_a_second_login_offers_the_id_and_realm_of_the_first(here: World) -> None:
    here.log_in()
    person = Scripted("", KEY, "")
    app = here.app()
    log_in(Options(), app, person)
    assert person.questions[0] == "client id [sandbox-client]: "
    assert person.questions[2] == "realm, the account's slug [sandbox]: "
    app.close()


def test_what_an_option_says_is_not_asked(here: World) -> None:
    person = Scripted(KEY)
    app = here.app()
    log_in(Options(client_id=ID, realm=REALM), app, person)
    assert person.questions == ["(hidden) client key (not shown): "]
    app.close()


def test_enter_takes_the_exported_key(here: World) -> None:
    person = Scripted("", "", REALM)
    app = here.app(env={"STACKSPOTAI_CLIENT_ID": ID, "STACKSPOTAI_CLIENT_KEY": KEY})
    log_in(Options(), app, person)
    assert person.questions[1] == (
        "(hidden) client key (not shown; Enter takes the environment STACKSPOTAI_CLIENT_KEY): "
    )
    app.close()


def test_a_person_is_told_of_a_failing_keyring_before_typing(here: World) -> None:
    here.ring.trouble = locked()
    app = here.app()
    with pytest.raises(LocalError, match="the keyring is locked"):
        log_in(Options(), app, Scripted())
    app.close()


@pytest.mark.parametrize("answers", [[None], [ID, None], [ID, KEY, None]])
def test_ctrl_d_at_a_question_stores_nothing(here: World, answers: list[str | None]) -> None:
    app = here.app()
    with pytest.raises(UsageError, match="nothing was typed"):
        log_in(Options(), app, Scripted(*answers))
    app.close()
    assert here.ring.entries == {}


@pytest.mark.parametrize(
    ("arguments", "stdin", "env", "message"),
    [
        ((), "", {}, "the client id and the client key are missing, and stdin is no terminal to ask at"),
        (("--client-id", ID), "", {}, "the client key is missing, and stdin is no terminal to ask at"),
        (("--key-stdin",), KEY, {}, "the client id is missing, and stdin is no terminal to ask at"),
        (
            (),
            "",
            {"STACKSPOTAI_CLIENT_ID": ID},
            "the client key is missing, and stdin is no terminal to ask at",
        ),
    ],
)
def test_without_a_terminal_nothing_is_asked_and_the_options_are_named(
    here: World, arguments: tuple[str, ...], stdin: str, env: dict[str, str], message: str
) -> None:
    assert here.run("login", *arguments, stdin=stdin, env=env) == Result(
        2, "", f"error: {message}\n{USAGE_HINT}"
    )
    assert not here.home.exists()


@pytest.mark.parametrize("stdin", ["", "\n", "two\nlines", "“smart”", "k" * 70_000, "\x00"])
def test_a_stdin_that_holds_no_key_is_refused_without_being_shown(here: World, stdin: str) -> None:
    done = here.run("login", "--client-id", ID, "--key-stdin", stdin=stdin)
    assert done.code == 2
    assert "smart" not in done.err and "lines" not in done.err.replace("--", "") and "kkk" not in done.err


def test_a_key_is_no_option(here: World) -> None:
    done = here.run("login", "--client-key", KEY)
    assert (done.code, KEY in done.err) == (2, False)


# --- the proof -------------------------------------------------------------------------------------


def refused(here: World, *, realm: str | None, key: str = "wrong") -> Result:
    options = ("--realm", realm) if realm else ()
    return here.run("login", "--client-id", ID, *options, "--key-stdin", stdin=key)


def test_a_refusal_stores_nothing(here: World) -> None:
    here.log_in()
    before = dict(here.ring.entries)
    assert refused(here, realm=REALM).code == 4
    assert here.ring.entries == before
    assert not here.private_file.exists()


def test_a_refused_key_points_at_id_and_key(here: World) -> None:
    assert refused(here, realm=REALM).err == (
        "error: the token service refused the credentials for realm sandbox (401): "
        "Invalid client or Invalid client credentials; nothing was stored\n"
        "hint: the client id or the client key is likely wrong, or they belong to another realm than sandbox: "
        "copy both again from the StackSpot portal\n"
    )


def test_an_unknown_realm_points_at_the_realm(here: World) -> None:
    assert refused(here, realm="acme", key=KEY).err.splitlines()[1] == (
        "hint: the realm is likely wrong: acme (option --realm); give the account's slug by --realm"
    )


def test_a_realm_in_capitals_is_told_in_small_letters(here: World) -> None:
    assert refused(here, realm="ACME", key=KEY).err.splitlines()[1] == (
        "hint: the realm is likely wrong: an account's slug has no capitals; try --realm acme"
    )


def test_the_default_realm_gets_the_hint(here: World) -> None:
    assert refused(here, realm=None, key=KEY).err.splitlines()[1] == (
        "hint: the realm is likely wrong: stackspot is only the default; give your account's slug by --realm, "
        "then check client id and key"
    )


def test_an_unreached_service_stores_nothing_and_names_no_verify(here: World) -> None:
    here.service.stop()
    done = here.log_in()
    assert done.code == 6
    assert "nothing was stored" in done.err.splitlines()[0]
    assert done.err.endswith("`stackspot login --no-verify` stores without asking the service\n")
    assert here.ring.entries == {}


def test_no_verify_stores_unproved_and_says_so(here: World) -> None:
    here.service.stop()
    done = here.log_in("--no-verify")
    assert done == Result(0, "", STORED + "note: not proved: the service was not asked (--no-verify)\n")


# --- the storing -----------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_insecure_storage_is_a_private_file_and_is_said_out_loud(here: World) -> None:
    here.ring.trouble = absent()
    assert here.log_in("--insecure-storage") == Result(
        0,
        "",
        "stored client id sandbox-client, client key and realm sandbox for profile stackspot: "
        "private file HOME/credentials.json\n"
        "note: this storage is not encrypted: whoever can read your files can read the key\n",
    )
    assert stat.S_IMODE(here.private_file.stat().st_mode) == 0o600
    assert here.run("complete", "hi").code == 0


def test_without_a_keyring_login_fails_with_the_next_thing_to_do(here: World) -> None:
    here.ring.trouble = absent()
    assert here.log_in() == Result(
        3,
        "",
        "error: this machine has no keyring\n"
        "hint: store the key in a private file by `stackspot login --insecure-storage`, "
        "or set STACKSPOTAI_CLIENT_ID and STACKSPOTAI_CLIENT_KEY\n",
    )
    assert not here.private_file.exists()


def test_a_profile_is_kept_in_one_place(here: World) -> None:
    here.log_in("--insecure-storage")
    here.log_in()
    assert not here.private_file.exists()
    here.log_in("--insecure-storage")
    assert here.ring.entries == {}


def test_an_older_entry_in_a_keyring_that_is_locked_now_is_named(here: World) -> None:
    here.log_in()
    here.ring.trouble = locked()
    assert here.log_in("--insecure-storage").err.splitlines()[0] == (
        "note: the keyring is locked: if it holds an older entry, that one comes first; "
        "`stackspot logout` removes it"
    )


def test_an_explicit_profile_is_not_overridden_by_the_environment_and_so_not_warned_about(
    here: World,
) -> None:
    here.env["STACKSPOTAI_CLIENT_ID"] = "other"
    assert here.log_in(profile="acme").err == STORED.replace("profile stackspot", "profile acme")


def test_rotation_is_one_login_and_the_old_token_goes(here: World) -> None:
    here.log_in()
    assert here.run("complete", "hi").code == 0
    assert len(here.tokens()) == 1
    here.service.stop()
    with Sandbox(port=urlsplit(here.service.url).port or 0, client_key="second-key"):  # as the portal made it
        done = here.run("login", "--key-stdin", stdin="second-key")
        assert (done.code, here.tokens()) == (0, [])
        assert json.loads(here.ring.entries["stackspot-cli", "stackspot"])["client_key"] == "second-key"
        assert here.run("complete", "hi").code == 0


def test_what_the_sandbox_stores_is_said_to_pass(here: World) -> None:
    done = here.run(
        "--sandbox", "login", "--client-id", ID, "--key-stdin", "--insecure-storage", stdin=f"{KEY}\n"
    )
    assert done.code == 0
    assert "note: with --sandbox nothing outlasts this call: it was kept for a moment only\n" in done.err


def test_a_home_that_is_no_folder_is_told_before_anything_is_stored(here: World) -> None:
    (here.home.parent / "file").write_text("")
    here.env["STACKSPOTAI_HOME"] = str(here.home.parent / "file")
    done = here.log_in("--insecure-storage", "--no-verify")
    place = here.home.parent / "file"
    assert (done.code, done.err) == (
        3,
        f"error: cannot write into {place}: {place} is not a folder\n"
        "hint: move it away, or name another folder by STACKSPOTAI_HOME\n",
    )


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_private_file_that_others_can_read_is_told_of_once(here: World) -> None:
    here.log_in("--insecure-storage")
    here.private_file.chmod(0o644)
    note = "note: others can read the private file HOME/credentials.json: type `chmod 600 HOME/credentials.json`\n"
    assert here.run("complete", "hi").err == note
    here.log_in("--insecure-storage")
    assert here.run("complete", "hi").err == ""


def test_a_damaged_private_file_is_named_with_the_command_that_deletes_it(here: World) -> None:
    here.home.mkdir()
    here.private_file.write_text("{")
    assert here.log_in("--insecure-storage").err.splitlines()[-1] == (
        "hint: delete it by `rm HOME/credentials.json`, then type `stackspot login --insecure-storage` again"
    )


def test_the_sandbox_leaves_the_real_keyring_alone(here: World) -> None:
    del here.env["STACKSPOTAI_ENDPOINT_URL"]
    done = here.run("--sandbox", "login", "--client-id", ID, "--key-stdin", stdin=KEY)
    assert (done.code, here.ring.entries, here.home.exists()) == (0, {}, False)


def test_no_failure_ever_shows_the_key(here: World) -> None:
    for failing in (
        here.run("--debug", "login", "--client-id", ID, "--realm", REALM, "--key-stdin", stdin="hunter2"),
        here.run("--debug", "login", "--client-id", ID, "--realm", "nope", "--key-stdin", stdin="hunter2"),
        here.run("--debug", "login", "--client-id", ID, "--key-stdin", stdin="hunter2\x01"),
    ):
        assert failing.code in (2, 4)
        assert "hunter2" not in failing.out + failing.err


def test_the_errors_tree_is_kept(here: World) -> None:
    app = here.app()
    with pytest.raises(StackSpotError) as caught:
        log_in(Options(client_id=ID, realm=REALM), app, Scripted("wrong", None))
    assert isinstance(caught.value, CredentialsRefused)
    assert caught.value.status == 401
    app.close()


def test_after_a_refusal_a_person_is_asked_again_and_the_id_and_realm_are_offered(here: World) -> None:
    app = here.app()
    person = Scripted(ID, "wrong", REALM, "", KEY, "")
    log_in(Options(), app, person)
    assert person.questions[3:] == [
        f"client id [{ID}]: ",
        "(hidden) client key (not shown): ",
        f"realm, the account's slug [{REALM}]: ",
    ]
    assert "nothing was stored" in app.terminal.err and f"stored client id {ID}" in app.terminal.err
    app.close()


def test_a_key_that_was_typed_as_the_id_is_not_offered_again_and_the_mistake_is_named(here: World) -> None:
    app = here.app()
    person = Scripted("8fK2pQ9xV4mN7tR1W3zL6cB0", "4f9d3c2a-1b2c-4d5e-8f90-a1b2c3d4e5f6", REALM, ID, KEY, "")
    log_in(Options(), app, person)
    assert person.questions[3] == "client id: "
    assert (
        "hint: the client id looks like a client key" in app.terminal.err and "8fK2" not in app.terminal.err
    )
    app.close()


def test_a_person_is_asked_three_times_at_most(here: World) -> None:
    app = here.app()
    person = Scripted("1", "2", "3", "4")
    with pytest.raises(CredentialsRefused):
        log_in(Options(client_id=ID, realm=REALM), app, person)
    assert person.answers == ["4"]
    app.close()


@pytest.mark.parametrize(("typed", "stored"), [("y\n", True), ("\n", False)])
def test_without_a_keyring_a_person_is_asked_whether_a_private_file_will_do(
    here: World, typed: str, stored: bool
) -> None:
    here.ring.trouble = NoKeyringError()
    app = here.app(stdin=typed)
    options = Options(client_id=ID, realm=REALM)
    if stored:
        log_in(options, app, Scripted(KEY))
    else:
        with pytest.raises(StoreUnavailable, match="no keyring"):
            log_in(options, app, Scripted(KEY))
    assert app.terminal.err.startswith(
        "this machine has no keyring: store in a private, unencrypted file? [y/N] "
    )
    assert here.private_file.exists() == stored
    app.close()
