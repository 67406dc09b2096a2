"""Every setting, with where it came from: option, then environment, then the profile in the config file, then
default.

Knows which settings there are, their names on each rung and their defaults; refuses to know a client id or key
(`credentials` does), and touches nothing but the config file, which it only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from stackspot_cli.errors import ConfigError, StackSpotError, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.model import SERVICES, Model, Route, Service
from stackspot_cli.routes import named
from stackspot_cli.settings import config_file, config_keys, model_catalogue, references
from stackspot_cli.settings import setting_kinds as kinds
from stackspot_cli.settings.config_file import ConfigFile, Node
from stackspot_cli.settings.ladder import Ladder
from stackspot_cli.settings.places import Places, locate
from stackspot_cli.settings.setting import Setting
from stackspot_cli.settings.substitution import is_failed_reference
from stackspot_cli.translation import _, joined

DEFAULT_PROFILE = "stackspot"
DEFAULT_REALM = "stackspot"
DEFAULT_MODEL = "stackspot-ai"
DEFAULT_TIMEOUT_SECONDS = 180.0  # a first byte after 97 s has been seen
DEFAULT_RETRIES = 2
DEFAULT_RETRY_WAIT_SECONDS = 0.5
DEFAULT_MAX_ANSWER_BYTES = 64 * 1024 * 1024  # a thousand times what any model writes
SERVICE_HOSTS: Mapping[str, str] = {
    "idm_base": "https://idm.stackspot.com",
    "api_base": "https://genai-code-buddy-api.stackspot.com",
    "inference_base": "https://genai-inference-app.stackspot.com",
    "data_base": "https://data-integration-api.stackspot.com",
    "tools_base": "https://genai-agent-tools-api.stackspot.com",
}


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line said; None where it said nothing.

    endpoint_url: one address in place of all service hosts, above everything else (the sandbox's).
    """

    profile: str | None = None
    config: str | Path | None = None
    model: str | None = None
    realm: str | None = None
    timeout: float | None = None
    deadline: float | None = None
    retries: int | None = None
    history: bool | None = None
    vi: bool | None = None
    send_secrets: bool | None = None
    endpoint_url: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one command.

    profile: an explicit one (`--profile`) has its own stored credentials before the environment's. Waits are in
    seconds; a deadline of None never comes. per_minute, per_day: the quota in requests, None for none that is known.
    """

    profile: Setting[str]
    places: Places
    realm: Setting[str]
    idm_base: Setting[str]
    api_base: Setting[str]
    inference_base: Setting[str]
    data_base: Setting[str]
    tools_base: Setting[str]
    model: Setting[str]
    timeout_seconds: Setting[float]
    deadline_seconds: Setting[float | None]
    retries: Setting[int]
    retry_wait_seconds: Setting[float]
    per_minute: Setting[int | None]
    per_day: Setting[int | None]
    max_answer_bytes: Setting[int]
    history_enabled: Setting[bool]
    vi: Setting[bool]
    send_secrets: Setting[bool]
    models: tuple[Model, ...]
    aliases: Mapping[str, str]
    config: ConfigFile

    def find_model(self, reference: str) -> Model:
        """`NAME`, an alias, `agent:ULID` or `command:SLUG` to its model. UsageError with the nearest names."""
        return model_catalogue.find(self.models, reference, self.aliases)

    def by_name(self, reference: str) -> tuple[Route, str] | None:
        """See `references.by_name`; an alias may stand for such a reference."""
        return references.by_name(self.aliases.get(reference, reference))

    def usual_model(self, find: Callable[[str], Model] | None = None) -> Model:
        """The one that is asked where none is named. Errors: UsageError that says where the name stands.

        find: who finds it, where that is not `find_model` alone.
        """
        try:
            return (find or self.find_model)(self.model.value)
        except UsageError as error:
            setting = self.model
            if setting.source == "config":
                where, step = (
                    f"default_model: {setting.place}",
                    _("`stackspot config set default_model NAME` changes it"),
                )
            elif setting.source == "environment":
                name = setting.origin.split()[-1]
                where, step = setting.origin, _("correct {name}, or unset it").format(name=name)
            else:
                raise
            error.message = _("{problem} ({where})").format(problem=error.message, where=where)
            error.hint = joined("; ", filter(None, (step, error.hint)))
            error.args = (error.message,)
            raise

    def find_target(self, route: str, reference: str) -> str:
        """A target of this route, by a model's name, `agent:ULID`, or as itself. Errors: UsageError."""
        return model_catalogue.find_target(self.models, named(route), reference)

    def base(self, service: Service) -> Setting[str]:
        """The address of a service."""
        found: Setting[str] = getattr(self, f"{service}_base")
        return found

    @property
    def addresses(self) -> dict[Service, str]:
        """Of all services."""
        return {service: self.base(service).value for service in SERVICES}

    def explain_failure(self, failure: StackSpotError, url: str) -> None:
        """Where the address came from that was asked, in the hint of a failure that it can be to blame for."""
        from stackspot_cli.settings import suspect_address  # deferred: few calls fail

        suspect_address.tell(map(self.base, SERVICES), failure, url)


def load(overrides: Overrides, environ: Mapping[str, str], *, note: Callable[[str], None]) -> Settings:
    """Reads the config file, where there is one, and decides every setting.

    note: told, at most once each, of keys that nobody reads and of a key written out in the file.
    Errors: UsageError for an option or a variable, ConfigError for the file; both name the place.
    """
    places = locate(overrides.config, environ)
    config = config_file.read(places.config_path.value, required=places.config_required, note=note)
    config_keys.check_shape(config)
    profile = _profile(overrides, environ, config)
    _note_what_is_odd(config, profile.value, note)
    ladder = Ladder(environ, config, profile.value)
    said, pick, sends = overrides, ladder.pick, ("--send-secrets", overrides.send_secrets)
    return Settings(
        profile=profile,
        places=places,
        realm=_realm(said, ladder, explicit=profile.explicit),
        **_addresses(said, ladder),
        model=pick(kinds.TEXT, ("--model", said.model), ("MODEL",), "default_model", DEFAULT_MODEL),
        timeout_seconds=pick(
            kinds.SECONDS, ("--timeout", said.timeout), ("TIMEOUT",), "timeout", DEFAULT_TIMEOUT_SECONDS
        ),
        deadline_seconds=pick(kinds.DEADLINE, ("--deadline", said.deadline), ("DEADLINE",), "deadline", None),
        retries=pick(kinds.COUNT, ("--retries", said.retries), ("RETRIES",), "retries", DEFAULT_RETRIES),
        retry_wait_seconds=pick(kinds.WAIT, None, ("RETRY_WAIT",), "retry_wait", DEFAULT_RETRY_WAIT_SECONDS),
        per_minute=pick(kinds.LIMIT, None, ("PER_MINUTE",), ("quota", "per_minute"), None),
        per_day=pick(kinds.LIMIT, None, ("PER_DAY",), ("quota", "per_day"), None),
        max_answer_bytes=pick(
            kinds.BYTES, None, ("MAX_ANSWER_BYTES",), "max_answer_bytes", DEFAULT_MAX_ANSWER_BYTES
        ),
        history_enabled=pick(kinds.SWITCH, ("--no-history", said.history), ("HISTORY",), "history", True),
        vi=pick(kinds.SWITCH, ("--vi", said.vi), (), "vi", False),
        send_secrets=pick(kinds.SWITCH, sends, ("SEND_SECRETS",), "send_secrets", False),
        models=_models(ladder),
        aliases=_aliases(ladder),
        config=config,
    )


def _profile(overrides: Overrides, environ: Mapping[str, str], config: ConfigFile) -> Setting[str]:
    ladder = Ladder(environ, config, "")
    found = ladder.from_option(kinds.TEXT, ("--profile", overrides.profile or None))
    found = found or ladder.from_environment(kinds.TEXT, ("PROFILE",))
    if found:
        return found
    node = config.root.at("default_profile")
    read = ladder.read(kinds.TEXT, ("default_profile",), node) if node else None
    if read:
        return Setting(read[0], str(config.path), "config")
    return Setting(DEFAULT_PROFILE, _("default"), "default")


def _realm(overrides: Overrides, ladder: Ladder, *, explicit: bool) -> Setting[str]:
    """With an explicit profile its own realm stands before the environment's: a realm belongs to a key."""
    variables = ("REALM", "STACKSPOT_REALM")
    own = ladder.from_config(kinds.REALM, "client_realm") if explicit else None
    return ladder.from_option(kinds.REALM, ("--realm", overrides.realm)) or (
        own or ladder.pick(kinds.REALM, None, variables, "client_realm", DEFAULT_REALM)
    )


def _addresses(overrides: Overrides, ladder: Ladder) -> dict[str, Setting[str]]:
    """Each service's address. On every rung the one that names the service stands before `endpoint_url`."""
    everywhere = ladder.from_option(kinds.ADDRESS, ("--sandbox", overrides.endpoint_url))
    found = {}
    for key, default in SERVICE_HOSTS.items():
        found[key] = (
            everywhere
            or ladder.from_environment(kinds.ADDRESS, (key.upper(), "ENDPOINT_URL"))
            or ladder.from_config(kinds.ADDRESS, key)
            or ladder.from_config(kinds.ADDRESS, "endpoint_url")
            or Setting(default, _("default"), "default")
        )
    return found


def _models(ladder: Ladder) -> tuple[Model, ...]:
    config = ladder.config
    entries = []
    for name, below in config.root.items("providers", ladder.profile, "models"):
        keys = ("providers", ladder.profile, "models", name)
        values = {}
        for key, value in below.items():
            kind = config_keys.MODEL_KEYS.get(key)
            read = ladder.read(kind, (*keys, key), value) if kind else None
            if read:
                values[key] = read[0]
        entries.append(model_catalogue.entry(name, values, _Misplaced(config, below, keys)))
    return model_catalogue.merge(entries)


def _aliases(ladder: Ladder) -> dict[str, str]:
    """Other names of models. What one stands for is looked up when it is asked for: a wrong one harms no other."""
    found = {}
    for name, node in ladder.config.root.items("providers", ladder.profile, "aliases"):
        read = ladder.read(kinds.TEXT, ("providers", ladder.profile, "aliases", name), node)
        if read:
            found[name] = str(read[0])
    return found


@dataclass(frozen=True, slots=True)
class _Misplaced:
    """Makes the error that names a model entry's place."""

    config: ConfigFile
    node: Node
    keys: tuple[str, ...]

    def __call__(self, problem: str) -> ConfigError:
        name = config_keys.join(self.keys)
        return self.config.error(self.node, _("{key} {problem}").format(key=name, problem=problem))


def _note_what_is_odd(config: ConfigFile, profile: str, note: Callable[[str], None]) -> None:
    unknown = []
    for keys, _node in config_keys.unknown_keys(config.root, profile):
        from stackspot_cli.nearest import nearest  # deferred: only a mistake needs it

        near = nearest(keys[-1], config_keys.known_beside(keys), most=1, also_called=config_keys.ALSO_CALLED)
        name = config_keys.join(keys)
        unknown.append(_("{key} (did you mean {near}?)").format(key=name, near=near[0]) if near else name)
    if unknown:
        note(
            _("{path}: keys that mean nothing here: {keys}").format(path=config.path, keys=", ".join(unknown))
        )
    key = config.key_written_out(profile)
    if key is not None and not is_failed_reference(str(key.value)):
        import shlex  # deferred: few files hold a key

        note(
            _(
                "the client key is written out in {place}; `stackspot config import {path}` moves it to the keyring"
            ).format(place=config.place(key), path=shlex.quote(str(config.path)))
        )
