"""`stackspot config`: shows and changes the settings of the config file.

Knows the subcommands; refuses to know how the file is read (`config_file`), what its keys mean (`config_keys`)
and how it is changed without touching the rest (`config_edit`). A client key is never taken from an argument.
"""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shell_values
from stackspot_cli.commands.shared_options import ListingFormat as Format
from stackspot_cli.domain import DOTS
from stackspot_cli.errors import CredentialsMissing, LocalError, StackSpotError, UsageError
from stackspot_cli.nearest import nearest
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _, untranslated

if TYPE_CHECKING:
    from stackspot_cli.auth.credentials import Credentials
    from stackspot_cli.auth.stores import Entry
    from stackspot_cli.settings.config_file import ConfigFile, Node
    from stackspot_cli.settings.setting_kinds import Kind
    from stackspot_cli.settings.settings import Places

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="rich" if sys.stdout is not None and sys.stdout.isatty() else None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    help=_("Show and change the settings."),
)


Key = Annotated[
    str,
    typer.Argument(
        metavar="KEY",
        help=_("With dots: providers.stackspot.client_realm."),
        autocompletion=shell_values.config_keys,
    ),
]


@app.callback()
def root(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit


@app.command(help=_("Every setting, and where it came from; the client key as dots."))
def show(
    ctx: typer.Context,
    format_: Annotated[Format, typer.Option("--format", help=_("text, or json for scripts."))] = Format.text,
) -> None:
    run_show(ctx.obj, format_)


@app.command(help=_("One value of the config file, as it is written there."))
def get(ctx: typer.Context, key: Key) -> None:
    run_get(ctx.obj, key)


@app.command("set", help=_("Change one value in the config file; comments, order and quotes stay."))
def set_(
    ctx: typer.Context,
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help=_("The new value."))],
) -> None:
    run_set(ctx.obj, key, value)


@app.command(help=_("Remove one value from the config file."))
def unset(ctx: typer.Context, key: Key) -> None:
    run_unset(ctx.obj, key)


@app.command(help=_("Where the config file is, or would be."))
def path(ctx: typer.Context) -> None:
    application: App = ctx.obj
    application.terminal.write(f"{application.places.config_path.value}\n")


@app.command(help=_("Open the config file in $EDITOR; what is broken is not kept."))
def edit(ctx: typer.Context) -> None:
    from stackspot_cli.commands.config.editor import run

    run(ctx.obj, ctx.obj.places.config_path.value)


@app.command("import", help=_("Take over a .aider.litellm.yml; keys written out in it move to the keyring."))
def import_(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help=_("Such a file; ./.aider.litellm.yml otherwise."))
    ] = ".aider.litellm.yml",
    insecure_storage: Annotated[
        bool, typer.Option("--insecure-storage", help=_("Keys to a private file, without a keyring."))
    ] = False,
) -> None:
    from stackspot_cli.commands.config.importing import run

    run(ctx.obj, file, insecure_storage=insecure_storage)


# --- looking ---------------------------------------------------------------------------------------


def run_show(application: App, format_: Format) -> None:
    """Raises UsageError for a value that cannot be one."""
    found = dict(_all_settings(application))
    terminal = application.terminal
    if format_ is Format.json:
        shown = {name: {"value": value, "origin": origin} for name, (value, origin) in found.items()}
        terminal.write_json(untranslated(shown))
        return
    rows = [(name, _as_written(value), f"({origin})") for name, (value, origin) in found.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for name, value, origin in rows:
        terminal.write(safe_line(f"{name.ljust(widths[0])}  {value.ljust(widths[1])}  {origin}", 1000) + "\n")


_SHOWN = (
    "idm_base",
    "api_base",
    "inference_base",
    "data_base",
    "tools_base",
    "model",
    "timeout_seconds",
    "deadline_seconds",
    "retries",
    "retry_wait_seconds",
    "history_enabled",
    "vi",
)


def _all_settings(application: App) -> list[tuple[str, tuple[object, str]]]:
    from stackspot_cli.auth.findings import findings

    settings = application.settings
    rows: list[tuple[str, tuple[object, str]]] = [
        ("profile", (settings.profile.value, settings.profile.origin)),
        ("config_file", (str(settings.config_path.value), settings.config_path.origin)),
    ]
    held: Credentials | Entry
    try:
        held = application.credentials
    except (CredentialsMissing, LocalError) as problem:
        application.terminal.note(problem.message)
        held = application.half_credentials
    rows += [(one.name, (one.value, one.origin)) for one in findings(held)]
    for field in _SHOWN:
        setting = getattr(settings, field)
        rows.append(
            (field.removesuffix("_seconds").removesuffix("_enabled"), (setting.value, setting.origin))
        )
    return rows


def _as_written(value: object) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "on" if value else "off"
        case float():
            return f"{value:g}"
    return str(value)


def run_get(application: App, dotted: str) -> None:
    """Raises UsageError for a key that nobody knows, or that is not set."""
    from stackspot_cli.settings import config_keys

    keys = config_keys.split(dotted)
    config = _read(application.places)
    node = config.root.at(*keys)
    if node is None or node.value is None:
        _known_kind(keys)
        raise UsageError(
            _("{key} is not set in {path}").format(key=dotted, path=config.path),
            _("`stackspot config show` prints the values that apply"),
        )
    for name, text in _leaves(node, keys):
        line = text if name == keys else f"{config_keys.join(name[len(keys) :])}: {text}"
        application.terminal.write(f"{safe_line(line, 10_000)}\n")


def _leaves(node: Node, keys: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    match node.value:
        case tuple() as items:
            return [leaf for at, one in enumerate(items) for leaf in _leaves(one, (*keys, str(at)))]
        case None | str() | int() | float() as scalar:
            return [(keys, _masked(keys, scalar))]
        case mapping:
            return [leaf for key, one in mapping.items() for leaf in _leaves(one, (*keys, key))]


def _masked(keys: tuple[str, ...], scalar: object) -> str:
    """As written, but for a secret that is written out. Unknown keys that sound like one are masked as well."""
    from stackspot_cli.settings.config_file import is_literal

    sounds_secret = any(sign in keys[-1].lower() for sign in ("key", "secret", "token", "password"))
    if sounds_secret and is_literal(str(scalar)) and not isinstance(scalar, int | float):
        return DOTS
    return _as_written(scalar) if scalar is not None else ""


# --- changing --------------------------------------------------------------------------------------


def run_set(application: App, dotted: str, value: str) -> None:
    """Raises UsageError for a key or value that is not one, LocalError where the file cannot be written."""
    from stackspot_cli.settings import config_edit, config_file, config_keys, setting_kinds

    keys = config_keys.split(dotted)
    kind = _known_kind(keys)
    value = value.strip()
    if not value:
        raise UsageError(
            _("there is no value for {key}").format(key=dotted),
            _("stackspot config unset {key}").format(key=dotted),
        )
    refers = config_file.REFERENCE.search(value) is not None
    if kind is setting_kinds.SECRET and config_file.is_literal(value):
        raise UsageError(
            _("a client key does not belong into an argument, where every process can read it"),
            _("type `stackspot login`, or name a variable: stackspot config set {key} '${{NAME}}'").format(
                key=dotted
            ),
        )
    if not refers:
        try:
            kind.read(value)
        except ValueError as problem:
            raise UsageError(
                _("{key} {problem}").format(key=dotted, problem=problem), _("nothing was changed")
            ) from problem
    path = application.places.config_path.value
    change = config_edit.Change(keys, value, typed=kind.typed and not refers)
    config_edit.apply(path, [change])
    application.step(_("{key} is set in {path}").format(key=dotted, path=path))
    note_what_passes(application)
    if keys[0] == "providers" and keys[2:] == ("client_realm",) and not refers:
        _note_other_realm(application, keys[1], value)


def note_what_passes(application: App) -> None:
    """Said of the sandbox's own config file; one that was named is the person's and stays."""
    if application.places.config_path.source == "default":
        application.note_what_passes()


def _note_other_realm(application: App, profile: str, realm: str) -> None:
    """A pair that `login` stored was proved with a realm, and keeps it: the file's then counts for nothing."""
    try:
        stores = application.stores
        entries = [store.get(profile) for store in (stores.keyring, stores.file)]
    except StackSpotError:
        return  # what cannot be asked for holds no realm either; other commands say what is wrong with it
    stored = next((entry.realm for entry in entries if entry and entry.realm), None)
    if stored is not None and stored.value != realm:
        command = shlex.join(["stackspot", "--profile", profile, "login", "--realm", realm])
        application.terminal.note(
            _(
                "the stored credentials of profile {profile} are for realm {realm}, which comes first: "
                "`{command}` changes it"
            ).format(profile=profile, realm=stored.value, command=command)
        )


def run_unset(application: App, dotted: str) -> None:
    """Twice is no error. Raises UsageError for a key that nobody knows and that is not there."""
    from stackspot_cli.settings import config_edit, config_keys

    keys = config_keys.split(dotted)
    config = _read(application.places)
    if config.root.at(*keys) is None:
        if not config_keys.is_group(keys):
            _known_kind(keys)
        application.terminal.note(_("{key} was not set in {path}").format(key=dotted, path=config.path))
        return
    config_edit.apply(config.path, [config_edit.Change(keys, None)])
    application.step(_("{key} is gone from {path}").format(key=dotted, path=config.path))
    note_what_passes(application)


def _known_kind(keys: tuple[str, ...]) -> Kind[object]:
    """Raises UsageError for a key that nobody reads, with the nearest that somebody does."""
    from stackspot_cli.settings import config_keys

    kind = config_keys.kind_of(keys)
    if kind is not None:
        return kind
    name = config_keys.join(keys)
    if config_keys.is_group(keys):
        raise UsageError(
            _("{key} is a group of keys").format(key=name),
            _("name one of them: {example}").format(example=config_keys.join((*keys, *_below(keys)))),
        )
    known = config_keys.known_beside(keys)
    near = nearest(keys[-1], known, also_called=config_keys.ALSO_CALLED)
    if near:
        names = ", ".join(config_keys.join((*keys[:-1], one)) for one in near)
        hint = _("did you mean {names}?").format(names=names)
    elif known:
        hint = _("known here: {names}").format(names=", ".join(known))
    else:
        hint = _("write keys with dots: providers.stackspot.client_realm")
    raise UsageError(_("there is no setting {key}").format(key=name), hint)


def _below(keys: tuple[str, ...]) -> tuple[str, ...]:
    return {1: ("stackspot", "client_realm"), 2: ("client_realm",), 3: ("NAME", "agent")}.get(
        len(keys), ("agent",)
    )


def _read(places: Places) -> ConfigFile:
    from stackspot_cli.settings import config_file

    return config_file.read(places.config_path.value, required=places.config_required)
