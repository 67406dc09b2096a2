"""What a conversation belongs to."""

from dataclasses import replace

import pytest

from stackspot_cli.account import Account, completed, difference, digest

OURS = Account("acme", "https://api.example", "bank", "client-1")


def test_an_account_does_not_differ_from_itself_nor_in_what_is_not_known() -> None:
    assert difference(OURS, OURS, what="it") == ""
    assert difference(Account("acme"), OURS, what="it") == ""
    assert difference(OURS, Account("acme"), what="it") == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"profile": "globex"}, "it belongs to profile acme, and this is profile globex"),
        (
            {"service": "https://b.example"},
            "it was held with the service at https://api.example, and this is the service at https://b.example",
        ),
        ({"realm": "shop"}, "it was held with realm bank, and this is realm shop"),
        ({"client_id": "2"}, "it was held with client id client-1, and this is client id 2"),
    ],
)
def test_the_first_difference_is_told(change: dict[str, str], sentence: str) -> None:
    assert difference(OURS, replace(OURS, **change), what="it") == sentence


def test_what_was_not_known_is_filled_in_and_nothing_is_overwritten() -> None:
    assert completed(Account("acme", realm="old"), OURS) == replace(OURS, realm="old")


def test_a_digest_tells_accounts_apart_and_says_no_name() -> None:
    digests = {digest(OURS), digest(replace(OURS, profile="b")), digest(replace(OURS, client_id="2"))}
    assert len(digests) == 3 and not any("bank" in one or "client" in one for one in digests)
