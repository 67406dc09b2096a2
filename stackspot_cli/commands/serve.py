"""`stackspot serve`: a gateway in the foreground that speaks OpenAI's and Anthropic's APIs; and clients' settings.

Knows how it is announced and ended; refuses to know what it answers (`gateway`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.addresses import GATEWAY_PORT
from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.domain import Secret
from stackspot_cli.errors import StackSpotError, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from types import ModuleType

KEY_VARIABLE = "STACKSPOTAI_SERVE_KEY"
EXTRA = "stackspot-cli[serve]"


HELP = _(
    "A gateway that speaks OpenAI's and Anthropic's APIs, so that Codex, Claude Code, opencode, Copilot CLI, Aider and "
    "others can use StackSpot.\n\n"
    "Prints its address on stdout; Ctrl-C ends it. `--print-config CLIENT` prints what to paste into a client. Any key "
    "will do, or the one in STACKSPOTAI_SERVE_KEY where that is set."
)


class ClientName(StrEnum):
    """Whose configuration can be printed; `gateway.client_configs` has what stands in it."""

    codex = "codex"
    claude = "claude"
    opencode = "opencode"
    copilot = "copilot"
    aider = "aider"
    llm = "llm"


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
    model: shared_options.Model = None
    print_config: Annotated[
        ClientName | None,
        typer.Option(
            "--print-config",
            metavar="CLIENT",
            help=_("Print what to paste into codex, claude, opencode, copilot, aider or llm, and end."),
        ),
    ] = None
    max_concurrent: Annotated[
        int | None,
        typer.Option(
            "--max-concurrent",
            metavar="N",
            min=1,
            help=_("Requests to StackSpot at once; the others wait for their turn. Default 64."),
        ),
    ] = None
    allowed_hosts: Annotated[
        tuple[str, ...],
        typer.Option(
            "--allowed-host",
            metavar="NAME",
            help=_("A name by which clients without a key may reach it; repeatable."),
        ),
    ] = ()
    no_history: shared_options.NoHistory = False


def run(options: Options, app: App) -> None:
    """Raises UsageError, LocalError, Terminated. Returns after Ctrl-C."""
    from stackspot_cli.settings.settings import Overrides

    app.override(Overrides(model=options.model, history=False if options.no_history else None))
    key = Secret(app.environ.get(KEY_VARIABLE, "").strip())
    if options.print_config is not None:
        _print_config(options, app, options.print_config, has_key=bool(key))
        return
    server = _gateway_server()
    listening = server.listen(options.host, options.port, key=key or None)
    try:
        # Now rather than with the first request: loads what answering needs, in one thread.
        app.client, app.connections.exchange  # noqa: B018
        app.settings.usual_model(app.find_model)  # refused now, and not by each request without a model
        app.terminal.write(f"{listening.url}\n")
        app.terminal.flush()
        app.terminal.note(
            _("OpenAI's and Anthropic's APIs at {url}/v1, key: {key}; Ctrl-C ends it").format(
                url=listening.url, key=_("the one in {name}").format(name=KEY_VARIABLE) if key else _("any")
            )
        )
        _note_what_is_odd(app)
        doors = server.doors_for(options.host, listening, key or None, options.allowed_hosts)
        server.serve(app, listening, doors, at_once=options.max_concurrent)
    except KeyboardInterrupt:  # the way to end it: no failure
        pass
    finally:
        listening.socket.close()


def _print_config(options: Options, app: App, name: ClientName, *, has_key: bool) -> None:
    """Writes nothing and starts nothing."""
    from stackspot_cli.gateway.client_configs import CLIENTS, Wanted

    if options.port == 0:
        raise UsageError(
            _("a client needs to know the port"), _("name it with --port, as when the gateway is started")
        )
    settings = app.settings
    model = settings.usual_model(app.find_model)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(options.host, options.host)  # noqa: S104  # not a bind
    shown = f"[{host}]" if ":" in host else host
    client = CLIENTS[name.value]
    wanted = Wanted(f"http://{shown}:{options.port}", model, settings.models[0], has_key)
    app.terminal.write(client.write(wanted))
    app.terminal.flush()
    app.terminal.note(_("this goes into: {place}").format(place=client.goes_into))


def _gateway_server() -> ModuleType:
    try:
        from stackspot_cli.gateway import server
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "stackspot_cli":
            raise
        raise UsageError(
            _("the gateway needs more packages"),
            _("pip install '{extra}', or pipx install --force '{extra}'").format(extra=EXTRA),
        ) from error
    return server


def _note_what_is_odd(app: App) -> None:
    """Said now; each request says it again, and serves as soon as it is mended."""
    try:
        app.credentials  # noqa: B018  # looking is enough
    except StackSpotError as error:
        app.terminal.note(f"{error.message}; {error.hint}" if error.hint else error.message)
    known = [name for name in app.settings.aliases if name.startswith("gpt-")]
    if known:
        app.terminal.note(
            _(
                "with a name of OpenAI's own, Codex sends other tools than it does with an unknown one: {names}"
            ).format(names=", ".join(known))
        )
