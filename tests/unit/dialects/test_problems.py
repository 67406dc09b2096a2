"""What a client is told of what went wrong."""

import pytest

from stackspot_cli import errors
from stackspot_cli.dialects import problems
from stackspot_cli.dialects.asked import FieldError
from stackspot_cli.dialects.problems import Problem
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS
from stackspot_cli.tools.rounds import DoesNotFit
from stackspot_cli.tools.sending import PromptTooLong, ToolsTooLong

MODEL = BUILT_IN_MODELS[0]
NO_RETRY = {"x-should-retry": "false"}


@pytest.mark.parametrize(
    ("error", "status", "type_", "code", "headers"),
    [
        (errors.UsageError("x"), 400, "invalid_request_error", "usage_error", NO_RETRY),
        (FieldError("x", param="tools"), 400, "invalid_request_error", "unsupported_value", NO_RETRY),
        (
            errors.CredentialsRefused("x", status=401),
            401,
            "authentication_error",
            "credentials_refused",
            NO_RETRY,
        ),
        (errors.NotPermitted("x", status=403), 403, "permission_error", "not_permitted", NO_RETRY),
        (errors.QuotaExceeded("x", status=402), 402, "insufficient_quota", "quota_exceeded", NO_RETRY),
        (errors.RateLimited("x"), 429, "rate_limit_error", "rate_limited", {"Retry-After": "20"}),
        (
            errors.RateLimited("x", status=429, retry_after_seconds=2.1),
            429,
            "rate_limit_error",
            "rate_limited",
            {"Retry-After": "3"},
        ),
        (errors.TimedOut("x"), 504, "server_error", "timed_out", {}),
        (errors.ServerFailed("x", status=503), 503, "server_error", "server_failed", {}),
        (errors.NotAnAnswer("x", status=200), 502, "server_error", "not_an_answer", {}),
        (errors.LocalError("x"), 500, "server_error", "local_error", {}),
        (DoesNotFit("x"), 502, "server_error", "invalid_answer", {}),
        (PromptTooLong(MODEL, 9, 5), 400, "invalid_request_error", "context_length_exceeded", NO_RETRY),
        (ToolsTooLong(MODEL, 9, 5), 400, "invalid_request_error", "tools_too_large", NO_RETRY),
    ],
)
def test_a_failure_keeps_the_services_status_and_says_whether_another_try_helps(
    error: errors.StackSpotError, status: int, type_: str, code: str, headers: dict[str, str]
) -> None:
    problem = problems.of(error)
    assert (problem.status, problem.type, problem.code, problem.headers) == (status, type_, code, headers)


def test_both_numbers_of_a_prompt_that_is_too_long_are_kept() -> None:
    assert problems.of(PromptTooLong(MODEL, 9, 5)).counts == (9, 5)
    assert problems.of(FieldError("x", param="tools")).param == "tools"


def test_tools_that_leave_no_room_are_told_without_the_words_that_make_a_client_shorten_its_conversation() -> (
    None
):
    words = problems.of(ToolsTooLong(MODEL, 20_000, 16_384)).words
    assert words == (
        "the instructions and tools of this request come to 20000 tokens; stackspot-ai has room for 16384: "
        "switch tools off in the program that asks, or choose an agent, which has more room"
    )


@pytest.mark.parametrize(
    ("hint", "words"),
    [("try again", "x (try again)"), ("run `stackspot login`", "x"), ("set --m", "x"), ("", "x")],
)
def test_a_hint_about_our_own_commands_is_left_out(hint: str, words: str) -> None:
    assert problems.of(errors.ServerFailed("x", hint)).words == words


@pytest.mark.parametrize(
    ("problem", "status"),
    [(problems.too_busy(), 503), (problems.ending(), 503), (problems.bug(ValueError()), 500)],
)
def test_our_own(problem: Problem, status: int) -> None:
    assert problem.status == status
