"""StackSpot AI from the command line and from Python.

    from stackspot_cli import StackSpot

Public names are loaded on first use: importing the package costs nothing.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # `typing` costs a millisecond at every start; type checkers know the name
if TYPE_CHECKING:
    from stackspot_cli.api.options import TurnOptions
    from stackspot_cli.api.provider import StackSpotProvider
    from stackspot_cli.api.stackspot import StackSpot
    from stackspot_cli.batch.result import BatchResult
    from stackspot_cli.client.account import Agent
    from stackspot_cli.client.quick_commands import Execution
    from stackspot_cli.conversation.openai_completion import ChatCompletion, ChatCompletionChunk
    from stackspot_cli.domain import Delta, Done, Event, Source, Usage
    from stackspot_cli.errors import (
        AnswerCut,
        AnswerLacks,
        AnswerUnfit,
        AuthError,
        BadRequest,
        CannotConnect,
        CertificateRejected,
        CommandFailed,
        ConfigError,
        CredentialsMissing,
        CredentialsRefused,
        ExitCode,
        LocalError,
        NotAnAnswer,
        NotFound,
        NotPermitted,
        OwnSecretInside,
        QuotaExceeded,
        RateLimited,
        Refused,
        ServerFailed,
        StackSpotError,
        StillRunning,
        TimedOut,
        Unavailable,
        UsageError,
    )
    from stackspot_cli.model import Model

_HOMES = {
    "api.options": "TurnOptions",
    "client.account": "Agent",
    "client.quick_commands": "Execution",
    "model": "Model",
    "api.provider": "StackSpotProvider",
    "api.stackspot": "StackSpot",
    "batch.result": "BatchResult",
    "conversation.openai_completion": "ChatCompletion ChatCompletionChunk",
    "domain": "Delta Done Event Source Usage",
    "errors": """AnswerCut AnswerLacks AnswerUnfit AuthError BadRequest CannotConnect CertificateRejected
        CommandFailed ConfigError CredentialsMissing CredentialsRefused ExitCode LocalError NotAnAnswer NotFound
        NotPermitted OwnSecretInside QuotaExceeded RateLimited Refused ServerFailed StackSpotError StillRunning
        TimedOut Unavailable
        UsageError""",
}

__all__ = [
    "Agent",
    "AnswerCut",
    "AnswerLacks",
    "AnswerUnfit",
    "AuthError",
    "BadRequest",
    "BatchResult",
    "CannotConnect",
    "CertificateRejected",
    "ChatCompletion",
    "ChatCompletionChunk",
    "CommandFailed",
    "ConfigError",
    "CredentialsMissing",
    "CredentialsRefused",
    "Delta",
    "Done",
    "Event",
    "Execution",
    "ExitCode",
    "LocalError",
    "Model",
    "NotAnAnswer",
    "NotFound",
    "NotPermitted",
    "OwnSecretInside",
    "QuotaExceeded",
    "RateLimited",
    "Refused",
    "ServerFailed",
    "Source",
    "StackSpot",
    "StackSpotError",
    "StackSpotProvider",
    "StillRunning",
    "TimedOut",
    "TurnOptions",
    "Unavailable",
    "Usage",
    "UsageError",
    "__version__",
]


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names.split():
            from importlib import import_module  # deferred: `--version` does without

            return getattr(import_module(f"stackspot_cli.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
