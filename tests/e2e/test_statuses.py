"""Every status of the contract's table, once and for ever, and what `Retry-After` makes of it."""

from datetime import UTC, datetime, timedelta

import pytest
from fault_server import CLOSE, END, PAGE, Endless, Request, delta, reply, stream, token_reply
from program import CLIENT_KEY, Program

WORDS = {"type": "BadRequestError", "code": "INFERENCE_1", "details": "The service's own words."}
RETRIED = (408, 429, 500, 502, 503, 504, 522, 524)
# status -> exit code when the service says nothing else
TABLE = {
    300: 6, 301: 6, 302: 6, 303: 6, 304: 6, 307: 6, 308: 6, 399: 6,
    400: 8, 401: 4, 402: 5, 403: 4, 404: 8, 405: 8, 406: 8, 407: 6, 408: 6, 409: 8, 410: 8, 411: 8, 412: 8,
    413: 8, 414: 8, 415: 8, 418: 8, 421: 8, 422: 8, 423: 8, 425: 8, 426: 8, 428: 8, 429: 5, 431: 8, 451: 8,
    499: 8, 500: 6, 501: 6, 502: 6, 503: 6, 504: 6, 505: 6, 507: 6, 511: 6, 520: 6, 522: 6, 524: 6, 599: 6,
}  # fmt: skip


@pytest.mark.parametrize("status", TABLE)
def test_a_status_for_ever_ends_with_its_exit_code_after_its_number_of_attempts(
    program: Program, status: int
) -> None:
    program.server.api(reply(status, WORDS))
    outcome = program.ask()
    requests = program.server.api_requests
    attempts = 3 if status in RETRIED else 2 if status == 401 else 1
    assert (outcome.code, outcome.out, len(requests)) == (TABLE[status], "", attempts)
    assert len({request.body for request in requests}) == 1
    assert len(program.server.token_requests) == (2 if status == 401 else 1)


@pytest.mark.parametrize("status", TABLE)
def test_an_error_is_one_line_and_a_hint_with_the_services_own_words(program: Program, status: int) -> None:
    program.server.api(reply(status, WORDS))
    error, hint = program.ask().err.splitlines()
    assert error.startswith("error: ") and hint.startswith("hint: ")
    if not 300 <= status < 400:
        assert error.endswith(f"({status}): The service's own words.")


@pytest.mark.parametrize("status", RETRIED)
def test_a_passing_failure_costs_two_attempts_and_not_the_answer(program: Program, status: int) -> None:
    program.server.api(reply(status, WORDS), reply(status, PAGE), stream(delta("Hello"), END))
    assert program.ask().told == (0, "Hello\n", "")
    bodies = [request.body for request in program.server.api_requests]
    assert len(bodies) == 3 and len(set(bodies)) == 1


@pytest.mark.parametrize("retries", [0, 1, 4])
def test_retries_are_attempts_after_the_first(program: Program, retries: int) -> None:
    program.server.api(reply(503))
    assert program.ask("--retries", str(retries)).code == 6
    assert len(program.server.api_requests) == retries + 1


def test_the_environment_can_set_the_retries_and_the_option_wins(program: Program) -> None:
    program.server.api(reply(503))
    assert program.ask(env={"STACKSPOTAI_RETRIES": "0"}).code == 6
    assert len(program.server.api_requests) == 1
    assert program.ask("--retries", "1", env={"STACKSPOTAI_RETRIES": "0"}).code == 6
    assert len(program.server.api_requests) == 3


def test_no_socket_of_a_failed_attempt_is_left_open(program: Program) -> None:
    server = program.server
    endless_page = [b"HTTP/1.1 503 Busy\r\nContent-Length: 999999999\r\n\r\n", Endless(b"x" * 65536)]
    server.api(endless_page, stream(delta("Hello"), END))
    assert program.ask().told == (0, "Hello\n", "")
    assert server.hung_up.wait(30)


# --- what the sentences must tell -----------------------------------------------------------------------


def test_a_401_asks_to_verify_the_credentials(program: Program) -> None:
    program.server.api(reply(401))
    assert "verify credentials" in program.ask().err


def test_a_403_with_an_empty_body_asks_to_check_access_permissions(program: Program) -> None:
    program.server.api(reply(403))
    outcome = program.ask()
    assert outcome.code == 4
    assert "check access permissions" in outcome.err and "shared with this credential" in outcome.err
    assert len(program.server.token_requests) == 1


def test_a_404_names_the_address_that_was_asked(program: Program) -> None:
    program.server.api(reply(404))
    assert f"{program.server.url}/v3/chat" in program.ask().err


def test_an_over_long_prompt_is_refused_with_both_numbers(program: Program) -> None:
    details = (
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 340000 tokens."
    )
    code = "INFERENCE_6001_LLM_MODEL_BAD_REQUEST"
    program.server.api(reply(400, {"type": "BadRequestError", "code": code, "details": details}))
    outcome = program.ask()
    assert (outcome.code, len(program.server.api_requests)) == (8, 1)
    assert "272000" in outcome.err and "340000" in outcome.err


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"details": "a", "message": "b"}, "a"),
        ({"message": "b", "error_description": "c"}, "b"),
        ({"error": "invalid_request", "error_description": "c"}, "c"),
        ({"detail": "d"}, "d"),
        ({"detail": [{"loc": ["body", "user_prompt"], "msg": "too short"}]}, "user_prompt: too short"),
        ({"error": "e"}, "e"),
        ({"error": {"message": "f"}}, "f"),
        ("plain words", "plain words"),
        ("x" * 5000, "x" * 300 + "…"),
        ("two\nlines\ttabbed", "two lines tabbed"),
        ("\x1b]0;pwned\x07\u202egnp", "␛]0;pwned␇\\u202egnp"),
    ],
)
def test_the_services_words_are_found_made_one_safe_line_and_cut(
    program: Program, body: dict[str, object] | str, words: str
) -> None:
    program.server.api(reply(409, body))
    assert program.ask().err.splitlines()[0] == f"error: StackSpot refused the request (409): {words}"


def test_a_web_page_as_an_error_is_not_printed(program: Program) -> None:
    program.server.api(reply(502, PAGE, kind="text/html"))
    outcome = program.ask("--retries", "0")
    assert "<html" not in outcome.err and "HTML page" in outcome.err


@pytest.mark.parametrize("size", [70_000, 5_000_000])
def test_a_huge_error_body_is_read_up_to_its_bound_alone(program: Program, size: int) -> None:
    program.server.api([reply(400, "x" * size), CLOSE])
    outcome = program.ask()
    assert outcome.code == 8 and len(outcome.err) < 600


def test_a_secret_that_the_service_sends_back_stays_dots(program: Program) -> None:
    def echo(request: Request) -> bytes:
        return reply(400, {"details": f"bad header {request.header('authorization')}"})

    program.server.api(echo)
    for options in ((), ("--format", "jsonl")):
        outcome = program.ask(*options)
        assert outcome.code == 8 and "••••" in outcome.err  # the fixture searches for the token


def test_a_key_that_the_token_service_sends_back_stays_dots(program: Program) -> None:
    program.server.token(reply(401, {"error_description": f"client_secret {CLIENT_KEY} is wrong"}))
    assert "client_secret •••••••• is wrong" in program.ask().err


def test_a_key_in_a_request_id_stays_dots_with_v_and_debug(program: Program) -> None:
    headers = [("X-Request-Id", "canary.token-Zm9vYmFyYmF6cXV4-1"), ("X-Odd", CLIENT_KEY[:10])]
    program.server.api(reply(403, WORDS, headers))
    for option in ("-v", "--debug"):
        assert program.call(option, "complete", "hi").code == 4


# --- the tuning fields, which only we send -----------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("name", ["model", "temperature", "max_tokens"])
def test_a_refused_tuning_field_is_left_out_and_a_note_says_so(
    program: Program, status: int, name: str
) -> None:
    program.server.api(
        reply(status, {"detail": [{"loc": ["body", name], "msg": "extra field"}]}), stream(delta("Hi"), END)
    )
    outcome = program.ask("-t", "0.2")
    assert (outcome.code, outcome.out, outcome.err.count("note: ")) == (0, "Hi\n", 1)
    first, second = (request.json for request in program.server.api_requests)
    assert {key: first.pop(key) for key in ("model", "temperature", "max_tokens")} == {
        "model": "stackspot-ai",
        "temperature": 0.2,
        "max_tokens": 8192,
    }
    assert first == second


def test_fields_refused_twice_are_refused(program: Program) -> None:
    program.server.api(reply(422, {"detail": "temperature: extra"}))
    assert program.ask().code == 8
    assert len(program.server.api_requests) == 2


# --- Retry-After ----------------------------------------------------------------------------------------


def date(seconds: float, form: str = "%a, %d %b %Y %H:%M:%S GMT") -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime(form)


class Sleeper:
    """A clock that sleeping moves: nothing is waited for."""

    def __init__(self) -> None:
        self.now = 50.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ([("Retry-After", "0")], [0.0]),
        ([("Retry-After", "7")], [7.0]),
        ([("Retry-After", "60")], [60.0]),
        (
            [("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"), ("Date", "Sun, 06 Nov 1994 08:49:30 GMT")],
            [7.0],
        ),
        (
            [("Retry-After", "Sunday, 06-Nov-94 08:49:37 GMT"), ("Date", "Sun, 06 Nov 1994 08:49:30 GMT")],
            [7.0],
        ),
        ([("Retry-After", "Sun Nov  6 08:49:37 1994"), ("Date", "Sun, 06 Nov 1994 08:49:30 GMT")], [7.0]),
        ([("Retry-After", date(3600 + 9)), ("Date", date(3600))], [9.0]),  # its clock is an hour ahead
        ([("Retry-After", date(-3600 + 9)), ("Date", date(-3600))], [9.0]),  # and an hour behind
        ([("Retry-After", date(-60)), ("Date", date(0))], [0.0]),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_the_service_asks_for_is_honoured_to_the_second(
    program: Program, headers: list[tuple[str, str]], waits: list[float], status: int
) -> None:
    assert sleeps(program, status, headers) == (0, [wait for wait in waits if wait])


@pytest.mark.parametrize("junk", ["soon", "-5", "", "1e3", "Mon, 99 Foo 2099 99:99:99 GMT", "５"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_junk_wait_counts_as_none(program: Program, junk: str, status: int) -> None:
    code, slept = sleeps(program, status, [("Retry-After", junk.encode().decode("latin-1"))])
    (wait,) = slept
    assert code == 0 and 0.0 < wait <= (0.004 if status == 429 else 0.001)


def sleeps(program: Program, status: int, headers: list[tuple[str, str]]) -> tuple[int, list[float]]:
    """One refusal, then an answer: the exit code, and the waits between."""
    program.server.api(reply(status, WORDS, headers), stream(delta("Hi"), END))
    sleeper = Sleeper()
    outcome = program.ask(now=lambda: sleeper.now, sleep=sleeper.sleep)
    return outcome.code, [round(wait, 6) for wait in sleeper.slept]


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ([("Retry-After", "61")], "61 s"),
        ([("Retry-After", "86400")], "86400 s"),
        ([("Retry-After", "9" * 40)], "1000000000 s"),
        ([("Retry-After", date(7200)), ("Date", date(0))], "7200 s"),
    ],
)
@pytest.mark.parametrize("status", [408, 429, 500, 503, 524])
def test_told_to_wait_longer_than_a_minute_it_gives_up_at_once_and_says_when_to_come_back(
    program: Program, headers: list[tuple[str, str]], told: str, status: int
) -> None:
    program.server.api(reply(status, WORDS, headers))
    outcome = program.ask()
    assert (outcome.code, len(program.server.api_requests)) == (5, 1)
    assert f"come back in {told}" in outcome.err


def test_told_to_wait_longer_than_the_deadline_leaves_it_gives_up_at_once(program: Program) -> None:
    program.server.api(reply(429, WORDS, [("Retry-After", "20")]))
    outcome = program.ask("--deadline", "5")
    assert (outcome.code, len(program.server.api_requests)) == (5, 1)
    assert "come back in 20 s" in outcome.err


def test_a_backoff_beyond_the_deadline_gives_up_at_once(program: Program) -> None:
    program.server.api(reply(503))
    outcome = program.ask("--deadline", "3", env={"STACKSPOTAI_RETRY_WAIT": "100"})
    assert (outcome.code, len(program.server.api_requests)) == (6, 1)


def test_a_used_up_quota_is_told_at_once(program: Program) -> None:
    program.server.api(reply(402, WORDS))
    outcome = program.ask()
    assert (outcome.code, len(program.server.api_requests)) == (5, 1)
    assert "quota" in outcome.err


@pytest.mark.parametrize(("status", "longest"), [(500, 0.5), (429, 2.0)])
def test_backoff_doubles_within_its_bounds(program: Program, status: int, longest: float) -> None:
    program.server.api(reply(status))
    sleeper = Sleeper()
    program.ask(
        "--retries", "6", env={"STACKSPOTAI_RETRY_WAIT": "0.5"}, now=lambda: sleeper.now, sleep=sleeper.sleep
    )
    most = 20.0 if status == 429 else 8.0
    for number, wait in enumerate(sleeper.slept):
        full = min(most, longest * 2**number)
        assert 0.5 * full <= wait <= full


# --- what -v tells ----------------------------------------------------------------------------------------


def test_verbose_tells_each_attempt_its_status_the_wait_and_the_request_id(program: Program) -> None:
    url = program.server.url
    program.server.api(reply(503, headers=[("X-Request-Id", "req-41")]), stream(delta("Hi"), END))
    outcome = program.call("-v", "complete", "hi", env={"STACKSPOTAI_RETRY_WAIT": "0"})
    assert outcome.told == (
        0,
        "Hi\n",
        f"* POST {url}/acme/oidc/oauth/token (1/3)\n"
        "* 200 OK\n"
        f"* POST {url}/v3/chat (1/3)\n"
        "* 503 Status, request id req-41\n"
        "* StackSpot failed (503); trying again in 0.0 s (1 of 2)\n"
        f"* POST {url}/v3/chat (2/3)\n"
        "* 200 OK, request id req-77\n",
    )


def test_debug_adds_the_wire_with_dots_in_the_place_of_secrets(program: Program) -> None:
    program.server.token(token_reply(), token_reply())
    err = program.call("--debug", "complete", "hi").err
    assert "* > authorization: ••••••••" in err.lower()
    assert "* < content-type: text/event-stream" in err.lower()
