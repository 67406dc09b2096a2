"""`stackspot login`: asks for credentials, proves them by a token, and stores them.

Knows the order of asking, proving and storing: nothing is stored that the service refused. Refuses to know how
a store keeps things and how a token is asked for (`auth` does).
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.login.proof import prove
from stackspot_cli.commands.login.questions import Person, Questions, answer, hear, key_from_stdin
from stackspot_cli.commands.shared_checks import note_what_passes
from stackspot_cli.domain import Secret
from stackspot_cli.errors import CredentialsRefused, LocalError, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.settings.setting import Setting
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.auth.credentials import Credentials
    from stackspot_cli.auth.stores import Entry, Store

HELP = _(
    "Store the credentials, after proving them.\n\n"
    "The client key is asked for without an echo, or comes by --key-stdin or "
    "STACKSPOTAI_CLIENT_KEY; never as an option. A second login replaces the first: that is how a "
    "key is rotated."
)


ATTEMPTS = 3  # of a person who is asked


@dataclass(frozen=True, slots=True)
class Options:
    """One call of `login`, as it was typed."""

    client_id: Annotated[
        str | None, typer.Option("--client-id", metavar="ID", help=_("The client id; asked for otherwise."))
    ] = None
    realm: Annotated[
        str | None,
        typer.Option("--realm", metavar="SLUG", help=_("The account's slug; asked for otherwise.")),
    ] = None
    key_stdin: Annotated[
        bool, typer.Option("--key-stdin", help=_("Read the client key from stdin instead of asking."))
    ] = False
    insecure_storage: shared_options.InsecureStorage = False
    no_verify: Annotated[
        bool, typer.Option("--no-verify", help=_("Store without asking the service for a token first."))
    ] = False


def run(options: Options, app: App) -> None:
    """Raises UsageError, AuthError and Unavailable where nothing was proved, LocalError where nothing was stored."""
    log_in(options, app, Person(app.terminal))


def log_in(options: Options, app: App, questions: Questions) -> None:
    """The same, with whoever answers the questions."""
    from stackspot_cli.settings.settings import Overrides

    app.override(Overrides(realm=options.realm))
    store = _chosen_store(app, options)
    credentials = _gather(app, options, store, questions)
    if not options.no_verify:
        credentials = _proved(app, options, store, questions, credentials)
    _forget_old_tokens(app)
    _store(app, store, credentials)
    _report(app, store, credentials, verified=not options.no_verify)


# --- asking ----------------------------------------------------------------------------------------


def _chosen_store(app: App, options: Options) -> Store:
    """The keyring, where there is one; else, if a person agrees, the private file. Raises what the keyring raised."""
    from stackspot_cli.auth.stores import StoreUnavailable

    if options.insecure_storage or app.terminal.stdin_kind != "terminal":
        return app.stores.file if options.insecure_storage else app.stores.keyring
    try:
        app.stores.keyring.get(app.settings.profile.value)
    except StoreUnavailable as problem:
        question = _("{problem}: store in a private, unencrypted file?").format(problem=problem.message)
        if not app.terminal.confirm(question):
            raise
        return app.stores.file
    return app.stores.keyring


def _proved(
    app: App, options: Options, store: Store, questions: Questions, credentials: Credentials
) -> Credentials:
    """The credentials, or those of a further attempt: a person who mistyped need not type all of it again."""
    attempts = ATTEMPTS if app.terminal.stdin_kind == "terminal" else 1
    while True:
        attempts -= 1
        try:
            prove(app, credentials)
        except CredentialsRefused as refusal:
            if not attempts:
                raise
            app.terminal.error(refusal)
            try:
                credentials = _gather(app, options, store, questions, mistyped=credentials)
            except UsageError:  # nothing more is typed
                raise refusal from None
        else:
            return credentials


def _gather(
    app: App,
    options: Options,
    store: Store,
    questions: Questions,
    mistyped: Credentials | None = None,
) -> Credentials:
    """What was said, typed, exported or stored before: the id and the realm may come from an earlier login.

    mistyped: what was refused a moment ago; its id and realm are offered again.
    """
    from stackspot_cli.auth.credentials import Credentials
    from stackspot_cli.auth.findings import id_is_doubtful
    from stackspot_cli.auth.stores import Entry, check_client_id, check_realm

    settings = app.settings
    profile = settings.profile.value
    asking = app.terminal.stdin_kind == "terminal"
    exported = app.stores.environment.get(profile) or Entry()
    previous = _previous(store, profile, must_work=asking) or Entry()
    client_id = exported.client_id or previous.client_id
    if settings.profile.explicit:  # its own comes before the environment's, here as elsewhere
        client_id = previous.client_id or exported.client_id
    if mistyped:
        client_id = None if asking and id_is_doubtful(mistyped) else mistyped.client_id
    if options.client_id is not None:
        client_id = Setting(check_client_id(options.client_id), "--client-id", "option")
    elif asking:
        typed = answer(questions, _("client id"), client_id.value if client_id else "")
        client_id = Setting(check_client_id(typed), _("typed"), "typed")
    key = _key(app, options, questions, exported.client_key)
    if client_id is None or key is None:
        raise _cannot_ask(no_id=client_id is None, no_key=key is None)
    realm = settings.realm
    if previous.realm is not None and realm.source not in ("option", "environment"):
        realm = previous.realm
    realm = mistyped.realm if mistyped else realm
    if asking and options.realm is None:
        typed = check_realm(answer(questions, _("realm, the account's slug"), realm.value))
        realm = realm if typed == realm.value else Setting(typed, _("typed"), "typed")
    return Credentials(client_id, key, realm)


def _previous(store: Store, profile: str, *, must_work: bool) -> Entry | None:
    """What an earlier login stored. must_work: a person is told of a keyring that fails before typing it all."""
    try:
        return store.get(profile)
    except LocalError:
        if must_work:
            raise
        return None


def _key(
    app: App, options: Options, questions: Questions, exported: Setting[Secret] | None
) -> Setting[Secret] | None:
    from stackspot_cli.auth.stores import check_client_key

    if app.terminal.stdin_kind == "terminal":  # `--key-stdin` as well: typed keys are not echoed
        question = _("client key (not shown)")
        if exported:
            question = _("client key (not shown; Enter takes the {origin})").format(origin=exported.origin)
        typed = hear(lambda: questions.ask_hidden(f"{question}: "))
        if not typed.strip() and exported:
            return exported
        return Setting(check_client_key(typed), _("typed"), "typed")
    if options.key_stdin:
        return Setting(check_client_key(key_from_stdin(app.terminal)), "--key-stdin", "option")
    return exported


def _cannot_ask(*, no_id: bool, no_key: bool) -> UsageError:
    if no_id and no_key:
        what = _("the client id and the client key are missing, and stdin is no terminal to ask at")
    elif no_id:
        what = _("the client id is missing, and stdin is no terminal to ask at")
    else:
        what = _("the client key is missing, and stdin is no terminal to ask at")
    return UsageError(
        what,
        _(
            "stackspot login --client-id ID --realm SLUG --key-stdin < key.txt, or set STACKSPOTAI_CLIENT_ID "
            "and STACKSPOTAI_CLIENT_KEY"
        ),
    )


# --- storing ---------------------------------------------------------------------------------------


def _forget_old_tokens(app: App) -> None:
    """A token had with the old key is good for minutes yet; it goes before the new key comes."""
    from stackspot_cli.auth.credentials import kept

    for old in kept(app.stores, app.settings.profile.value, app.settings.realm):
        with contextlib.suppress(OSError):
            app.token_folder.of(old).forget()


def _store(app: App, store: Store, credentials: Credentials) -> None:
    from datetime import UTC, datetime

    from stackspot_cli.auth.stores import Pair, StoreUnavailable

    profile = app.settings.profile.value
    pair = Pair(
        credentials.client_id.value, credentials.client_key.value, credentials.realm.value, datetime.now(UTC)
    )
    store.set(profile, pair)
    other = app.stores.keyring if store.name == "file" else app.stores.file
    try:
        other.delete(profile)  # one place for each profile: an older pair elsewhere could come first
    except StoreUnavailable as problem:
        if not problem.expected:
            app.terminal.note(
                _(
                    "{problem}: if it holds an older entry, that one comes first; `stackspot logout` removes it"
                ).format(problem=problem.message)
            )


def _report(app: App, store: Store, credentials: Credentials, *, verified: bool) -> None:
    from stackspot_cli.auth.findings import doubt_of_id, findings, id_is_doubtful

    terminal, settings = app.terminal, app.settings
    terminal.tell(
        _("stored client id {id}, client key and realm {realm} for profile {profile}: {store}").format(
            id=findings(credentials)[0].value,
            realm=credentials.realm.value,
            profile=settings.profile.value,
            store=store.describe(),
        )
    )
    if not verified:
        terminal.note(_("not proved: the service was not asked (--no-verify)"))
        if id_is_doubtful(credentials):
            terminal.note(doubt_of_id())
    if store.name == "file":
        terminal.note(_("this storage is not encrypted: whoever can read your files can read the key"))
    note_what_passes(app)
    from stackspot_cli.auth.stores import overriding_variables

    names = overriding_variables(app.environ)
    if names and not settings.profile.explicit:
        terminal.note(
            _("the environment comes before what was stored: unset {names} to use it").format(
                names=" ".join(names)
            )
        )
