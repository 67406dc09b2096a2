"""What is likely wrong, where the service refused the credentials."""

from __future__ import annotations

import pytest

from stackspot_cli.commands.login.proof import likely_wrong
from stackspot_cli.errors import CredentialsRefused
from stackspot_cli.settings.setting import Setting


@pytest.mark.parametrize(
    ("words", "status", "likely"),
    [
        ("Invalid client secret", 401, "the client key is likely wrong"),
        ("Client not found", 400, "the client id is likely wrong"),
        ("client disabled", 401, "the client id is likely wrong"),
        ("Realm does not exist", 404, "the realm is likely wrong"),
        ("", 404, "the realm is likely wrong"),
        ("", 401, "the client id or the client key is likely wrong"),
    ],
)
def test_the_services_own_words_say_which_is_wrong(words: str, status: int, likely: str) -> None:
    refusal = CredentialsRefused(
        f"refused ({status}): {words}" if words else f"refused ({status})", status=status
    )
    assert likely_wrong(refusal, Setting("acme", "option --realm", "option")).startswith(likely)
