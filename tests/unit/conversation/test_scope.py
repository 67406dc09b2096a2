"""Who has seen a conversation."""

from __future__ import annotations

from stackspot_cli.conversation.scope import scope

OURS = ("https://api.example", "acme", "id")


def test_the_same_account_at_the_same_service_has_the_same_scope() -> None:
    assert scope(*OURS) == scope(*OURS)


def test_another_service_realm_or_client_has_another() -> None:
    others = [
        ("https://other.example", "acme", "id"),
        ("https://api.example", "other", "id"),
        (*OURS[:2], "x"),
    ]
    assert len({scope(*one) for one in (OURS, *others)}) == 4


def test_it_names_nobody() -> None:
    assert len(scope(*OURS)) == 24
    assert set(scope(*OURS)) <= set("0123456789abcdef")
