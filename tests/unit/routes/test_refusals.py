"""What a refusal means: each row of the table, and the words in every shape of body."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.domain import DOTS
from stackspot_cli.errors import (
    BadRequest,
    CannotConnect,
    CredentialsRefused,
    NotAnAnswer,
    NotFound,
    NotPermitted,
    QuotaExceeded,
    RateLimited,
    Refused,
    ServerFailed,
    StackSpotError,
)
from stackspot_cli.routes.in_between import FORBIDDEN_HINT
from stackspot_cli.routes.refusals import (
    STACKSPOT,
    Who,
    from_status,
    names_a_tuning_field,
    said,
    token_service,
)
from stackspot_cli.safe_text import safe_text

URL = "https://api.example/v3/chat"
TOKENS = token_service("acme")


def is_safe_line(text: str) -> bool:
    return safe_text(text) == text and "\n" not in text


@given(st.integers(100, 999), st.binary(max_size=300), st.text(max_size=40))
def test_every_refusal_is_one_safe_sentence_with_a_hint_and_no_bug(
    status: int, body: bytes, where: str
) -> None:
    for error in (
        from_status(status, body, {"location": where}, URL),
        from_status(status, body, {"location": where}, URL, TOKENS),
    ):
        assert error.exit_code in (4, 5, 6, 8) and error.status == status and error.hint
        for text in (error.message, error.hint):
            assert is_safe_line(text) and len(text) < 1000


# (status, who, kind, what, how the hint begins): the contract's table, and the token service beside it.
ROWS = [
    (400, STACKSPOT, BadRequest, "StackSpot refused the request (400)", "check the prompt and options"),
    (
        401,
        STACKSPOT,
        CredentialsRefused,
        "StackSpot refused the credentials (401)",
        "verify credentials: run",
    ),
    (
        402,
        STACKSPOT,
        QuotaExceeded,
        "the account's quota is used up (402)",
        "ask the account's administrator",
    ),
    (403, STACKSPOT, NotPermitted, "StackSpot does not permit this (403)", "check access permissions"),
    (404, STACKSPOT, NotFound, f"StackSpot knows nothing at {URL} (404)", "check the name or id"),
    (405, STACKSPOT, Refused, "StackSpot refused the request (405)", "check the prompt and options"),
    (408, STACKSPOT, ServerFailed, "StackSpot gave up waiting for the request (408)", "try again"),
    (413, STACKSPOT, Refused, "StackSpot refused the request (413)", "send less: a shorter prompt or"),
    (422, STACKSPOT, BadRequest, "StackSpot refused the request (422)", "check the prompt and options"),
    (429, STACKSPOT, RateLimited, "StackSpot asks for fewer requests (429)", "wait a minute"),
    (500, STACKSPOT, ServerFailed, "StackSpot failed (500)", "try again later"),
    (999, STACKSPOT, ServerFailed, "StackSpot failed (999)", "try again later"),
    (
        204,
        STACKSPOT,
        NotAnAnswer,
        "StackSpot answered with an unexpected status (204)",
        "look at the network",
    ),
    (
        400,
        TOKENS,
        CredentialsRefused,
        "the token service refused the credentials for realm acme (400)",
        "verify",
    ),
    (
        401,
        TOKENS,
        CredentialsRefused,
        "the token service refused the credentials for realm acme (401)",
        "verify",
    ),
    (402, TOKENS, QuotaExceeded, "the token service says that a quota is used up (402)", "ask the account's"),
    (
        403,
        TOKENS,
        CredentialsRefused,
        "the token service refused the credentials for realm acme (403)",
        "verify",
    ),
    (404, TOKENS, CredentialsRefused, "the token service knows no realm acme (404)", "check the realm"),
    (408, TOKENS, ServerFailed, "the token service gave up waiting for the request (408)", "try again"),
    (
        413,
        TOKENS,
        Refused,
        "the token service refused the request (413)",
        "check the token service's address",
    ),
    (
        422,
        TOKENS,
        Refused,
        "the token service refused the request (422)",
        "check the token service's address",
    ),
    (429, TOKENS, RateLimited, "the token service asks for fewer requests (429)", "wait a minute"),
    (503, TOKENS, ServerFailed, "the token service failed (503)", "try again later"),
]


@pytest.mark.parametrize(("status", "who", "kind", "what", "hint"), ROWS)
def test_each_status_has_its_row(
    status: int, who: Who, kind: type[StackSpotError], what: str, hint: str
) -> None:
    error = from_status(status, b"", {}, URL, who)
    assert (type(error), error.message, error.status, error.service_code) == (kind, what, status, None)
    assert error.hint.startswith(hint)
    more = from_status(status, b'{"code": "C-1", "message": "why"}', {}, URL, who)
    assert (type(more), more.message, more.service_code) == (kind, f"{what}: why", "C-1")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_realm_that_nobody_chose_is_the_first_suspect(status: int) -> None:
    error = from_status(status, b"", {}, URL, token_service("stackspot"))
    assert error.hint == (
        "the realm is the default one: set STACKSPOTAI_REALM to your account's slug; then check id and key"
    )


@pytest.mark.parametrize("who", [STACKSPOT, TOKENS])
@pytest.mark.parametrize(
    ("location", "where"),
    [({}, "nowhere"), ({"location": "https://portal.example/login?next=s3cr3t"}, f"https://portal.example/login?next={DOTS}")],
)  # fmt: skip
def test_a_redirect_is_told_and_never_followed(who: Who, location: dict[str, str], where: str) -> None:
    error = from_status(307, b"words that do not count", location, URL, who)
    assert (type(error), error.message) == (
        NotAnAnswer,
        f"{URL} redirects to {where} (307), and redirects are not followed",
    )


@pytest.mark.parametrize("status", [402, 405, 408, 413, 422, 429, 500, 503, 599])
def test_what_else_the_token_service_says_names_it_and_no_prompt(status: int) -> None:
    error = from_status(status, b'{"message": "why"}', {}, URL, TOKENS)
    assert "the token service" in error.message and error.message.endswith(f"({status}): why")
    assert "prompt" not in error.hint and "--dry-run" not in error.hint
    assert error.exit_code is from_status(status, b"", {}, URL).exit_code


@pytest.mark.parametrize(
    ("words", "over_long"),
    [
        ("prompt is too long: 21000 tokens > 16384", True),
        ("This model's maximum context length is 16384 tokens", True),
        ("Input too large", True),
        ("the name is too long", False),
    ],
)
def test_an_over_long_prompt_is_known_by_its_words(words: str, over_long: bool) -> None:
    error = from_status(400, json.dumps({"message": words}).encode(), {}, URL)
    assert error.hint.startswith("send less") is over_long and words in error.message


KEYS = st.sampled_from(["details", "message", "detail", "error", "code", "msg"])
BODIES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=8,
)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'""', b" "])
def test_an_empty_body_says_nothing(body: bytes) -> None:
    assert said(body) == ("", None)
    assert from_status(403, body, {}, URL).message == "StackSpot does not permit this (403)"


@given(BODIES)
def test_words_are_found_in_every_shape(value: object) -> None:
    words, code = said(json.dumps(value).encode())
    assert is_safe_line(words) and len(words) <= 301
    assert code is None or (is_safe_line(code) and len(code) <= 101)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"detail": [{"loc": ["body", "max_tokens"]}]}', True),
        (b'{"message": "Unknown field temperature"}', True),
        (b'{"message": "model is not allowed"}', True),
        (b'{"message": "no such data_model"}', False),
        (
            b'{"code": "INFERENCE_6001_LLM_MODEL_BAD_REQUEST", "details": "the model takes 16384 tokens"}',
            False,
        ),
        (b'{"message": "malformed"}', False),
        (b"", False),
    ],
)
def test_whether_a_refusal_names_what_only_we_send(body: bytes, named: bool) -> None:
    assert names_a_tuning_field(body) is named


@pytest.mark.parametrize("who", [STACKSPOT, TOKENS])
def test_a_proxys_own_status_is_the_proxys(who: Who) -> None:
    error = from_status(407, b"why", {"proxy-authenticate": "NTLM"}, URL, who)
    assert (type(error), error.message) == (
        CannotConnect,
        "the proxy wants a sign-on by NTLM (407), which is not spoken here: why",
    )


@pytest.mark.parametrize(
    ("status", "who", "a_strangers"),
    [
        (403, TOKENS, True),
        (403, STACKSPOT, True),
        (403, token_service("stackspot"), True),
        (401, TOKENS, False),
    ],
)
def test_a_page_that_forbids_is_a_strangers_whatever_the_credentials(
    status: int, who: Who, a_strangers: bool
) -> None:
    error = from_status(status, b"<!DOCTYPE html><p>Blocked", {}, URL, who)
    assert (error.hint == FORBIDDEN_HINT, error.exit_code) == (a_strangers, 4)
