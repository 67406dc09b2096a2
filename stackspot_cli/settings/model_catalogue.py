"""The models that a name can mean: the built-in three, and what the profile's config adds.

Pure. Knows how a reference is written (`NAME`, `agent:ULID`, `command:SLUG`); refuses to know how a model
is asked (`routes` do).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from stackspot_cli.domain import BUILT_IN_MODELS, Model
from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.nearest import nearest
from stackspot_cli.settings import setting_kinds
from stackspot_cli.translation import _

# The largest limit that an agent's refusal was seen to name ("the configured limit of 272000 tokens").
# An agent's true limit is its owner's setting; config's `max_input_tokens` says it better.
AGENT_INPUT_TOKENS = 272_000


def agent(ulid: str, name: str = "") -> Model:
    return Model(
        name or f"agent:{ulid}",
        "agent",
        ulid,
        _("agent {ulid}").format(ulid=ulid),
        max_input_tokens=AGENT_INPUT_TOKENS,
    )


def command(slug: str, name: str = "") -> Model:
    return Model(
        name or f"command:{slug}",
        "command",
        slug,
        _("quick command {slug}").format(slug=slug),
        max_input_tokens=AGENT_INPUT_TOKENS,
    )


def entry(name: str, values: Mapping[str, object], problem: Callable[[str], ConfigError]) -> Model:
    """One `models` entry, its values parsed already.

    problem: makes the error that names the entry's place.
    """
    ulid, slug, target = values.get("agent"), values.get("quick_command"), values.get("model")
    if ulid and slug:
        raise problem(_("is either an agent or a quick command, not both"))
    if ulid:
        model = agent(str(ulid), name)
    elif slug:
        model = command(str(slug), name)
    else:
        built_in = next((one for one in BUILT_IN_MODELS if one.name == (target or name)), None)
        model = replace(built_in, name=name) if built_in else Model(name, "chat", str(target or name))
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


def merge(entries: Sequence[Model]) -> tuple[Model, ...]:
    """The built-in models, each replaced by an entry of its name, then the other entries in their order."""
    by_name = {model.name: model for model in (*BUILT_IN_MODELS, *entries)}
    return tuple(by_name.values())


def find(models: Sequence[Model], reference: str) -> Model:
    """The model that a reference means. Errors: UsageError with the nearest names."""
    reference = reference.strip()
    for model in models:
        if model.name == reference:
            return model
    route, _colon, target = reference.partition(":")
    try:
        match route.lower():
            case "agent" if target:
                return agent(setting_kinds.AGENT.parse(target))
            case "command" if target:
                return command(setting_kinds.COMMAND.parse(target))
    except ValueError as problem:
        raise UsageError(
            _("{reference}: the part after `{route}:` {problem}").format(
                reference=repr(reference), route=route.lower(), problem=problem
            ),
            _("an agent is named as agent:01K45T82PF8QC64C9DNHGQWHY2, a quick command as command:its-slug"),
        ) from problem
    names = [model.name for model in models]
    near = nearest(reference, names)
    if near:
        hint = _("did you mean {names}? `stackspot models` lists them all").format(names=", ".join(near))
    elif setting_kinds.ULID.fullmatch(reference.upper()):
        hint = _("an agent is named as agent:{ulid}").format(ulid=reference.upper())
    else:
        hint = _("known models: {names}; also agent:ULID and command:SLUG").format(names=", ".join(names))
    raise UsageError(_("there is no model {reference}").format(reference=repr(reference)), hint)
