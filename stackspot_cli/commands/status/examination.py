"""What `status` looks at: the token, the services, the clock, the keyring, the files.

Knows whom to ask; refuses to know how what was found looks (`report`).
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from stackspot_cli.app import App
from stackspot_cli.auth.findings import doubt_of_id, findings, id_is_doubtful
from stackspot_cli.commands.status.report import (
    FileFacts,
    Here,
    KeyringFacts,
    Part,
    QuotaFacts,
    Report,
    ServiceFacts,
    TokenFacts,
)
from stackspot_cli.commands.status.values import SERVICES, setting_values
from stackspot_cli.errors import StackSpotError, Unavailable
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.translation import _, untranslated

if TYPE_CHECKING:
    from stackspot_cli.auth.credentials import Credentials
    from stackspot_cli.network.patience import Patience
    from stackspot_cli.network.probe import Probe
    from stackspot_cli.settings.settings import Settings

T = TypeVar("T")

OLD_KEY_DAYS = 90  # the integration document: "regularly rotate credentials"
SKEW_SECONDS = 60.0  # more would spoil the reckoning of when a token ends
TOKEN_SECONDS = 10.0  # a person looks on: a service that is silent for so long is told of, not waited for
LONGEST_NAP = 1.0  # seconds; Windows hears no Ctrl-C while it waits for a queue without an end


def examine(app: App, *, offline: bool) -> Iterator[Part]:
    """Looks at everything: each part as soon as it is known, the whole at last.

    Raises UsageError where the settings cannot be read.
    """
    settings = setting_values(app)
    yield settings
    credentials, failure = _credentials(app)
    token = TokenFacts() if credentials is None else cached_token(app)
    here = Here(
        findings(credentials or app.half_credentials),
        token,
        _keyring(app),
        quota_facts(app, credentials),
        _files(app, app.settings),
    )
    yield here
    services = () if offline else (yield from _services(app, app.settings))
    if credentials is not None and not offline:
        token, failure = new_token(app, token)
    yield Report(
        settings,
        here,
        services,
        token,
        failure,
        clock_skew_seconds=_clock_skew([service.probe for service in services]),
        remarks=tuple(remarks(credentials, services)),
        offline=offline,
    )


def _credentials(app: App) -> tuple[Credentials | None, StackSpotError | None]:
    try:
        return app.credentials, None
    except StackSpotError as problem:
        return None, problem


def cached_token(app: App) -> TokenFacts:
    cached = app.token_source.peek()
    left = cached.expires_at - time.time() if cached is not None else 0.0
    if cached is None or left <= 0:
        return TokenFacts()
    return TokenFacts(True, left, datetime.fromtimestamp(cached.expires_at, UTC))


def new_token(app: App, cached: TokenFacts) -> tuple[TokenFacts, StackSpotError | None]:
    """Asked for although a cached one may be good: that one shows only what was true then."""
    began = time.perf_counter()
    source = app.token_source_for(retries=False)
    try:
        token = source.prove(patience(app))
    except StackSpotError as problem:
        problem.hint = _hint(problem)
        facts = replace(cached, problem=problem.message)
        if isinstance(problem, Unavailable) and cached.cached:
            return facts, None  # it serves until it ends
        return facts, problem
    lives = token.expires_at - token.obtained_at if token.keep else None
    seconds = time.perf_counter() - began
    return replace(cached, new_in_seconds=seconds, new_lives_seconds=lives), None


def _hint(failure: StackSpotError) -> str:
    """The error's own, but for one that sends people here, or to an option that this command has not."""
    english = str(untranslated(failure.hint))
    if not isinstance(failure, Unavailable) or not any(
        sign in english for sign in ("`stackspot status`", "--timeout")
    ):
        return failure.hint
    return _(
        "the report on stdout shows how far each service was reached; check the network and the proxy there"
    )


def patience(app: App) -> Patience:
    """With the token service, while a person looks on."""
    return app.client.patience().another(silence_seconds=TOKEN_SECONDS)


def _services(app: App, settings: Settings) -> Generator[ServiceFacts, None, tuple[ServiceFacts, ...]]:
    """All at once, each address once, however many services it stands for; told as they answer.

    In threads that nobody waits for: whoever presses Ctrl-C wants to leave now.
    """
    from stackspot_cli.network.probe import probe
    from stackspot_cli.network.tls import tls_context

    addresses = {name.removesuffix("_base"): getattr(settings, name).value for name in SERVICES}
    answers: SimpleQueue[Probe | BaseException] = SimpleQueue()

    def look(url: str) -> None:
        try:
            answers.put(probe(url, app.environ, lambda: tls_context(app.environ), direct=app.options.sandbox))
        except BaseException as error:  # noqa: BLE001  # raised where somebody listens
            answers.put(error)

    distinct = dict.fromkeys(addresses.values())
    for url in distinct:
        try:
            Thread(target=look, args=(url,), name="probe", daemon=True).start()
        except RuntimeError:  # no thread is to be had: one after the other
            look(url)
    seen: dict[str, Probe] = {}
    while len(seen) < len(distinct):
        answer = _next(answers, app.terminal.idle)
        if isinstance(answer, BaseException):
            raise answer
        seen[answer.url] = answer
        for name, url in addresses.items():
            if url == answer.url:
                yield ServiceFacts(name, answer)
    return tuple(ServiceFacts(name, seen[url]) for name, url in addresses.items())


def _next(answers: SimpleQueue[T], idle: Callable[[], float | None]) -> T:
    """The next answer; the screen is served meanwhile."""
    while True:
        try:
            return answers.get(timeout=idle() or LONGEST_NAP)
        except Empty:
            continue


def _clock_skew(probes: list[Probe]) -> float | None:
    """How far this machine's clock is ahead of the services', to the second that their header tells."""
    skews = [round(time.time() - probe.server_time) for probe in probes if probe.server_time is not None]
    return float(sorted(skews)[len(skews) // 2]) if skews else None


def _keyring(app: App) -> KeyringFacts:
    from stackspot_cli.auth.keyring_store import KeyringStore
    from stackspot_cli.auth.stores import StoreUnavailable

    store = app.stores.keyring
    assert isinstance(store, KeyringStore)
    try:
        name = store.backend_name()
        held = store.get(app.settings.profile.value) is not None
    except StoreUnavailable as problem:
        return KeyringFacts(None, False, problem.message)
    return KeyringFacts(name, held, None)


def quota_facts(app: App, credentials: Credentials | None) -> QuotaFacts:
    """credentials: None where there are none, so that nothing of theirs was counted."""
    settings = app.settings
    used = None if credentials is None else app.quota.used()
    return QuotaFacts(settings.per_minute.value, settings.per_day.value, used)


def _files(app: App, settings: Settings) -> tuple[FileFacts, ...]:
    from stackspot_cli.auth.file_store import FILE_NAME

    places = (
        ("config_file", settings.places.config_path.value),
        ("private_file", settings.places.data_dir / FILE_NAME),
        ("token_cache", app.token_folder.path),
        ("history", settings.places.history_path),
    )
    return tuple(_file(name, path) for name, path in places)


def _file(name: str, path: Path) -> FileFacts:
    try:
        facts = path.stat()
    except OSError:
        return FileFacts(name, str(path), None, private=True)
    mode = stat.S_IMODE(facts.st_mode)
    private = os.name == "nt" or (not mode & 0o077 and facts.st_uid == os.getuid())
    return FileFacts(name, str(path), f"{mode:04o}", private)


def remarks(credentials: Credentials | None, services: tuple[ServiceFacts, ...]) -> list[str]:
    """What a person should see to, although it works."""
    said = [doubt_of_id()] if credentials is not None and id_is_doubtful(credentials) else []
    if credentials is not None and credentials.stored_at is not None:
        days = (datetime.now(UTC) - credentials.stored_at).days
        if days > OLD_KEY_DAYS:
            said.append(
                _(
                    "the key was stored {days} days ago: make a new one in the portal and type `stackspot login`"
                ).format(days=days)
            )
    skew = _clock_skew([service.probe for service in services])
    if skew is not None and abs(skew) > SKEW_SECONDS:
        said.append(
            _(
                "this machine's clock is {seconds:+.0f} s off: set it right, or tokens are renewed at the wrong time"
            ).format(seconds=skew)
        )
    return said
