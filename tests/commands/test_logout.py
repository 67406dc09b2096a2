"""`logout` forgets entry, file and token; twice is no error; what a person wrote is named, not touched."""

from credential_world import ID, KEY, REALM, Result, World, absent, locked
from parsing import parse

from stackspot_cli.commands.logout import Options

NOTHING = Result(0, "", "nothing is stored for profile stackspot\n")


def test_argv_becomes_options() -> None:
    assert (parse("logout"), parse("logout", "--all")) == (Options(), Options(every_profile=True))


def test_logout_removes_the_keyrings_entry_and_the_cached_token_and_is_idempotent(here: World) -> None:
    here.log_in()
    assert here.run("complete", "hi").code == 0
    assert len(here.tokens()) == 1
    assert here.run("logout") == Result(
        0, "", "removed the credentials of profile stackspot: the system's keyring, entry stackspot-cli\n"
    )
    assert (here.ring.entries, here.tokens()) == ({}, [])
    assert here.run("complete", "hi").code == 4
    assert here.run("logout") == NOTHING
    assert here.run("logout", "--all") == Result(0, "", "nothing is stored for any profile\n")


def test_logout_removes_the_private_file(here: World) -> None:
    here.ring.trouble = absent()
    here.log_in("--insecure-storage")
    here.run("complete", "hi")
    done = here.run("logout")
    assert done == Result(
        0, "", "removed the credentials of profile stackspot: private file HOME/credentials.json\n"
    )
    assert (here.private_file.exists(), here.tokens()) == (False, [])
    assert here.run("logout") == NOTHING


def test_logout_on_a_fresh_machine_makes_nothing(here: World) -> None:
    here.ring.trouble = absent()
    assert here.run("logout") == NOTHING
    assert not here.home.exists()


def test_logout_of_one_profile_leaves_the_others(here: World) -> None:
    here.log_in()
    here.log_in(profile="acme")
    here.run("--profile", "acme", "logout")
    assert ("stackspot-cli", "stackspot") in here.ring.entries
    assert ("stackspot-cli", "acme") not in here.ring.entries


def test_logout_all_forgets_every_profile_wherever_it_is(here: World) -> None:
    here.log_in()
    here.log_in(profile="acme")
    here.log_in("--insecure-storage", profile="file-profile")
    for profile in ("stackspot", "acme", "file-profile"):
        assert here.run("--profile", profile, "complete", "hi").code == 0
    done = here.run("logout", "--all")
    assert done.code == 0
    assert (here.ring.entries, here.private_file.exists(), here.tokens()) == ({}, False, [])


def test_logout_says_what_the_environment_and_the_config_file_still_hold(here: World) -> None:
    here.home.mkdir()
    here.config.write_text("providers: {stackspot: {client_id: x, api_key: hunter2}}")
    done = here.run("logout", env={"STACKSPOTAI_CLIENT_KEY": "hunter2"})
    assert done.err.splitlines()[-2:] == [
        "note: the environment still sets STACKSPOTAI_CLIENT_KEY",
        "note: config file HOME/config.yaml still holds a client key for profile stackspot",
    ]
    assert "hunter2" not in done.err


def test_a_locked_keyring_is_told_after_everything_else_is_forgotten(here: World) -> None:
    here.log_in("--insecure-storage")
    here.ring.trouble = locked()
    done = here.run("logout")
    assert done.code == 3
    assert done.err.endswith(
        "error: the keyring is locked: an entry may be left there\nhint: unlock it and try again\n"
    )
    assert not here.private_file.exists()


def test_no_failure_advises_to_store_a_key_when_one_is_to_be_forgotten(here: World) -> None:
    here.ring.trouble = RuntimeError("hunter2")
    assert here.run("logout").err.splitlines()[-1] == (
        "hint: try again, or remove the entry stackspot-cli in the system's own program for keyrings"
    )
    here.ring.trouble = None
    here.home.mkdir()
    here.private_file.write_text("{")
    assert here.run("logout").err.splitlines()[-1] == "hint: delete it by `rm HOME/credentials.json`"


def test_switching_the_profile_never_mixes_credentials_or_tokens(here: World) -> None:
    """Two accounts on one service: each profile's requests carry its own token."""
    here.log_in(profile="one")
    here.home.mkdir(exist_ok=True)
    here.config.write_text("providers: {two: {client_realm: sandbox}}")
    assert here.run("--profile", "one", "complete", "hi").code == 0
    missing = here.run("--profile", "two", "complete", "hi")
    assert (missing.code, missing.err.splitlines()[0]) == (
        4,
        "error: profile two has no client id and no client key",
    )
    env = {"STACKSPOTAI_CLIENT_ID": "other", "STACKSPOTAI_CLIENT_KEY": KEY, "STACKSPOTAI_REALM": REALM}
    assert here.run("complete", "hi", env=env).code == 4  # the other id does not get the first one's token
    assert here.run("complete", "hi", env=env | {"STACKSPOTAI_CLIENT_ID": ID}).code == 0
    wrong = env | {"STACKSPOTAI_CLIENT_ID": ID, "STACKSPOTAI_CLIENT_KEY": "changed"}
    assert here.run("complete", "hi", env=wrong).code == 4  # nor does a changed key get the old one's
