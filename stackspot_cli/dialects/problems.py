"""What went wrong with a request, before an API has put it into its own words: a status, a sentence, a code.

Pure. Knows what clients do on a status: which are worth another try, and when. Refuses to know the shapes of errors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from stackspot_cli import errors
from stackspot_cli.dialects.asked import FieldError
from stackspot_cli.errors import StackSpotError
from stackspot_cli.tools.rounds import DoesNotFit
from stackspot_cli.tools.sending import PromptTooLong, ToolsTooLong
from stackspot_cli.translation import _, joined, untranslated

CONTEXT_TOO_LONG = "context_length_exceeded"  # what OpenAI's clients look for, to shorten and ask again
TOOLS_TOO_LONG = "tools_too_large"  # another code: shortening the conversation would not help
DOES_NOT_FIT = "invalid_answer"

RATE_LIMIT_SECONDS = 20
"""When to come back after a 429 for which the service named no time: the longest of our own waits. Limits of 20
requests a minute are documented (protocol page), so this is a third of a window."""
WORTH_ANOTHER_TRY = {408, 409, 429}  # of the statuses below 500


class Problem(Exception):
    """One refusal: raised where it is found, answered where the answer is written.

    type: OpenAI's word for the kind. counts: the prompt's tokens and the limit, where it is too long.
    """

    def __init__(
        self,
        status: int,
        message: str,
        type_: str | None = None,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        counts: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type_ or _type(status)
        self.param = param
        self.code = code
        self.counts = counts
        self.headers = dict(headers or {})
        if 400 <= status < 500 and status not in WORTH_ANOTHER_TRY:
            self.headers["x-should-retry"] = "false"  # which OpenAI's and Anthropic's packages obey

    @property
    def words(self) -> str:
        """In English: programs read them."""
        return str(untranslated(self.message))


def of(error: StackSpotError) -> Problem:
    """What the caller is told of a failure of ours or of the service."""
    match error:
        case FieldError():
            return Problem(400, error.message, param=error.param, code=error.api_code)
        case PromptTooLong():
            return Problem(400, error.message, code=CONTEXT_TOO_LONG, counts=(error.tokens, error.limit))
        case ToolsTooLong():
            return Problem(400, joined(": ", (error.message, error.hint)), param="tools", code=TOOLS_TOO_LONG)
        case DoesNotFit():
            return Problem(502, error.message, code=DOES_NOT_FIT)
    status = _status(error)
    headers = {}
    told = error.retry_after_seconds
    if status == 429 or told is not None:
        headers["Retry-After"] = str(RATE_LIMIT_SECONDS if told is None else max(1, math.ceil(told)))
    return Problem(status, _words(error), code=_code(error), headers=headers)


def _words(error: StackSpotError) -> str:
    """The message, and the hint where the caller can follow it: not one about our own options and commands."""
    if not error.hint or "`" in error.hint or "--" in error.hint:
        return error.message
    return joined("", (error.message, " (", error.hint, ")"))


def _status(error: StackSpotError) -> int:
    """The service's own, where it is an error's (a 200 that was no answer is none, and neither is a redirect)."""
    if error.status is not None and 400 <= error.status <= 599:
        return error.status
    match error:
        case errors.UsageError():
            return 400
        case errors.AuthError():
            return 401
        case errors.RateLimited():
            return 429
        case errors.TimedOut() | errors.StillRunning():
            return 504
        case errors.LocalError():
            return 500
        case _:
            return 502


def _type(status: int) -> str:
    match status:
        case 401:
            return "authentication_error"
        case 403:
            return "permission_error"
        case 402:
            return "insufficient_quota"
        case 429:
            return "rate_limit_error"
        case _ if status >= 500:
            return "server_error"
        case _:
            return "invalid_request_error"


def _code(error: StackSpotError) -> str:
    """The service's own code, else our error's name: `TimedOut` is `timed_out`."""
    if error.service_code:
        return error.service_code
    name = type(error).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def too_busy() -> Problem:
    return Problem(
        503,
        _("too many answers are waiting already"),
        code="too_busy",
        headers={"Retry-After": "1"},
    )


def ending() -> Problem:
    return Problem(503, _("the gateway is ending"), code="ending")


def bug(error: BaseException) -> Problem:
    return Problem(
        500,
        _("this is a bug in stackspot ({kind})").format(kind=type(error).__name__),
        code="internal",
    )
