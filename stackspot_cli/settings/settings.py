"""Every setting, with where it came from: option, then environment, then the profile in the config file, then
default.

Knows the names of the variables and keys, and the platform's folders; refuses to know a client id or key
(`credentials` does), and touches nothing but the config file, which it only reads.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from stackspot_cli.domain import Setting as Setting  # also of this module's vocabulary
from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.model import Model, Service
from stackspot_cli.nearest import nearest
from stackspot_cli.routes import named
from stackspot_cli.settings import config_file, config_keys, model_catalogue, setting_kinds
from stackspot_cli.settings.config_file import ConfigFile, Node
from stackspot_cli.settings.setting_kinds import Kind
from stackspot_cli.translation import _

T = TypeVar("T")

DEFAULT_PROFILE = "stackspot"
DEFAULT_REALM = "stackspot"
DEFAULT_MODEL = "stackspot-ai"
DEFAULT_TIMEOUT_SECONDS = 180.0  # a first byte after 97 s has been seen
DEFAULT_RETRIES = 2
DEFAULT_RETRY_WAIT_SECONDS = 0.5
SERVICE_HOSTS: Mapping[str, str] = {
    "idm_base": "https://idm.stackspot.com",
    "api_base": "https://genai-code-buddy-api.stackspot.com",
    "inference_base": "https://genai-inference-app.stackspot.com",
    "data_base": "https://data-integration-api.stackspot.com",
    "tools_base": "https://genai-agent-tools-api.stackspot.com",
}


@dataclass(frozen=True, slots=True)
class Options:
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
    endpoint_url: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """The files and folders; none of them need exist."""

    config_path: Setting[Path]
    config_dir: Path
    data_dir: Path
    cache_dir: Path

    @property
    def config_required(self) -> bool:
        """A file that the user named must exist; the default one need not."""
        return self.config_path.source != "default"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one command.

    profile: an explicit one (`--profile`) has its own stored credentials before the environment's. Waits are in
    seconds; a deadline of None never comes.
    """

    profile: Setting[str]
    config_path: Setting[Path]
    config_dir: Path
    data_dir: Path
    cache_dir: Path
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
    history_enabled: Setting[bool]
    vi: Setting[bool]
    models: tuple[Model, ...]
    config: ConfigFile

    def find_model(self, reference: str) -> Model:
        """`NAME`, `agent:ULID` or `command:SLUG` to its model. Errors: UsageError with the nearest names."""
        return model_catalogue.find(self.models, reference)

    def find_target(self, route: str, reference: str) -> str:
        """A target of this route, by a model's name, `agent:ULID`, or as itself. Errors: UsageError."""
        return model_catalogue.find_target(self.models, named(route), reference)

    def base(self, service: Service) -> Setting[str]:
        """The address of a service."""
        found: Setting[str] = getattr(self, f"{service}_base")
        return found


def locate(options: Options, environ: Mapping[str, str]) -> Places:
    """Where the files lie, without reading one."""
    home = environ.get("STACKSPOTAI_HOME", "")
    if home:
        folder = _absolute(home)
        config_dir = data_dir = cache_dir = folder
    else:
        config_dir, data_dir, cache_dir = _platform_folders(environ)
    if options.config:
        path = Setting(_absolute(options.config), _("option --config"), "option")
    elif environ.get("STACKSPOTAI_CONFIG", ""):
        path = Setting(
            _absolute(environ["STACKSPOTAI_CONFIG"]), _origin_of_variable("STACKSPOTAI_CONFIG"), "environment"
        )
    else:
        path = Setting(config_dir / "config.yaml", _("default"), "default")
    return Places(path, config_dir, data_dir, cache_dir)


def load(options: Options, environ: Mapping[str, str], *, note: Callable[[str], None]) -> Settings:
    """Reads the config file, where there is one, and decides every setting.

    note: told, at most once each, of keys that nobody reads and of a key written out in the file.
    Errors: UsageError for an option or a variable, ConfigError for the file; both name the place.
    """
    places = locate(options, environ)
    config = config_file.read(places.config_path.value, required=places.config_required)
    config_keys.check_shape(config)
    profile = _profile(options, environ, config)
    _note_what_is_odd(config, profile.value, note)
    ladder = _Ladder(environ, config, profile.value)
    return Settings(
        profile=profile,
        config_path=places.config_path,
        config_dir=places.config_dir,
        data_dir=places.data_dir,
        cache_dir=places.cache_dir,
        realm=_realm(options, ladder, explicit=profile.explicit),
        **_addresses(options, ladder),
        model=ladder.pick(
            setting_kinds.TEXT, ("--model", options.model), ("MODEL",), "default_model", DEFAULT_MODEL
        ),
        timeout_seconds=ladder.pick(
            setting_kinds.SECONDS,
            ("--timeout", options.timeout),
            ("TIMEOUT",),
            "timeout",
            DEFAULT_TIMEOUT_SECONDS,
        ),
        deadline_seconds=ladder.pick(
            setting_kinds.DEADLINE, ("--deadline", options.deadline), ("DEADLINE",), "deadline", None
        ),
        retries=ladder.pick(
            setting_kinds.COUNT, ("--retries", options.retries), ("RETRIES",), "retries", DEFAULT_RETRIES
        ),
        retry_wait_seconds=ladder.pick(
            setting_kinds.WAIT, None, ("RETRY_WAIT",), "retry_wait", DEFAULT_RETRY_WAIT_SECONDS
        ),
        history_enabled=ladder.pick(
            setting_kinds.SWITCH, ("--no-history", options.history), ("HISTORY",), "history", True
        ),
        vi=ladder.pick(setting_kinds.SWITCH, ("--vi", options.vi), (), "vi", False),
        models=_models(ladder),
        config=config,
    )


class _Ladder:
    """Option, environment, profile, default: the first rung that holds a value."""

    def __init__(self, environ: Mapping[str, str], config: ConfigFile, profile: str) -> None:
        self.environ = environ
        self.config = config
        self.profile = profile

    def pick(
        self,
        kind: Kind[T],
        option: tuple[str, object] | None,
        variables: tuple[str, ...],
        key: str,
        default: T,
    ) -> Setting[T]:
        """variables: without `STACKSPOTAI_`, unless they start with STACKSPOT_ themselves."""
        return (
            self.from_option(kind, option)
            or self.from_environment(kind, variables)
            or self.from_config(kind, key)
            or Setting(default, _("default"), "default")
        )

    def from_option(self, kind: Kind[T], option: tuple[str, object] | None) -> Setting[T] | None:
        if option is None or option[1] is None:
            return None
        name, given = option
        text = str(given).lower() if isinstance(given, bool) else str(given).strip()
        origin = _("option {name}").format(name=name)
        return Setting(_parsed(kind, text, origin, _("`--help` shows what it takes")), origin, "option")

    def from_environment(self, kind: Kind[T], variables: tuple[str, ...]) -> Setting[T] | None:
        for short in variables:
            name = short if short.startswith("STACKSPOT_") else f"STACKSPOTAI_{short}"
            text = self.environ.get(name, "").strip()
            if text:
                hint = _("correct {name}, or unset it").format(name=name)
                return Setting(_parsed(kind, text, name, hint), _origin_of_variable(name), "environment")
        return None

    def from_config(self, kind: Kind[T], key: str) -> Setting[T] | None:
        """The profile's own value, else the top level's where the key may stand there."""
        rungs: list[tuple[str, ...]] = [("providers", self.profile, key)]
        if key in config_keys.PLAIN_KEYS:
            rungs.append((key,))
        for keys in rungs:
            node = self.config.root.at(*keys)
            found = None if node is None else self.read(kind, keys, node)
            if found is not None:
                return Setting(found[0], _origin_in_config(self.config, keys), "config")
        return None

    def read(self, kind: Kind[T], keys: tuple[str, ...], node: Node) -> tuple[T] | None:
        return config_keys.read(self.config, keys, node, kind, self.environ)


def _parsed(kind: Kind[T], text: str, name: str, hint: str) -> T:
    try:
        return kind.read(text)
    except ValueError as problem:
        raise UsageError(_("{name} {problem}").format(name=name, problem=problem), hint) from problem


def _profile(options: Options, environ: Mapping[str, str], config: ConfigFile) -> Setting[str]:
    ladder = _Ladder(environ, config, "")
    found = ladder.from_option(setting_kinds.TEXT, ("--profile", options.profile or None))
    found = found or ladder.from_environment(setting_kinds.TEXT, ("PROFILE",))
    if found:
        return found
    node = config.root.at("default_profile")
    read = ladder.read(setting_kinds.TEXT, ("default_profile",), node) if node else None
    if read:
        return Setting(read[0], _origin_in_config(config, ("default_profile",)), "config")
    return Setting(DEFAULT_PROFILE, _("default"), "default")


def _realm(options: Options, ladder: _Ladder, *, explicit: bool) -> Setting[str]:
    """With an explicit profile its own realm stands before the environment's: a realm belongs to a key."""
    variables = ("REALM", "STACKSPOT_REALM")
    own = ladder.from_config(setting_kinds.REALM, "client_realm") if explicit else None
    return ladder.from_option(setting_kinds.REALM, ("--realm", options.realm)) or (
        own or ladder.pick(setting_kinds.REALM, None, variables, "client_realm", DEFAULT_REALM)
    )


def _addresses(options: Options, ladder: _Ladder) -> dict[str, Setting[str]]:
    """Each service's address. On every rung the one that names the service stands before `endpoint_url`."""
    everywhere = ladder.from_option(setting_kinds.ADDRESS, ("--sandbox", options.endpoint_url))
    found = {}
    for key, default in SERVICE_HOSTS.items():
        found[key] = (
            everywhere
            or ladder.from_environment(setting_kinds.ADDRESS, (key.upper(), "ENDPOINT_URL"))
            or ladder.from_config(setting_kinds.ADDRESS, key)
            or ladder.from_config(setting_kinds.ADDRESS, "endpoint_url")
            or Setting(default, _("default"), "default")
        )
    return found


def _models(ladder: _Ladder) -> tuple[Model, ...]:
    config = ladder.config
    node = config.root.at("providers", ladder.profile, "models")
    entries = []
    for name, below in node.items() if node else ():
        keys = ("providers", ladder.profile, "models", name)
        values = {}
        for key, value in below.items():
            kind = config_keys.MODEL_KEYS.get(key)
            read = ladder.read(kind, (*keys, key), value) if kind else None
            if read:
                values[key] = read[0]
        entries.append(model_catalogue.entry(name, values, _Misplaced(config, below, keys)))
    return model_catalogue.merge(entries)


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
        near = nearest(keys[-1], config_keys.known_beside(keys), most=1, also_called=config_keys.ALSO_CALLED)
        name = config_keys.join(keys)
        unknown.append(_("{key} (did you mean {near}?)").format(key=name, near=near[0]) if near else name)
    if unknown:
        note(
            _("{path}: keys that mean nothing here: {keys}").format(path=config.path, keys=", ".join(unknown))
        )
    key = config.root.at("providers", profile, "api_key")
    if key and isinstance(key.value, str) and config_file.is_literal(key.value):
        note(
            _(
                "the client key is written out in {place}; `stackspot config import {path}` moves it to the keyring"
            ).format(place=config.place(key), path=config.path)
        )


def _origin_of_variable(name: str) -> str:
    return _("environment {name}").format(name=name)


def _origin_in_config(config: ConfigFile, keys: tuple[str, ...]) -> str:
    if len(keys) == 1:
        return str(config.path)
    return _("profile {profile} in {path}").format(profile=keys[1], path=config.path)


def _absolute(path: str | Path) -> Path:
    return Path(path).expanduser().absolute()


def _platform_folders(environ: Mapping[str, str]) -> tuple[Path, Path, Path]:
    """Config, data, cache. Linux by hand: platformdirs takes 18 ms for the same three lines."""
    system: str = sys.platform  # a variable: mypy would call one half of this unreachable
    if system == "linux":
        return (
            _xdg(environ, "XDG_CONFIG_HOME", ".config"),
            _xdg(environ, "XDG_DATA_HOME", ".local/share"),
            _xdg(environ, "XDG_CACHE_HOME", ".cache"),
        )
    import platformdirs  # deferred: see above

    folders = platformdirs.PlatformDirs("stackspot", appauthor=False)
    return folders.user_config_path, folders.user_data_path, folders.user_cache_path


def _xdg(environ: Mapping[str, str], variable: str, below_home: str) -> Path:
    named = environ.get(variable, "").strip()
    if named and Path(named).is_absolute():  # the specification: a relative one is ignored
        return Path(named) / "stackspot"
    home = environ.get("HOME", "")
    return (Path(home) if home else Path.home()) / below_home / "stackspot"
