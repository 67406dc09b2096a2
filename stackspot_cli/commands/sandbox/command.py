"""`stackspot sandbox`: serves the emulated StackSpot, for another shell, or for one command that it runs.

Knows how it is announced and ended; refuses to know what it answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.addresses import cannot_listen, is_loopback
from stackspot_cli.app import App
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.nearest import nearest
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.sandbox import Sandbox


def _fault_names() -> list[str]:
    from stackspot_cli.sandbox import FAULTS  # deferred: for a shell's TAB alone

    return list(FAULTS)


HELP = _("A local StackSpot to try things on: no account, nothing outside this machine.")


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `sandbox`, as it was typed."""

    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help=_("Address to listen on."))] = (
        "127.0.0.1"
    )
    port: Annotated[
        int,
        typer.Option(
            "--port", metavar="N", min=0, max=65535, help=_("Port to listen on; 0 takes a free one.")
        ),
    ] = 0
    faults: Annotated[
        tuple[str, ...],
        typer.Option(
            "--fault",
            metavar="NAME",
            help=_(
                "Misbehave: rate-limit, server-error, cut, slow, hang, expired-token, refused or forbidden."
                " Repeatable."
            ),
            autocompletion=_fault_names,
        ),
    ] = ()
    times: Annotated[
        int | None,
        typer.Option(
            "--times",
            metavar="N",
            min=1,
            help=_("Each fault strikes N times; always otherwise, expired-token once for each token."),
        ),
    ] = None
    answers: Annotated[
        str | None,
        typer.Option(
            "--answers",
            metavar="FILE",
            help=_(
                "Answer as told: a YAML list of rules with `when` or `said`, `answer` or `answers`, `fault`, `times`."
            ),
        ),
    ] = None
    strict: Annotated[
        bool,
        typer.Option("--strict", help=_("Refuse agents and quick commands that the emulated account lacks.")),
    ] = False
    command: Annotated[
        tuple[str, ...],
        typer.Argument(
            metavar="[-- COMMAND…]",
            help=_("Run this with the variables set, and end with its exit code, instead of printing them."),
        ),
    ] = ()


CONTEXT = {"allow_interspersed_args": False}  # what follows the command's name belongs to the command


def run(options: Options, app: App) -> int | None:
    """Serves until Ctrl-C, or for one command. Raises UsageError, and LocalError for an address that cannot be had."""
    import gc

    server = _server(options, app)
    gc.enable()  # off since the start of the process, which is right for a call and wrong for a server
    try:
        _listen(server, options.host, options.port)
        if not is_loopback(options.host):
            app.terminal.note(
                _("{host} can be reached from other machines, and the key is no secret").format(
                    host=options.host
                )
            )
        if options.command:
            return _run_command(
                options.command, {**server.environment, **dict(_past_the_proxy(app, server))}, app
            )
        _announce(app, server)
        server.wait()
    except KeyboardInterrupt:  # the way to end it: no failure
        pass
    finally:
        server.stop()
    return None


def _run_command(command: tuple[str, ...], world: Mapping[str, str], app: App) -> int:
    """world: the variables that lead to the server."""
    from stackspot_cli.commands.sandbox import child
    from stackspot_cli.files.scratch_folders import ScratchFolder

    with ScratchFolder("sandbox") as home:
        try:
            return child.run(command, child.environment(app.environ, world, str(home.path)))
        except child.NotStarted as error:
            app.terminal.error(error)
            return error.shell_code


def _server(options: Options, app: App) -> Sandbox:
    from stackspot_cli.sandbox import FAULTS, Sandbox

    for name in options.faults:
        if name not in FAULTS:
            raise UsageError(_("unknown fault {name}").format(name=name), _suggestion(name, FAULTS))
    if options.times is not None and not options.faults:
        raise UsageError(
            _("--times says how often a fault strikes, and no fault was named"),
            _("add --fault NAME, with one of {names}").format(names=", ".join(FAULTS)),
        )
    rules = []
    if options.answers is not None:
        from stackspot_cli.commands.sandbox import answers_file

        rules = answers_file.read(options.answers, app)
    return Sandbox(
        host=options.host,
        port=options.port,
        faults=options.faults,
        times=options.times,
        answers=rules,
        strict=options.strict,
    )


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    near = nearest(name.replace("_", "-"), known)
    if near:
        return _("did you mean {names}?").format(names=", ".join(near))
    return _("known faults: {names}").format(names=", ".join(known))


def _past_the_proxy(app: App, server: Sandbox) -> tuple[tuple[str, str], ...]:
    """What keeps a shell with a proxy from asking it for this machine."""
    from urllib.parse import urlsplit

    from stackspot_cli.network import proxies

    parts = urlsplit(server.url)
    assert parts.hostname and parts.port
    spared = proxies.sparing(parts.scheme, parts.hostname, parts.port, app.environ)
    return () if spared is None else (spared,)


def _listen(server: Sandbox, host: str, port: int) -> None:
    try:
        server.start()
    except OSError as error:
        raise cannot_listen(host, port, error) from error


def _announce(app: App, server: Sandbox) -> None:
    """The lines for a shell on stdout. Everything else on stderr, and first: who read the lines may go on."""
    import shlex

    terminal = app.terminal
    terminal.tell(
        _("an emulated StackSpot listens on {url}; paste the lines below into another shell").format(
            url=server.url
        )
    )
    terminal.tell(_("Ctrl-C ends it"))
    for name, value in (*server.environment.items(), *_past_the_proxy(app, server)):
        terminal.write(f"export {name}={shlex.quote(value)}\n")
    terminal.flush()
