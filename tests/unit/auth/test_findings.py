"""What there is of credentials, as it may be shown."""

from stackspot_cli.auth.credentials import Credentials
from stackspot_cli.auth.findings import Finding, findings
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
