"""Failures as OpenAI error objects."""

import pytest

from stackspot_cli import errors
from stackspot_cli.gateway import problems


@pytest.mark.parametrize(
    ("error", "status", "type_", "code", "headers"),
    [
        (errors.UsageError("x"), 400, "invalid_request_error", "usage_error", {}),
        (errors.CredentialsRefused("x", status=401), 401, "authentication_error", "credentials_refused", {}),
        (errors.NotPermitted("x", status=403), 403, "permission_error", "not_permitted", {}),
        (errors.QuotaExceeded("x", status=402), 402, "insufficient_quota", "quota_exceeded", {}),
        (errors.RateLimited("x"), 429, "rate_limit_error", "rate_limited", {"Retry-After": "20"}),
        (
            errors.RateLimited("x", status=429, retry_after_seconds=2.1),
            429,
            "rate_limit_error",
            "rate_limited",
            {"Retry-After": "3"},
        ),
        (errors.TimedOut("x"), 504, "server_error", "timed_out", {}),
        (errors.NotAnAnswer("x", status=200), 502, "server_error", "not_an_answer", {}),
        (errors.LocalError("x"), 500, "server_error", "local_error", {}),
        (
            errors.BadRequest("x", status=400, service_code="INFERENCE_6001_LLM"),
            400,
            "invalid_request_error",
            "context_length_exceeded",
            {},
        ),
    ],
)
def test_a_failure_keeps_the_services_status(
    error: errors.StackSpotError, status: int, type_: str, code: str, headers: dict[str, str]
) -> None:
    problem = problems.of(error)
    assert (problem.status, problem.type, problem.code, problem.headers) == (status, type_, code, headers)


@pytest.mark.parametrize(
    ("hint", "message"),
    [("try again", "x (try again)"), ("run `stackspot login`", "x"), ("set --m", "x"), ("", "x")],
)
def test_a_hint_about_our_own_commands_is_left_out(hint: str, message: str) -> None:
    assert problems.of(errors.ServerFailed("x", hint)).body() == {
        "error": {"message": message, "type": "server_error", "param": None, "code": "server_failed"}
    }
