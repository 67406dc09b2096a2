"""What a shell offers for TAB after an option: models, profiles, conversations, keys of the config file.

Knows where each of them is written down. Reads, never makes a file, never asks the network, never complains: a
broken file offers nothing. Each function loads what it needs when it is asked, so that a TAB after `--f` pays for
none of it.

Each takes the parse so far (of which only what was said before the command matters) and the word as typed, and
gives pairs of a value and what it is.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from stackspot_cli.errors import StackSpotError

if TYPE_CHECKING:
    from stackspot_cli.prompts.library import Library
    from stackspot_cli.settings.config_file import ConfigFile
    from stackspot_cli.settings.places import Places
    from stackspot_cli.settings.settings import Settings

MOST_CONVERSATIONS = 50
LONGEST_HELP = 60

Offer = list[tuple[str, str]]


def models(ctx: Any, incomplete: str) -> Offer:
    """The built-in models and the config's own; agents and their like by `agent:ULID` as well, once that is begun."""
    from stackspot_cli.settings import references

    found = _known_models(ctx)
    offer = [(model.name, _short(model.best_for or model.description)) for model in found]
    for model in found:
        reference = references.of(model)
        if reference is not None and incomplete.startswith(model.route.refer("")):
            offer.append((reference, _short(model.description or model.name)))
    return offer


def quick_commands(ctx: Any, incomplete: str) -> Offer:
    """Those that the config file names: by their names there, and by their slugs."""
    known = [model for model in _known_models(ctx) if model.route.name == "command"]
    offer = {model.target: _short(model.description or model.name) for model in known}
    return list((offer | {model.name: _short(model.description) for model in known}).items())


def profiles(ctx: Any, incomplete: str) -> Offer:
    """Those of the config file, those with stored credentials in the private file, and the default one."""
    from stackspot_cli.settings.settings import DEFAULT_PROFILE

    names = {DEFAULT_PROFILE: ""}
    names |= dict.fromkeys((name for name, _node in _config(ctx).profiles()), "")
    names |= dict.fromkeys(_stored_profiles(ctx), "")
    return [(name, "") for name in names]


def conversations(ctx: Any, incomplete: str) -> Offer:
    """The newest conversations' ids with their titles, newest first."""
    if _said(ctx, "sandbox"):
        return []  # its history begins empty and ends with the command
    from stackspot_cli.history.recent import newest

    path = _places(ctx).history_path
    return [(id_, _short(title)) for id_, title in newest(path, MOST_CONVERSATIONS, incomplete.upper())]


def config_keys(ctx: Any, incomplete: str) -> Offer:
    """Dotted keys: the top level's, and those of each profile and model that the file has."""
    from stackspot_cli.settings import config_keys as known
    from stackspot_cli.settings.settings import DEFAULT_PROFILE

    keys = [(key,) for key in known.TOP_KEYS]
    found: list[tuple[str, ...]] = list(keys)
    config = _config(ctx)
    for profile in dict.fromkeys([DEFAULT_PROFILE, *(name for name, _node in config.profiles())]):
        found += [("providers", profile, key) for key in known.PROFILE_KEYS if key != "api_key"]
        found += [("providers", profile, "quota", key) for key in known.QUOTA_KEYS]
        for model, _entry in config.root.items("providers", profile, "models"):
            found += [("providers", profile, "models", model, key) for key in known.MODEL_KEYS]
    return [(known.join(key), "") for key in found]


def prompts(ctx: Any, incomplete: str) -> Offer:
    """The prompts of this project, of this person, and those that ship with the program."""
    from stackspot_cli.prompts import library

    offer = []
    for entry in _prompts(ctx).entries():
        try:
            offer.append((entry.name, _short(library.load(entry).description)))
        except StackSpotError:
            offer.append((entry.name, ""))
    return offer


def prompt_parameters(ctx: Any, incomplete: str) -> Offer:
    """`KEY=` of each parameter that the prompt of `-T` takes."""
    from stackspot_cli.prompts import library

    chosen = ctx.params.get("template")
    try:
        parameters = library.load(_prompts(ctx).find(chosen)).parameters if chosen else {}
    except StackSpotError:
        return []
    return [(f"{name}=", _short(default or "")) for name, default in parameters.items()]


# --- where it is written ---------------------------------------------------------------------------


def _said(ctx: Any, name: str) -> Any:
    """What was said before the command."""
    return ctx.find_root().params.get(name)


def _places(ctx: Any) -> Places:
    from stackspot_cli.settings.places import locate

    return locate(_said(ctx, "config"), os.environ)


def _settings(ctx: Any) -> Settings | None:
    from stackspot_cli.settings.settings import Overrides, load

    overrides = Overrides(profile=_said(ctx, "profile"), config=_said(ctx, "config"))
    environ = {} if _said(ctx, "sandbox") else os.environ
    try:
        return load(overrides, environ, note=_nothing)
    except StackSpotError:
        return None


def _prompts(ctx: Any) -> Library:
    from stackspot_cli.prompts.library import library_here

    return library_here(_places(ctx).config_dir, os.environ)


def _known_models(ctx: Any) -> Any:
    from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS

    settings = _settings(ctx)
    return BUILT_IN_MODELS if settings is None else settings.models


def _config(ctx: Any) -> ConfigFile:
    from stackspot_cli.settings.config_file import ConfigFile, read

    path = _places(ctx).config_path.value
    try:
        return read(path, required=False)
    except StackSpotError:
        return ConfigFile(path)


def _stored_profiles(ctx: Any) -> list[str]:
    from stackspot_cli.auth.file_store import FILE_NAME, PrivateFileStore
    from stackspot_cli.auth.stores import StoreUnavailable

    path = _places(ctx).data_dir / FILE_NAME
    from stackspot_cli.files.private_files import is_there

    if not is_there(path):
        return []
    try:
        return list(PrivateFileStore(path).profiles())
    except StoreUnavailable:
        return []


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_HELP else text[: LONGEST_HELP - 1] + "…"


def _nothing(_note: str) -> None:
    return None
