"""Conversations belong to the account that they were held with, in every command that goes on with one."""

from __future__ import annotations

import json

import pytest
from credential_world import World

from stackspot_cli.auth.file_store import FILE_NAME

SECRET = "the merger closes on Friday"


@pytest.fixture
def two(here: World) -> World:
    """Two profiles of one service; acme has said something."""
    for profile in ("acme", "globex"):
        assert here.log_in("--insecure-storage", profile=profile).code == 0
    here.config.write_text("default_profile: globex\n")
    assert here.run("--profile", "acme", "complete", SECRET).code == 0
    assert (here.home / FILE_NAME).exists()
    return here


def only_id(world: World, *options: str) -> str:
    [found] = json.loads(world.run(*options, "history", "list", "--format", "json").out)
    return str(found["id"])


@pytest.mark.parametrize(
    ("call", "right"),
    [
        ("complete --conversation ID hi", "complete --conversation ID …"),
        ("complete --dry-run --conversation ID hi", "complete --conversation ID …"),
        ("chat --conversation ID", "chat --conversation ID"),
        ("run translate hi --conversation ID", "run … --conversation ID"),
    ],
)
def test_another_profile_s_conversation_is_refused_with_the_command_that_would_be_right(
    two: World, call: str, right: str
) -> None:
    id_ = only_id(two)
    asked = len(two.service.requests)
    result = two.run(*call.replace("ID", id_).split(), stdin="hi\n")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"error: conversation {id_} belongs to profile acme, and this is profile globex\n"
        f"hint: stackspot --profile acme {right.replace('ID', id_)}\n"
    )
    assert len(two.service.requests) == asked


def test_a_chat_does_not_open_it_either(two: World) -> None:
    id_ = only_id(two)
    result = two.run("chat", "--commands", stdin=f"/open {id_}\nhi\n")
    assert (result.code, result.out) == (2, "")
    assert f"hint: stackspot --profile acme chat --conversation {id_}\n" in result.err


def test_the_last_one_is_the_last_of_this_account(two: World) -> None:
    result = two.run("complete", "-c", "hi")
    assert (result.code, result.out) == (2, "")
    assert "no conversation of this account" in result.err
    assert two.run("complete", "mine").code == 0
    assert SECRET in two.run("--profile", "acme", "complete", "-c", "Say hi").out
    assert SECRET not in two.run("complete", "-c", "Say hi").out


def test_where_it_was_held_without_profile_the_hint_leaves_it_out(two: World) -> None:
    assert two.run("complete", "mine").code == 0
    id_ = json.loads(two.run("history", "list", "--format", "json").out)[0]["id"]
    result = two.run("--profile", "acme", "complete", "--conversation", id_, "hi")
    assert result.err.splitlines()[-1] == f"hint: stackspot complete --conversation {id_} …"


def test_another_client_id_or_service_of_the_same_profile_is_another_account(two: World) -> None:
    id_ = only_id(two)
    elsewhere = {"STACKSPOTAI_ENDPOINT_URL": "http://127.0.0.1:9"}
    result = two.run("--profile", "acme", "complete", "--conversation", id_, "hi", env=elsewhere)
    assert result.code == 2
    assert "was held with the service at URL, and this is the service at http://127.0.0.1:9" in result.err
    assert (
        f"hint: STACKSPOTAI_ENDPOINT_URL=URL stackspot --profile acme complete --conversation {id_}"
        in result.err
    )
    assert two.run("complete", "mine").code == 0
    other = {"STACKSPOTAI_CLIENT_ID": "other", "STACKSPOTAI_CLIENT_KEY": "other"}
    result = two.run("complete", "-c", "hi", env=other)
    assert (result.code, result.out) == (2, "")


def test_a_list_tells_the_profile_and_can_be_of_one(two: World) -> None:
    assert two.run("complete", "mine").code == 0
    head, globex, acme = two.run("history", "list").out.splitlines()
    assert ("PROFILE" in head, globex.split()[3], acme.split()[3]) == (True, "globex", "acme")
    alone = two.run("--profile", "acme", "history", "list").out
    assert SECRET in alone and "mine" not in alone and "PROFILE" not in alone
    assert (
        two.run("--profile", "nobody", "history", "list").err
        == "note: profile nobody has no conversations yet\n"
    )
    assert "acme" in two.run("history", "search", "merger").out
    assert two.run("--profile", "globex", "history", "search", "merger").err == "note: nothing found\n"


def test_deleting_everything_of_a_profile_leaves_the_others(two: World) -> None:
    assert two.run("complete", "mine").code == 0
    assert (
        two.run("--profile", "acme", "history", "delete", "--all", "--yes").err
        == "note: conversations deleted: 1\n"
    )
    assert json.loads(two.run("history", "list", "--format", "json").out)[0]["profile"] == "globex"


def test_a_hint_carries_what_was_said_before_the_command(two: World) -> None:
    result = two.run("--profile", "acme", "history", "show", "nope")
    assert "`stackspot --profile acme history list`" in result.err
