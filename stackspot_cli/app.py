"""The composition root: builds each service once, on first use, out of one place for time, environment, streams.

The home of deferred imports: without the network no httpx is loaded, with credentials in the environment no keyring.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING

from stackspot_cli import __version__
from stackspot_cli.account import Account
from stackspot_cli.errors import StackSpotError
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.listener import Listener
from stackspot_cli.process.forks import of_this_process
from stackspot_cli.settings.calling import GlobalOptions, reaching
from stackspot_cli.terminal.streams import Terminal

if TYPE_CHECKING:
    from stackspot_cli.auth.credentials import Credentials, Stores
    from stackspot_cli.auth.stores import Entry
    from stackspot_cli.auth.token_cache import TokenFolder
    from stackspot_cli.auth.token_source import TokenSource
    from stackspot_cli.client.client import Client
    from stackspot_cli.client.uploads import Uploads
    from stackspot_cli.history.store import History
    from stackspot_cli.model import Model
    from stackspot_cli.network.connections import Connections
    from stackspot_cli.network.shared_quota import SharedQuota
    from stackspot_cli.sandbox import Sandbox
    from stackspot_cli.settings.places import Places
    from stackspot_cli.settings.settings import Overrides, Settings


class App:
    """Everything that a command may need. `close` lets go of what was opened."""

    version = __version__

    def __init__(
        self,
        environ: Mapping[str, str],
        terminal: Terminal,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.environ = environ
        self.terminal = terminal
        self.options = GlobalOptions()
        self.now = now
        self.sleep = sleep
        self._overrides: Overrides | None = None
        self._settings: Settings | None = None
        self._closing: list[Callable[[], object]] = []

    def set_options(self, options: GlobalOptions) -> None:
        """What was said before the command; known only after the first services of the process exist."""
        self.options = options
        self.terminal.no_color = options.no_color
        self.terminal.reaching = lambda text: reaching(options.program, text)

    def ends(self, began: float) -> float | None:
        """The `now()`-time at which a command that began then has to be over; None without a deadline."""
        seconds = self.settings.deadline_seconds.value
        return None if seconds is None else began + seconds

    # --- settings ----------------------------------------------------------------------------------

    def override(self, overrides: Overrides) -> None:
        """A command's own options that are settings. Profile and config file are said before the command."""
        assert self._settings is None, "options come before the first use of the settings"
        self._overrides = overrides

    @property
    def settings(self) -> Settings:
        """Raises UsageError, ConfigError."""
        if self._settings is None:
            from stackspot_cli.settings.settings import Overrides, load

            said = self.options
            overrides = replace(self._overrides or Overrides(), profile=said.profile, config=said.config)
            if said.sandbox:
                overrides = replace(overrides, endpoint_url=self.sandbox.url, realm=self.sandbox.realm)
            self._settings = load(overrides, self._own_environ, note=self.terminal.note)
        return self._settings

    @cached_property
    def places(self) -> Places:
        """Where the files lie; unlike `settings`, this reads none, so that a broken one can be mended."""
        from stackspot_cli.settings.places import locate

        return locate(self.options.config, self._own_environ)

    @property
    def _own_environ(self) -> Mapping[str, str]:
        if self.options.sandbox:
            return {**self.environ, "STACKSPOTAI_HOME": self._sandbox_home}
        return self.environ

    @cached_property
    def sandbox(self) -> Sandbox:
        """The emulated service of `--sandbox`, running until `close`."""
        from stackspot_cli.sandbox import Sandbox

        server = Sandbox().start()
        self._closing.append(of_this_process(server.stop))
        return server

    @cached_property
    def _sandbox_home(self) -> str:
        from stackspot_cli.files.scratch_folders import ScratchFolder

        folder = ScratchFolder("sandbox")
        self._closing.append(of_this_process(folder.remove))
        return str(folder.path)

    # --- services ----------------------------------------------------------------------------------

    @cached_property
    def credentials(self) -> Credentials:
        """Raises CredentialsMissing, and what the stores raise."""
        from stackspot_cli.auth import credentials

        if self.options.sandbox:
            told = self.sandbox
            return credentials.Credentials.of_sandbox(told.client_id, told.client_key, told.realm)
        said, note = self.settings, self.terminal.note
        return credentials.find(self.stores, profile=said.profile, realm=said.realm, note=note)

    @cached_property
    def account(self) -> Account:
        """Whose the conversations of this call are. Without credentials no client id is known, and no realm."""
        addresses = dict.fromkeys(self.settings.base(name).value for name in ("idm", "api", "inference"))
        account = Account(self.settings.profile.value, " ".join(addresses))
        try:
            credentials = self.credentials
        except StackSpotError:  # who has none comes no further than `--dry-run`
            return account
        from stackspot_cli.auth.findings import id_to_remember

        return replace(account, realm=credentials.realm.value, client_id=id_to_remember(credentials))

    @property
    def half_credentials(self) -> Entry:
        """What there is where `credentials` finds no pair: to be shown, never to be used."""
        from stackspot_cli.auth import credentials

        return credentials.halves(self.stores, profile=self.settings.profile, realm=self.settings.realm)

    @cached_property
    def stores(self) -> Stores:
        """Where credentials may be kept."""
        from stackspot_cli.auth import all_stores

        config, note = self.settings.config, self.terminal.note
        in_memory = self.options.sandbox
        return all_stores.of(self.environ, self.places.data_dir, config, note, keyring_in_memory=in_memory)

    @cached_property
    def connections(self) -> Connections:
        from stackspot_cli.network.connections import Connections
        from stackspot_cli.network.retry import RetryPolicy

        policy = RetryPolicy(self.settings.retries.value, self.settings.retry_wait_seconds.value)
        agent, direct = f"stackspot-cli/{__version__}", self.options.sandbox
        failed = self.settings.explain_failure
        made = Connections(
            self.environ, policy, agent, self.listener, self.sleep, failed=failed, direct=direct
        )
        self._closing.append(made.close)
        return made

    @property
    def listener(self) -> Listener:
        """Who hears what happens on the way to an answer."""
        from stackspot_cli.terminal.narrator import narrator

        said = self.options
        return narrator(self.terminal, steps=said.verbose or said.debug, wire=said.debug)

    @cached_property
    def token_folder(self) -> TokenFolder:
        from stackspot_cli.auth.token_cache import TokenFolder

        settings = self.settings
        return TokenFolder(settings.places.cache_dir / "tokens", settings.idm_base.value, self.terminal.note)

    @cached_property
    def token_source(self) -> TokenSource:
        return self.token_source_for()

    def token_source_for(
        self, credentials: Credentials | None = None, *, retries: bool = True
    ) -> TokenSource:
        """Tokens for credentials that need not be the ones in use (None): not stored yet, or to be tried once."""
        from stackspot_cli.auth.environment_store import EnvironmentStore
        from stackspot_cli.auth.token_source import TokenSource

        source = TokenSource(
            lambda: self.connections.exchange if retries else self.connections.exchange.without_retries(),
            lambda: credentials or self.credentials,
            idm_base=self.settings.idm_base.value,
            folder=None if self.options.sandbox else self.token_folder,
            others=EnvironmentStore(self.environ).secrets(),
            expect=lambda address: self.connections.expect(address),
        )
        self.terminal.hide(source.mask)
        return source

    @cached_property
    def client(self) -> Client:
        from stackspot_cli.client.client import Client

        settings = self.settings
        return Client(
            lambda: self.connections.exchange,
            self.token_source,
            settings.addresses,
            version=__version__,
            silence_seconds=settings.timeout_seconds.value,
            deadline_seconds=settings.deadline_seconds.value,
            listener=self.listener,
            idle=self.terminal.idle,
            now=self.now,
            poll_seconds=self.poll_seconds,
            longest_answer_bytes=settings.max_answer_bytes.value,
            sends_secrets=settings.send_secrets.value or self.options.sandbox,
            program="" if self.options.sandbox else self.options.program,
            quota=lambda: self.quota,
            expect=lambda address: self.connections.expect(address),
        )

    def find_model(self, reference: str, *, may_ask: bool = True) -> Model:
        """Also an agent by its name, from the account's list. may_ask: the service for it. Raises StackSpotError."""
        if self.settings.by_name(reference) is None:
            return self.settings.find_model(reference)
        from stackspot_cli.client import agent_names

        client = (lambda: self.client) if may_ask else None
        return agent_names.find_model(self.settings, reference, self.account, client)

    @cached_property
    def quota(self) -> SharedQuota:
        """Of this credential at these services, for all processes. Raises what finding credentials raises."""
        from stackspot_cli.network.quota import Limits
        from stackspot_cli.network.shared_quota import SharedQuota

        settings, pair = self.settings, self.credentials
        whose = (pair.client_id.value, pair.realm.value, *settings.addresses.values())
        limits = Limits(settings.per_minute.value, settings.per_day.value)
        return SharedQuota.of(settings.places.cache_dir / "quota", whose, limits, self.terminal.note)

    def new_uploads(self) -> Uploads:
        """For one conversation: another one has seen none of its files."""
        from stackspot_cli.client.uploads import Uploads

        return Uploads(self.client, self.connections.exchange, idle=self.terminal.idle)

    @property
    def poll_seconds(self) -> float:
        """Between two questions how far something is; the sandbox has no quota that they count against."""
        return 0.2 if self.options.sandbox else 5.0

    @cached_property
    def history(self) -> History:
        from stackspot_cli.history.store import History

        history = History(self.settings.places.history_path, note=self.terminal.note)
        self._closing.append(history.close)
        return history

    @property
    def kept_history(self) -> History | None:
        """The history, where the settings let this call be kept."""
        return self.history if self.settings.history_enabled.value else None

    @property
    def keeps_answers(self) -> bool:
        """Whether `stackspot history` will have this call's answer: the sandbox's own history goes with it."""
        return self.settings.history_enabled.value and not self.options.sandbox

    # --- the end -----------------------------------------------------------------------------------

    def close(self) -> None:
        """Lets go of connections, the sandbox and its folder. Safe to call twice."""
        while self._closing:
            self._closing.pop()()

    def renew_after_fork(self) -> None:
        """Before Python 3.12 a property that another thread of the parent was just making is locked for ever."""
        for made in vars(type(self)).values():
            if isinstance(made, cached_property) and hasattr(made, "lock"):
                made.lock = RLock()
