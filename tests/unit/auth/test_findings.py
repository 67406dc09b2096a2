"""What there is of credentials, as it may be shown."""

from stackspot_cli.auth.credentials import Credentials
from stackspot_cli.auth.findings import Finding, findings, id_to_remember
from stackspot_cli.auth.stores import Entry
from stackspot_cli.domain import DOTS, Secret
from stackspot_cli.settings.setting import Setting

ID = Setting("the-id", "environment STACKSPOTAI_CLIENT_ID", "environment")
KEY = Setting(Secret("hunter2"), "the system's keyring", "stored")
REALM = Setting("acme", "option --realm", "option")


def test_a_pair_is_shown_with_its_origins_and_the_key_as_dots() -> None:
    assert findings(Credentials(ID, KEY, REALM)) == (
        Finding("client_id", "the-id", "environment STACKSPOTAI_CLIENT_ID"),
        Finding("client_key", DOTS, "the system's keyring"),
        Finding("realm", "acme", "option --realm"),
    )


def test_what_may_be_a_key_is_not_shown_in_the_place_of_the_id() -> None:
    swapped = Credentials(
        Setting("8fK2pQ9xV4mN7tR1W3zL6cB0", "environment STACKSPOTAI_CLIENT_ID", "environment"),
        Setting(Secret("4f9d3c2a-1b2c-4d5e-8f90-a1b2c3d4e5f6"), "the system's keyring", "stored"),
        REALM,
    )
    assert findings(swapped)[0] == Finding("client_id", DOTS, "environment STACKSPOTAI_CLIENT_ID")
    assert findings(Entry(swapped.client_id))[0].value == "8fK2pQ9xV4mN7tR1W3zL6cB0"  # alone it says nothing
    remembered = id_to_remember(swapped)
    assert remembered.startswith(DOTS) and "8fK2" not in remembered
    assert id_to_remember(Credentials(ID, KEY, REALM)) == "the-id"


def test_halves_are_shown_as_far_as_there_are_any() -> None:
    assert findings(Entry(client_key=KEY, realm=REALM)) == (
        Finding("client_id", None, "nowhere"),
        Finding("client_key", DOTS, "the system's keyring"),
        Finding("realm", "acme", "option --realm"),
    )


def test_nothing_is_nowhere() -> None:
    assert findings(Entry()) == tuple(
        Finding(name, None, "nowhere") for name in ("client_id", "client_key", "realm")
    )
