"""Everything that can go wrong, as one tree, and the exit code that each end of the program has.

Knows the sentences' shape (what happened, then what to do), never how they are printed.

    StackSpotError
      UsageError            2  the call is wrong: arguments, configuration, input
        ConfigError
        OwnSecretInside
      LocalError            3  this machine could not keep what was asked for
        OutputUnwritable
      AuthError             4  credentials absent, refused, or not permitted
        CredentialsMissing
        CredentialsRefused
        NotPermitted
      RateLimited           5  asked to come back later
        QuotaExceeded
      Unavailable           6  the service could not be reached or did not answer sensibly
        CannotConnect
          CertificateRejected
        TimedOut
        ServerFailed
        NotAnAnswer
        AnswerTooLarge
      AnswerCut             7  part of the answer was delivered, then it broke off
      BatchIncomplete       7  some prompts of a batch have no answer
      Refused               8  a definite no, or an answer without what was asked for
        BadRequest
        NotFound
        CommandFailed
        AnswerLacks
          AnswerUnfit
      StillRunning          9  a quick command needs longer than we were willing to wait

10 is no error: `review` found something that is to fail the call, and says so by its report.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How the process ends. Scripts rely on these numbers: they never change."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    LOCAL = 3
    AUTH = 4
    RATE_LIMITED = 5
    UNAVAILABLE = 6
    PARTIAL = 7
    REFUSED = 8
    RUNNING = 9
    FINDINGS = 10
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143

    @classmethod
    def of(cls, error: BaseException) -> ExitCode:
        """How the process ends that this error ended: the one place that says so, for processes and for scripts."""
        match error:
            case StackSpotError() | Terminated():
                return error.exit_code
            case KeyboardInterrupt() | GeneratorExit():
                return cls.INTERRUPTED
            case BrokenPipeError():
                return cls.BROKEN_PIPE
        return cls.INTERNAL

    @classmethod
    def _missing_(cls, value: object) -> ExitCode | None:
        """128 + N: ended by the signal N. SIGTERM's has a name of its own, SIGHUP's 129 is called by it, too."""
        if not isinstance(value, int) or not 128 < value < 128 + 65:
            return None
        code = int.__new__(cls, value)
        code._name_, code._value_ = "TERMINATED", value
        return code


class StackSpotError(Exception):
    """A failure that a user can meet.

    message: what happened, one sentence without a final full stop.
    hint: what to do, a sentence or a command that can be pasted; may be empty.
    status: the HTTP status behind it, where there was one.
    service_code: the service's own code (`INFERENCE_3008_…`), where it sent one.
    retry_after_seconds: when to come back, where the service told.

    Never holds a secret: callers put only made-safe text in.
    """

    exit_code = ExitCode.INTERNAL

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        status: int | None = None,
        service_code: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.status = status
        self.service_code = service_code
        self.retry_after_seconds = retry_after_seconds

    @property
    def code(self) -> str:
        """The symbolic name of the exit code, as `--format jsonl` prints it."""
        return self.exit_code.name


class UsageError(StackSpotError):
    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    pass


class OwnSecretInside(UsageError):
    """Our own client key or token is in what was to be sent."""


class LocalError(StackSpotError):
    exit_code = ExitCode.LOCAL


class OutputUnwritable(LocalError):
    pass


class AuthError(StackSpotError):
    exit_code = ExitCode.AUTH


class CredentialsMissing(AuthError):
    pass


class CredentialsRefused(AuthError):
    pass


class NotPermitted(AuthError):
    pass


class RateLimited(StackSpotError):
    exit_code = ExitCode.RATE_LIMITED


class QuotaExceeded(RateLimited):
    pass


class Unavailable(StackSpotError):
    exit_code = ExitCode.UNAVAILABLE


class CannotConnect(Unavailable):
    pass


class CertificateRejected(CannotConnect):
    pass


class TimedOut(Unavailable):
    pass


class ServerFailed(Unavailable):
    pass


class NotAnAnswer(Unavailable):
    pass


class AnswerTooLarge(Unavailable):
    pass


class AnswerCut(StackSpotError):
    exit_code = ExitCode.PARTIAL


class BatchIncomplete(StackSpotError):
    exit_code = ExitCode.PARTIAL


class Refused(StackSpotError):
    exit_code = ExitCode.REFUSED


class BadRequest(Refused):
    pass


class NotFound(Refused):
    pass


class CommandFailed(Refused):
    pass


class AnswerLacks(Refused):
    pass


class AnswerUnfit(AnswerLacks):
    """No value of the answer fits the schema that was asked for; its text is in `answer`."""

    answer = ""


class StillRunning(StackSpotError):
    exit_code = ExitCode.RUNNING


class Terminated(BaseException):
    """SIGTERM or SIGHUP arrived. Like KeyboardInterrupt: not an error, and not to be swallowed."""

    def __init__(self, exit_code: int = ExitCode.TERMINATED) -> None:
        super().__init__(exit_code)
        self.exit_code = ExitCode(exit_code)
