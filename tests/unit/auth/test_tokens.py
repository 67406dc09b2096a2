"""When a token is fresh, and what the token service's answer means."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.auth.tokens import Freshness, Token, freshness, from_answer
from stackspot_cli.domain import Secret
from stackspot_cli.errors import NotAnAnswer

NOW = 1_000_000.0
FRESH, STALE, INVALID = Freshness.FRESH, Freshness.STALE, Freshness.INVALID


def token(age: float, life: float, *, keep: bool = True) -> Token:
    return Token(Secret("t"), NOW - age, NOW - age + life, keep)


@pytest.mark.parametrize(
    ("held", "state"),
    [
        (None, INVALID),
        (token(0, 1199), FRESH),
        (token(1138, 1199), FRESH),
        (token(1139, 1199), STALE),  # a minute before its end
        (token(1198.9, 1199), STALE),
        (token(1199, 1199), INVALID),
        (token(79, 100), FRESH),
        (token(80, 100), STALE),  # a fifth of a short life
        (token(0, 0), INVALID),
        (token(0, -1), INVALID),
        (token(0, 86_400), FRESH),
        (token(0, 86_401), INVALID),
        (token(-60, 1199), FRESH),  # a clock that was set back a little
        (token(-61, 1199), INVALID),
        (token(0, float("nan")), INVALID),
        (token(0, 1199, keep=False), INVALID),
    ],
)
def test_when_a_token_is_fresh(held: Token | None, state: Freshness) -> None:
    assert freshness(held, NOW) is state


@given(age=st.floats(-100, 100_000), life=st.floats(-100, 100_000))
def test_a_token_only_ever_ages(age: float, life: float) -> None:
    order = [FRESH, STALE, INVALID]
    held = Token(Secret("t"), NOW, NOW + life)
    states = [order.index(freshness(held, NOW + abs(age) * share)) for share in (0, 0.5, 1, 2)]
    assert states == sorted(states)


KEYS = st.sampled_from(["access_token", "expires_in", "error"])
ANSWERS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=6,
).map(lambda value: json.dumps(value).encode())


@given(st.binary(max_size=200) | ANSWERS)
def test_every_answer_is_a_token_that_a_header_can_hold_or_a_sentence(body: bytes) -> None:
    try:
        made = from_answer(body, NOW, "https://idm.example")
    except NotAnAnswer as refusal:
        assert (
            refusal.message.startswith("the token service's answer is unusable: ")
            and "\n" not in refusal.message
        )
    else:
        assert made.value.reveal().isascii() and made.value.reveal().isprintable()
        assert made.expires_at - made.obtained_at <= 86_400


# --- the answer ----------------------------------------------------------------------------------------

URL = "https://idm.example/acme/oidc/oauth/token"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, token(0, 1199)),  # the protocol page: what is usual
        ({"expires_in": None}, token(0, 1199)),
        ({"expires_in": 300}, token(0, 300)),
        ({"expires_in": "300"}, token(0, 300)),
        ({"expires_in": 1e9}, token(0, 86_400)),
        ({"expires_in": 0}, token(0, 0, keep=False)),
        ({"expires_in": -1}, token(0, 0, keep=False)),
        ({"expires_in": "soon"}, token(0, 0, keep=False)),
        ({"expires_in": "3_00"}, token(0, 0, keep=False)),
        ({"expires_in": True}, token(0, 0, keep=False)),
        ({"expires_in": float("nan")}, token(0, 0, keep=False)),
    ],
)
def test_how_long_a_token_lives(fields: dict[str, object], expected: Token) -> None:
    """A life that makes no sense is a token to be used once."""
    assert from_answer(json.dumps({"access_token": "t", **fields}).encode(), NOW, URL) == expected


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[]", "it is not an object"),
        (b"{}", "it holds no access_token"),
        (b'{"access_token": 7}', "it holds no access_token"),
        (b'{"access_token": ""}', "it holds no access_token"),
        (b'{"error": "x", "error_description": "maintenance"}', "maintenance"),
        (b'{"access_token": "a\\r\\nX: y"}', "its access_token holds characters that no token has"),
        (
            b'{"access_token": "' + b"x" * 65_537 + b'"}',
            "its access_token holds characters that no token has",
        ),
    ],
)
def test_an_answer_without_a_usable_token_says_why_and_what_may_stand_in_between(
    body: bytes, why: str
) -> None:
    with pytest.raises(NotAnAnswer) as caught:
        from_answer(body, NOW, URL)
    assert (caught.value.message, caught.value.hint, caught.value.status) == (
        f"the token service's answer is unusable: {why}",
        f"a captive portal or proxy may stand in between; {URL} was asked; look with `stackspot status`",
        200,
    )
