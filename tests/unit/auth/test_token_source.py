"""Tokens when they are needed: kept, renewed and masked; over a real socket, by a clock of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clock import Clock
from fault_server import FaultServer, reply, token_reply

from stackspot_cli.auth.credentials import Credentials
from stackspot_cli.auth.token_cache import TokenFolder
from stackspot_cli.auth.token_source import TokenSource
from stackspot_cli.auth.tokens import Token
from stackspot_cli.domain import DOTS, Secret
from stackspot_cli.errors import (
    CredentialsMissing,
    CredentialsRefused,
    RateLimited,
    ServerFailed,
    StackSpotError,
)
from stackspot_cli.network.exchange import Exchange
from stackspot_cli.network.patience import Patience
from stackspot_cli.network.retry import RetryPolicy
from stackspot_cli.network.transport import PatientTransport
from stackspot_cli.settings.setting import Setting

KEY = "the-client-key&1"


class World:
    """A token service, a folder, a wall clock."""

    def __init__(self, server: FaultServer, folder: Path) -> None:
        self.server = server
        self.clock = Clock(1_000_000.0)
        self.notes: list[str] = []
        self.folder = TokenFolder(folder / "tokens", server.url, self.notes.append)
        self.transport = PatientTransport({})
        self.found: list[str] = []

    def source(
        self, *, kept: bool = True, key: str = KEY, realm: str = "ac me", id_: str = "the-id"
    ) -> TokenSource:
        """One process's."""

        def credentials() -> Credentials:
            self.found.append(key)
            return Credentials(
                Setting(id_, "here", "environment"),
                Setting(Secret(key), "here", "environment"),
                Setting(realm, "here", "environment"),
            )

        return TokenSource(
            lambda: Exchange(self.transport, RetryPolicy(0)),
            credentials,
            idm_base=f"{self.server.url}/",
            folder=self.folder if kept else None,
            wall_clock=self.clock.now,
        )

    @property
    def asked(self) -> int:
        return len(self.server.token_requests)


@pytest.fixture
def world(tmp_path: Path, server: FaultServer) -> Iterator[World]:
    made = World(server, tmp_path)
    server.token(*(token_reply(f"t0ken-number-{number}") for number in range(1, 9)))
    yield made
    made.transport.close()


def patience() -> Patience:
    return Patience(10.0)


def told(source: TokenSource, token: Token) -> str:
    return source.authorization(token).removeprefix("Bearer t0ken-number-")


# --- asking ------------------------------------------------------------------------------------------


def test_the_request_is_a_form_to_the_realms_own_address(world: World) -> None:
    source = world.source()
    token = source.token(patience())
    assert token == Token(Secret("t0ken-number-1"), 1_000_000.0, 1_001_199.0)
    assert source.authorization(token) == "Bearer t0ken-number-1"
    (request,) = world.server.token_requests
    assert (request.method, request.target, request.header("content-type"), request.body) == (
        "POST",
        "/ac%20me/oidc/oauth/token",
        "application/x-www-form-urlencoded",
        b"grant_type=client_credentials&client_id=the-id&client_secret=the-client-key%261",
    )


def test_credentials_are_looked_for_once_and_on_first_need(world: World) -> None:
    source = world.source()
    assert world.found == []
    source.token(patience())
    source.renewed(source.token(patience()), patience())
    assert world.found == [KEY]


def test_missing_credentials_ask_for_nothing(world: World) -> None:
    def missing() -> Credentials:
        raise CredentialsMissing("there is no client id and no client key")

    source = TokenSource(
        lambda: Exchange(world.transport, RetryPolicy(0)),
        missing,
        idm_base=world.server.url,
        folder=world.folder,
    )
    with pytest.raises(CredentialsMissing):
        source.token(patience())
    assert (world.asked, source.mask(KEY)) == (0, KEY)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, CredentialsRefused), (404, CredentialsRefused), (429, RateLimited), (503, ServerFailed)],
)
def test_a_refusal_is_the_token_services(world: World, status: int, kind: type[StackSpotError]) -> None:
    world.server.token(reply(status, b"{}"))
    with pytest.raises(kind) as caught:
        world.source().token(patience())
    assert "the token service" in caught.value.message


# --- keeping -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [True, False])
def test_a_token_serves_until_a_minute_before_its_end(world: World, kept: bool) -> None:
    source = world.source(kept=kept)
    seen = []
    for seconds in (0.0, 1_138.0, 1.0, 1_138.0, 1.0):
        world.clock.sleep(seconds)
        seen.append(told(source, source.token(patience())))
    assert (seen, world.asked) == (["1", "1", "2", "2", "3"], 3)


def test_processes_share_a_token_by_the_folder_and_not_without_one(world: World) -> None:
    tokens = [
        told(one, one.token(patience())) for one in (world.source(), world.source(), world.source(kept=False))
    ]
    assert tokens == ["1", "1", "2"]


def test_a_rotated_key_does_not_get_the_old_keys_token(world: World) -> None:
    tokens = [told(one, one.token(patience())) for one in (world.source(), world.source(key="rotated-key"))]
    assert tokens == ["1", "2"]


def test_a_token_to_be_used_once_is_kept_nowhere(world: World) -> None:
    world.server.token(
        token_reply("t0ken-number-1", expires_in=0), token_reply("t0ken-number-2", expires_in=0)
    )
    source = world.source()
    assert [told(source, source.token(patience())) for _time in range(2)] == ["1", "2"]
    assert world.folder.of(source.credentials).read() is None


def test_a_stale_token_serves_on_while_the_service_is_away_and_a_dead_one_does_not(world: World) -> None:
    source = world.source()
    source.token(patience())
    world.server.token(reply(503))
    world.clock.sleep(1_150.0)
    assert told(source, source.token(patience())) == "1"
    world.clock.sleep(60.0)
    with pytest.raises(ServerFailed):
        source.token(patience())


def test_a_stale_token_does_not_serve_those_whose_credentials_are_refused(world: World) -> None:
    source = world.source()
    source.token(patience())
    world.server.token(reply(401))
    world.clock.sleep(1_150.0)
    with pytest.raises(CredentialsRefused):
        source.token(patience())


# --- a token that was refused ------------------------------------------------------------------------


def test_a_refused_token_is_replaced_once_for_all_who_had_it(world: World) -> None:
    source = world.source()
    refused = source.token(patience())
    assert [told(source, source.renewed(refused, patience())) for _time in range(3)] == ["2", "2", "2"]
    assert world.asked == 2


def test_a_refused_token_is_replaced_by_the_one_that_another_process_has_had_since(world: World) -> None:
    one, other = world.source(), world.source()
    refused = one.token(patience())
    assert other.token(patience()) == refused
    one.renewed(refused, patience())
    assert told(other, other.renewed(refused, patience())) == "2"
    assert world.asked == 2


# --- looking and proving -----------------------------------------------------------------------------


def test_looking_asks_nobody(world: World) -> None:
    source = world.source()
    assert (source.peek(), world.asked) == (None, 0)
    token = source.token(patience())
    assert (source.peek(), world.source().peek(), world.source(kept=False).peek()) == (token, token, None)


def test_proving_asks_for_a_new_one_and_keeps_it_nowhere(world: World) -> None:
    source = world.source()
    assert [told(source, source.prove(patience())) for _time in range(2)] == ["1", "2"]
    assert (source.peek(), world.folder.path.exists()) == (None, False)


# --- what may be shown -------------------------------------------------------------------------------


def test_the_key_and_every_token_that_was_used_are_masked_wherever_they_came_from(world: World) -> None:
    world.source().token(patience())
    source = world.source()  # takes the first one's from the folder
    source.renewed(source.token(patience()), patience())
    text = f"{KEY} t0ken-number-1 t0ken-number-2 t0ken-number-3"
    assert source.mask(text) == f"{DOTS} {DOTS} {DOTS} t0ken-number-3"


def test_a_proof_is_masked_too(world: World) -> None:
    source = world.source()
    source.prove(patience())
    assert source.mask("t0ken-number-1") == DOTS


def test_what_may_be_a_key_is_masked_in_the_id_s_place_too(world: World) -> None:
    source = world.source(key="4f9d3c2a-1b2c-4d5e-8f90-a1b2c3d4e5f6", id_="8fK2pQ9xV4mN7tR1W3zL6cB0")
    source.token(patience())
    assert source.mask("no client 8fK2pQ9xV4mN7tR1W3zL6cB0") == f"no client {DOTS}"
    assert source.finds_own("is it 8fK2pQ9xV4mN7tR1W3zL6cB0?")


def test_very_short_secrets_would_tear_holes_into_sentences(world: World) -> None:
    source = world.source(key="a key")
    source.token(patience())
    assert source.mask("a key is a key") == "a key is a key"


def test_a_refusal_that_repeats_the_key_does_not_get_out(world: World) -> None:
    world.server.token(reply(401, {"error_description": f"Invalid client secret {KEY}"}))
    with pytest.raises(CredentialsRefused) as caught:
        world.source().token(patience())
    assert caught.value.message.endswith(f"Invalid client secret {DOTS}")
    assert KEY not in f"{caught.value!r}{caught.value.hint}"


def test_any_error_can_be_masked(world: World) -> None:
    source = world.source()
    source.token(patience())
    error = source.masked(StackSpotError(f"who sent {KEY}?", "forget t0ken-number-1"))
    assert (error.message, error.hint, error.args) == (
        f"who sent {DOTS}?",
        f"forget {DOTS}",
        (f"who sent {DOTS}?",),
    )


def test_the_last_ten_tokens_are_remembered_and_no_more(world: World) -> None:
    world.server.token(*(token_reply(f"t0ken-number-{number:02}") for number in range(1, 13)))
    source = world.source()
    for _time in range(12):
        source.prove(patience())
    assert [source.mask(f"t0ken-number-{number:02}") == DOTS for number in range(1, 13)] == [False] * 2 + [
        True
    ] * 10
