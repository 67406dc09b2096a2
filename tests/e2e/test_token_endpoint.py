"""What the token service can answer, and what a token is then good for."""

import json
from urllib.parse import parse_qsl

import pytest
from fault_server import (
    CLOSE,
    END,
    HOLD,
    PAGE,
    RESET,
    TOKEN,
    Pause,
    Slowly,
    delta,
    reply,
    stream,
    token_reply,
)
from program import CLIENT_ID, CLIENT_KEY, Program

SECOND = "canary.token-second-9c41"
ANSWER = stream(delta("Hello"), END)


def test_a_token_is_asked_for_with_the_form_that_the_service_knows(program: Program) -> None:
    assert program.ask().told == (0, "Hello\n", "")
    (asked,) = program.server.token_requests
    assert (asked.method, asked.target) == ("POST", "/acme/oidc/oauth/token")
    assert asked.header("content-type") == "application/x-www-form-urlencoded"
    assert asked.header("authorization") is None
    assert parse_qsl(asked.body.decode(), strict_parsing=True) == [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_KEY),
    ]
    (request,) = program.server.api_requests
    assert request.header("authorization") == f"Bearer {TOKEN}"


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "invalid_client", "error_description": "Invalid client credentials"}, "Invalid client"),
        (PAGE, "HTML page"),
        (b"", ""),
        (b"\xff\xfe\x00junk", ""),
        ("[" * 100_000, "["),
    ],
)
def test_a_refusal_in_any_form_is_exit_4_at_once(
    program: Program, status: int, body: bytes | str | dict[str, object], words: str
) -> None:
    program.server.token(reply(status, body))
    outcome = program.ask()
    error, hint = outcome.err.splitlines()
    assert (outcome.code, outcome.out) == (4, "")
    assert words in error and "acme" in error and str(status) in error and hint.startswith("hint: ")
    assert (len(program.server.token_requests), program.server.api_requests) == (1, [])


def test_a_refusal_with_the_default_realm_hints_at_the_realm(program: Program) -> None:
    program.server.token(reply(401))
    outcome = program.ask(env={"STACKSPOTAI_REALM": None})
    assert outcome.code == 4 and "STACKSPOTAI_REALM" in outcome.err


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, PAGE, kind="text/html"),
        reply(200, {"error": "server_error", "error_description": "try later"}),
        reply(200, {"token_type": "Bearer"}),
        reply(200, b""),
        reply(200, b"null"),
        reply(200, b'"' + TOKEN.encode() + b'"'),
        reply(200, b"[1]"),
        reply(200, b"[" * 200_000),
        reply(200, b'{"access_token": ' * 100_000),
        reply(204),
        token_reply(""),
        token_reply(17),
        token_reply(["x"]),
        token_reply("canary.token\r\nX-Injected: 1"),
        token_reply("canary\ntoken"),
        token_reply("canary token"),
        token_reply("canary-tökén"),
        token_reply("canary\x00token"),
        token_reply("x" * 70_000),
        reply(302, b"", [("Location", "https://elsewhere.example/login?session=1")]),
        reply(307, b"", [("Location", "/other")]),
        [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" " * 50_000_000, CLOSE],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 52000000\r\n\r\n", b'{"x":"' + b"y" * 52_000_000, CLOSE],
    ],
    ids=lambda answer: None,
)
def test_a_success_without_a_usable_token_is_exit_6_and_one_sentence(
    program: Program, answer: object
) -> None:
    program.server.token(answer)
    outcome = program.ask("--format", "json")
    assert (outcome.code, outcome.out) == (6, "")
    assert [line.partition(": ")[0] for line in outcome.err.splitlines()] == ["error", "hint"]
    assert len(outcome.err) < 900 and "X-Injected" not in outcome.err
    assert (len(program.server.token_requests), program.server.api_requests) == (1, [])


def test_the_words_of_an_error_in_a_200_are_shown(program: Program) -> None:
    program.server.token(reply(200, {"error": "server_error", "error_description": "try later"}))
    assert "try later" in program.ask().err


def test_a_captive_portal_is_guessed(program: Program) -> None:
    program.server.token(reply(200, PAGE, kind="text/html"))
    assert "captive portal" in program.ask().err


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed_and_is_told_without_its_query(program: Program, status: int) -> None:
    where = f"{program.server.url}/elsewhere?ticket=77"
    program.server.token(reply(status, b"", [("Location", where)]))
    outcome = program.ask()
    assert outcome.code == 6 and "/elsewhere" in outcome.err and "ticket=77" not in outcome.err
    assert [request.target for request in program.server.requests] == ["/acme/oidc/oauth/token"]


# --- expires_in -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "life"),
    [
        ({"expires_in": None}, 1199.0),
        ({"expires_in": "900"}, 900.0),
        ({"expires_in": 900.5}, 900.5),
        ({"expires_in": 10**9}, 86400.0),
        ({"expires_in": 10**400}, 86400.0),
        ({"expires_in": float("inf")}, 86400.0),
    ],
)
def test_how_long_a_token_lives(program: Program, fields: dict[str, object], life: float) -> None:
    program.server.token(token_reply(**fields))
    assert program.ask().code == 0
    (path,) = program.token_files
    kept = json.loads(path.read_bytes())
    assert kept["expires_at"] - kept["obtained_at"] == pytest.approx(life)
    assert program.ask().code == 0
    assert len(program.server.token_requests) == 1


@pytest.mark.parametrize("odd", [0, -5, "0", "junk", "", True, [], {}, float("nan"), "1_0"])
def test_a_token_of_an_odd_life_is_used_once_and_not_kept(program: Program, odd: object) -> None:
    program.server.token(token_reply(expires_in=odd))
    assert program.ask().told == (0, "Hello\n", "")
    assert program.token_files == []
    assert program.ask().told == (0, "Hello\n", "")
    assert len(program.server.token_requests) == 2


def test_a_null_life_counts_as_missing(program: Program) -> None:
    program.server.token(reply(200, {"access_token": TOKEN, "expires_in": None}))
    assert program.ask().code == 0
    assert len(program.token_files) == 1


# --- slow, hanging, failing in turn ----------------------------------------------------------------------


def test_a_slow_token_service_is_waited_for(program: Program) -> None:
    program.server.token(Slowly(token_reply(), 20, 0.002))
    assert program.ask("--timeout", "2").told == (0, "Hello\n", "")


@pytest.mark.parametrize("steps", [[HOLD], [b"HTTP/1.1 200 OK\r\n", HOLD], [token_reply()[:-4], HOLD]])
def test_a_hanging_token_service_is_asked_again_and_then_given_up(
    program: Program, steps: list[object]
) -> None:
    program.server.token(steps)
    outcome = program.ask("--timeout", "0.1")
    assert outcome.code == 6 and "silent for 0.1 s" in outcome.err
    assert (len(program.server.token_requests), program.server.api_requests) == (3, [])


def test_a_deadline_ends_a_hanging_token_service(program: Program) -> None:
    program.server.token([HOLD])
    outcome = program.ask("--deadline", "0.2")
    assert outcome.code == 6 and "deadline" in outcome.err
    assert len(program.server.token_requests) == 1


@pytest.mark.parametrize("failure", [429, 503, "reset", "close", "cut", "bad gzip"])
def test_a_passing_failure_of_the_token_service_is_repeated(program: Program, failure: int | str) -> None:
    zipped = reply(200, b"no gzip at all", [("Content-Encoding", "gzip")])
    ways = {"reset": RESET, "close": CLOSE, "cut": [token_reply()[:-4], CLOSE], "bad gzip": zipped}
    step = reply(failure) if isinstance(failure, int) else ways[failure]
    program.server.token(step, step, token_reply())
    assert program.ask().told == (0, "Hello\n", "")
    bodies = {request.body for request in program.server.token_requests}
    assert (len(program.server.token_requests), len(bodies)) == (3, 1)


@pytest.mark.parametrize(("status", "code"), [(429, 5), (503, 6), (402, 5), (500, 6), (418, 8), (501, 6)])
def test_a_lasting_failure_of_the_token_service_has_its_exit_code(
    program: Program, status: int, code: int
) -> None:
    program.server.token(reply(status))
    assert program.ask().code == code


def test_a_token_service_told_to_wait_is_not_waited_for_beyond_reason(program: Program) -> None:
    program.server.token(reply(503, headers=[("Retry-After", "3600")]))
    outcome = program.ask()
    assert (outcome.code, len(program.server.token_requests)) == (5, 1)
    assert "come back in 3600 s" in outcome.err


# --- the token in use -------------------------------------------------------------------------------------


def test_a_revoked_cached_token_is_renewed_once_and_the_answer_comes(program: Program) -> None:
    assert program.ask().code == 0
    program.server.token(token_reply(SECOND))
    program.server.api(
        lambda request: ANSWER if SECOND in (request.header("authorization") or "") else reply(401)
    )
    assert program.ask().told == (0, "Hello\n", "")
    assert len(program.server.token_requests) == 2
    assert program.ask().told == (0, "Hello\n", "")
    assert len(program.server.token_requests) == 2


def test_401_for_ever_is_exit_4_after_one_renewal(program: Program) -> None:
    program.server.api(reply(401))
    outcome = program.ask()
    assert (outcome.code, len(program.server.token_requests), len(program.server.api_requests)) == (4, 2, 2)


def test_403_renews_nothing(program: Program) -> None:
    program.server.api(reply(403))
    assert program.ask().code == 4
    assert (len(program.server.token_requests), len(program.server.api_requests)) == (1, 1)


@pytest.mark.parametrize(("answer", "code"), [(reply(401), 4), (reply(503), 6), (reply(200, PAGE), 6)])
def test_a_renewal_that_fails_has_its_own_exit_code(program: Program, answer: bytes, code: int) -> None:
    program.server.token(token_reply(), answer)
    program.server.api(reply(401))
    assert program.ask().code == code
    assert len(program.server.api_requests) == 1


def test_a_stale_token_still_answers_when_its_renewal_fails(program: Program) -> None:
    program.server.token(token_reply(expires_in=3), reply(503))
    assert program.ask().code == 0
    (path,) = program.token_files
    program.age(path, 2.6)  # within the last fifth of its life
    assert program.ask().told == (0, "Hello\n", "")
    assert len(program.server.token_requests) > 1


def test_a_paused_head_does_not_count_as_the_token(program: Program) -> None:
    program.server.token([Pause(0.05), token_reply()])
    assert program.ask("--timeout", "2").code == 0


def test_a_key_that_is_only_tried_is_masked_wherever_the_service_repeats_it(program: Program) -> None:
    """`login` proves a key that is not in use yet, with `-v` on."""
    program.secrets.append("typed-key-7f3a")
    program.server.token(b"HTTP/1.1 401 No typed-key-7f3a here\r\nContent-Length: 0\r\n\r\n")
    outcome = program.call(
        "-v", "login", "--client-id", "x", "--key-stdin", "--insecure-storage", stdin=b"typed-key-7f3a\n"
    )
    assert outcome.code == 4
    assert "* 401 No •••••••• here\n" in outcome.err
