"""The models that a name can mean: the built-in three, and what the profile's config adds.

Pure. Knows the built-in models and what a config entry says of one; refuses to know how a model is asked
(`routes` do).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.model import Model, Route
from stackspot_cli.routes import ROUTES
from stackspot_cli.safe_text import safe_line
from stackspot_cli.settings import references
from stackspot_cli.settings.setting_kinds import EXAMPLES, TARGETS
from stackspot_cli.translation import _, joined

PLAIN_ROUTE = ROUTES[0]  # of models that are named simply by their name
BUILT_IN_MODELS: tuple[Model, ...] = (
    Model(
        "stackspot-ai",
        PLAIN_ROUTE,
        "stackspot-ai",
        _("default model"),
        _("general code generation and analysis"),
    ),
    Model(
        "stackspot-ai-chat",
        PLAIN_ROUTE,
        "stackspot-ai-chat",
        _("chat-optimised model"),
        _("interactive conversations and explanations"),
    ),
    Model(
        "stackspot-ai-code",
        PLAIN_ROUTE,
        "stackspot-ai-code",
        _("code-specific model"),
        _("code generation, completion and refactoring"),
    ),
)


def model_of(route: Route, target: str, name: str = "") -> Model:
    """The model for one target of a route: an agent, a quick command. name: else its reference."""
    return Model(
        name or route.refer(target),
        route,
        target,
        joined(" ", (route.noun, target)),
        max_input_tokens=route.max_input_tokens,
    )


def entry(name: str, values: Mapping[str, object], problem: Callable[[str], ConfigError]) -> Model:
    """One `models` entry, its values parsed already.

    problem: makes the error that names the entry's place.
    """
    targets = [
        (route, str(found)) for route in references.referred() if (found := values.get(route.config_key))
    ]
    match targets:
        case []:
            model = _plain(name, str(values.get(PLAIN_ROUTE.config_key) or name))
        case [(route, found)]:
            model = model_of(route, found, name)
        case _:
            keys = ", ".join(route.config_key for route, _found in targets)
            raise problem(_("names more than one target: {keys}").format(keys=keys))
    changes = {
        field: values[key]
        for key, field in (
            ("description", "description"),
            ("best_for", "best_for"),
            ("max_tokens", "max_output_tokens"),
            ("max_input_tokens", "max_input_tokens"),
            ("temperature", "temperature_default"),
        )
        if key in values
    }
    return replace(model, **changes)  # type: ignore[arg-type]  # each value was parsed by its own kind


def _plain(name: str, target: str) -> Model:
    built_in = next((model for model in BUILT_IN_MODELS if model.name == target), None)
    return replace(built_in, name=name) if built_in else Model(name, PLAIN_ROUTE, target)


def merge(entries: Sequence[Model]) -> tuple[Model, ...]:
    """The built-in models, each replaced by an entry of its name, then the other entries in their order."""
    by_name = {model.name: model for model in (*BUILT_IN_MODELS, *entries)}
    return tuple(by_name.values())


NO_ALIASES: Mapping[str, str] = {}


def find(models: Sequence[Model], reference: str, aliases: Mapping[str, str] = NO_ALIASES) -> Model:
    """The model that a reference means. Errors: UsageError with the nearest names."""
    reference = reference.strip()
    model = next((model for model in models if model.name == reference), None)
    if model is not None:
        return model
    meant = aliases.get(reference) or aliases.get(_undated(reference))
    if meant:
        return find(models, meant)
    referred = references.by_prefix(reference)
    if referred is not None:
        return _read(*referred, shown=reference)
    raise UsageError(
        _("there is no model {reference}").format(reference=repr(reference)),
        _hint(reference, [*(model.name for model in models), *aliases]),
    )


def _undated(name: str) -> str:
    """`claude-haiku-4-5-20251001` is a version of `claude-haiku-4-5`."""
    plain, _dash, date = name.rpartition("-")
    return plain if len(date) == 8 and date.isdigit() else name


def find_target(models: Sequence[Model], route: Route, reference: str) -> str:
    """The target of one route that is meant: by a model's name, by its reference, or by itself. UsageError."""
    reference = reference.strip()
    named = next((model for model in models if model.name == reference and model.route == route), None)
    if named is not None:
        return named.target
    return find(models, route.refer(reference.removeprefix(route.refer("")))).target


def _read(route: Route, written: str, shown: str) -> Model:
    try:
        return model_of(route, TARGETS[route.target].parse(written))
    except ValueError as problem:
        raise UsageError(
            _("{reference}: the part after `{route}:` {problem}").format(
                reference=repr(shown), route=route.reference, problem=problem
            ),
            _("for example {reference}").format(reference=route.refer(EXAMPLES[route.target])),
        ) from problem


def _hint(reference: str, names: Sequence[str]) -> str:
    """What may have been meant by a name that no model has."""
    from stackspot_cli.nearest import nearest  # deferred: only a mistake needs it

    near = nearest(reference, names)
    if near:
        return _("did you mean {names}? `stackspot models` lists them all").format(names=", ".join(near))
    bare = [route.refer(read) for route in references.referred() if (read := _as_ulid(route, reference))]
    if bare:
        return _("did you mean {names}?").format(names=", ".join(bare))
    known = _("known models: {names}; also {references}").format(
        names=", ".join(names), references=references.forms()
    )
    by_name = [route.refer(reference) for route in references.referred() if route.listed_by]
    if not by_name or not reference or ":" in reference:
        return known
    return joined(
        "; ", (known, _("an agent by its name: {reference}").format(reference=safe_line(by_name[0], 60)))
    )


def _as_ulid(route: Route, text: str) -> str | None:
    """A target of the route, where the text can hardly be anything else."""
    if route.target != "ulid":
        return None
    try:
        return TARGETS["ulid"].parse(text)
    except ValueError:
        return None
