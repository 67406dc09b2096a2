"""`stackspot serve`: an OpenAI-compatible gateway in the foreground.

Knows how it is announced and ended; refuses to know what it answers (`gateway`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.addresses import GATEWAY_PORT
from stackspot_cli.app import App
from stackspot_cli.domain import Secret
from stackspot_cli.errors import StackSpotError, UsageError
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from types import ModuleType

KEY_VARIABLE = "STACKSPOTAI_SERVE_KEY"
EXTRA = "stackspot-cli[serve]"


HELP = _(
    "An OpenAI-compatible gateway, so that Aider and others can use StackSpot.\n\n"
    "Prints its address on stdout; Ctrl-C ends it. Point a tool at ADDRESS/v1, with any key, or "
    "with the one in STACKSPOTAI_SERVE_KEY where that is set."
)


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `serve`, as it was typed."""

    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="HOST",
            help=_("Address to listen on. Anything but loopback needs STACKSPOTAI_SERVE_KEY."),
        ),
    ] = "127.0.0.1"
    port: Annotated[
        int,
        typer.Option(
            "--port", metavar="PORT", min=0, max=65535, help=_("Port to listen on; 0 takes a free one.")
        ),
    ] = GATEWAY_PORT


def run(options: Options, app: App) -> None:
    """Raises UsageError, LocalError, Terminated. Returns after Ctrl-C."""
    server = _gateway_server()
    key = Secret(app.environ.get(KEY_VARIABLE, "").strip())
    listening = server.listen(options.host, options.port, key=key or None)
    try:
        app.client  # noqa: B018  # now rather than with the first request: loads what answering needs
        app.terminal.write(f"{listening.url}\n")
        app.terminal.flush()
        app.terminal.note(
            _("an OpenAI API at {url}/v1, key: {key}; Ctrl-C ends it").format(
                url=listening.url, key=_("the one in {name}").format(name=KEY_VARIABLE) if key else _("any")
            )
        )
        _note_missing_credentials(app)
        server.serve(app, listening, server.doors_for(options.host, listening, key or None))
    except KeyboardInterrupt:  # the way to end it: no failure
        pass
    finally:
        listening.socket.close()


def _gateway_server() -> ModuleType:
    try:
        from stackspot_cli.gateway import server
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "stackspot_cli":
            raise
        raise UsageError(
            _("the gateway needs more packages: pip install '{extra}'").format(extra=EXTRA)
        ) from error
    return server


def _note_missing_credentials(app: App) -> None:
    """Said now; each request says it again, and serves as soon as they are there."""
    try:
        app.credentials  # noqa: B018  # looking is enough
    except StackSpotError as error:
        app.terminal.note(f"{error.message}; {error.hint}" if error.hint else error.message)
