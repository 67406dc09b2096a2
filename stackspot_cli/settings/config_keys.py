"""The keys that the config file may hold, and what each must look like.

Knows names and kinds, and what else people call them; refuses to know how files are read or written.
The format is the integration's `.aider.litellm.yml`: each of `providers` is a profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from stackspot_cli.errors import UsageError
from stackspot_cli.routes import ROUTES
from stackspot_cli.settings import setting_kinds
from stackspot_cli.settings.config_file import ConfigFile, Node
from stackspot_cli.settings.setting_kinds import Kind
from stackspot_cli.settings.substitution import expand, secrets_named
from stackspot_cli.translation import _

T = TypeVar("T")

# At the top level for every profile, or in a profile for that one.
PLAIN_KEYS: Mapping[str, Kind[object]] = {
    "default_model": setting_kinds.TEXT,
    "timeout": setting_kinds.SECONDS,
    "deadline": setting_kinds.DEADLINE,
    "retries": setting_kinds.COUNT,
    "retry_wait": setting_kinds.WAIT,
    "max_answer_bytes": setting_kinds.BYTES,
    "history": setting_kinds.SWITCH,
    "vi": setting_kinds.SWITCH,
    "send_secrets": setting_kinds.SWITCH,
}
TOP_KEYS: Mapping[str, Kind[object]] = {"default_profile": setting_kinds.TEXT, **PLAIN_KEYS}
PROFILE_KEYS: Mapping[str, Kind[object]] = {
    "client_id": setting_kinds.TEXT,
    "api_key": setting_kinds.SECRET,
    "client_realm": setting_kinds.REALM,
    "api_base": setting_kinds.ADDRESS,
    "idm_base": setting_kinds.ADDRESS,
    "inference_base": setting_kinds.ADDRESS,
    "data_base": setting_kinds.ADDRESS,
    "tools_base": setting_kinds.ADDRESS,
    "endpoint_url": setting_kinds.ADDRESS,
    **PLAIN_KEYS,
}
QUOTA_KEYS: Mapping[str, Kind[object]] = {
    "per_minute": setting_kinds.LIMIT,
    "per_day": setting_kinds.LIMIT,
}
MODEL_KEYS: Mapping[str, Kind[object]] = {
    "provider": setting_kinds.TEXT,  # provider and model_type are the integration's; they change nothing here
    "model_type": setting_kinds.TEXT,
    **{route.config_key: setting_kinds.TARGETS[route.target] for route in ROUTES},
    "description": setting_kinds.TEXT,
    "best_for": setting_kinds.TEXT,
    "max_tokens": setting_kinds.TOKENS,
    "max_input_tokens": setting_kinds.TOKENS,
    "temperature": setting_kinds.TEMPERATURE,
}

PROFILE_GROUPS = (
    "quota",
    "models",
    "aliases",
)  # aliases: further names of models, with the references they stand for

# What people call them elsewhere: no likeness of letters would find these.
ALSO_CALLED = {
    "client_key": "api_key",
    "client_secret": "api_key",
    "key": "api_key",
    "secret": "api_key",
    "realm": "client_realm",
    "url": "api_base",
    "max_output_tokens": "max_tokens",
    "rpm": "per_minute",
    "rpd": "per_day",
    "rate_limit": "quota",
    "profile": "default_profile",
    "profiles": "providers",
    "model": "default_model",
    **{
        route.reference: route.config_key for route in ROUTES if route.reference not in ("", route.config_key)
    },
}


def split(dotted: str) -> tuple[str, ...]:
    """`providers."my.profile".timeout` to its parts: a quoted part may hold dots. Errors: UsageError."""
    import re

    if not re.fullmatch(r'("[^"]+"|[^."]+)(\.("[^"]+"|[^."]+))*', dotted):
        raise UsageError(
            _("{key} is not a key").format(key=repr(dotted)),
            _("write keys with dots: providers.stackspot.client_realm"),
        )
    return tuple(part.strip('"') for part in re.findall(r'"[^"]+"|[^."]+', dotted))


def join(keys: Iterable[str]) -> str:
    """The parts as `split` takes them."""
    return ".".join(f'"{key}"' if "." in key else key for key in keys)


def kind_of(keys: tuple[str, ...]) -> Kind[object] | None:
    """The kind of the value at this key; None for a key that nobody reads."""
    match keys:
        case (key,):
            return TOP_KEYS.get(key)
        case ("providers", _profile, key):
            return PROFILE_KEYS.get(key)
        case ("providers", _profile, "quota", key):
            return QUOTA_KEYS.get(key)
        case ("providers", _profile, "models", _model, key):
            return MODEL_KEYS.get(key)
        case ("providers", _profile, "aliases", _name):
            return setting_kinds.TEXT
    return None


def is_group(keys: tuple[str, ...]) -> bool:
    """Whether other keys stand below this one: `providers`, a profile, its `quota`, `models` and `aliases`, a model."""
    match keys:
        case ("providers",) | ("providers", _) | ("providers", _, "quota" | "models" | "aliases"):
            return True
        case ("providers", _profile, "models", _model):
            return True
    return False


def known_beside(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The names that are known where the last of these keys stands."""
    match keys:
        case (_key,):
            return (*TOP_KEYS, "providers")
        case ("providers", _profile, _key):
            return (*PROFILE_KEYS, *PROFILE_GROUPS)
        case ("providers", _profile, "quota", _key):
            return tuple(QUOTA_KEYS)
        case ("providers", _profile, "models", _model, _key):
            return tuple(MODEL_KEYS)
    return ()


def unknown_keys(root: Node, profile: str | None = None) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Each key that nobody reads, with its node. profile: looks into that provider alone (None: into all)."""
    for key, node in root.items():
        if key not in (*TOP_KEYS, "providers"):
            yield (key,), node
    for name, provider in root.items("providers"):
        if profile not in (None, name):
            continue
        for key, node in provider.items():
            if key not in (*PROFILE_KEYS, *PROFILE_GROUPS):
                yield ("providers", name, key), node
        for key, node in provider.items("quota"):
            if key not in QUOTA_KEYS:
                yield ("providers", name, "quota", key), node
        for model, entry in provider.items("models"):
            for key, node in entry.items():
                if key not in MODEL_KEYS:
                    yield ("providers", name, "models", model, key), node


def read(
    config: ConfigFile, keys: tuple[str, ...], node: Node, kind: Kind[T], environ: Mapping[str, str]
) -> tuple[T] | None:
    """The node's value in a 1-tuple (it may be None itself); None where it counts as absent.

    Errors: ConfigError with the place.
    """
    match node.value:
        case None:
            return None
        case str() as written:
            text = _expanded(config, keys, node, written, kind, environ)
            if not text:
                return None
        case bool() | int() | float() as plain if kind.typed:
            text = str(plain).lower()
        case _:
            text = ""
    try:
        if not text:
            raise ValueError(_("must be text: put it in quotes"))
        return (kind.read(text),)
    except ValueError as problem:
        raise config.error(node, _("{key} {problem}").format(key=join(keys), problem=problem)) from problem


def _expanded(
    config: ConfigFile,
    keys: tuple[str, ...],
    node: Node,
    written: str,
    kind: Kind[T],
    environ: Mapping[str, str],
) -> str:
    """The text with its references replaced. A variable that holds a key belongs where a key does: any other value
    is shown, and sent to services that must not have it."""
    try:
        text = (expand(written, environ) or "").strip()
        secrets = secrets_named(written) if kind is not setting_kinds.SECRET else []
        if secrets:
            raise ValueError(_("may not be {variable}, which holds a key").format(variable=secrets[0]))
    except ValueError as problem:
        raise config.error(node, _("{key} {problem}").format(key=join(keys), problem=problem)) from problem
    return text


def check(config: ConfigFile, environ: Mapping[str, str]) -> None:
    """Looks at every known value, all profiles, before a changed file is kept. Errors: ConfigError."""
    for keys, node in config.root.walk():
        kind = kind_of(keys)
        if kind is not None:
            read(config, keys, node, kind, environ)
    check_shape(config)


def check_shape(config: ConfigFile) -> None:
    """That mappings stand where mappings belong. Errors: ConfigError."""
    for keys, node in config.root.walk():
        belongs = bool(keys) and is_group(keys)
        if belongs and node.value is not None and not isinstance(node.value, Mapping):
            raise config.error(node, _("{key} must hold keys and values").format(key=join(keys)))
