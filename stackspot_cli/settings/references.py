"""How a target is named that has no entry in the config file: `agent:ULID`, `command:SLUG`.

Pure, and quick to load, for the offers and helps that tell people. Reads the table of routes; refuses to know
which models there are (`model_catalogue`).
"""

from __future__ import annotations

from stackspot_cli.model import Model, Route
from stackspot_cli.routes import ROUTES
from stackspot_cli.translation import either

ID_CHARACTERS = 26  # of a ULID


def referred() -> tuple[Route, ...]:
    """The routes whose targets can be named so."""
    return tuple(route for route in ROUTES if route.reference)


def forms() -> str:
    """All of them, for a sentence: `agent:ULID or command:SLUG`."""
    return either([route.form for route in referred()])


def prefixes(begun: str) -> list[str]:
    """What the word that was begun may become: `a` may become `agent:`."""
    return [prefix for route in referred() if (prefix := route.refer("")).startswith(begun)]


def by_prefix(reference: str) -> tuple[Route, str] | None:
    """The route and the target of a reference; None for a model's name. The prefix may be in capitals."""
    word, _colon, target = reference.partition(":")
    route = next((route for route in referred() if route.reference == word.lower()), None)
    return (route, target) if route is not None and target else None


def by_name(reference: str) -> tuple[Route, str] | None:
    """The route and the name, where a reference names a listed target by something that cannot be its id."""
    from stackspot_cli.settings.setting_kinds import TARGETS  # deferred: no help needs it

    referred_to = by_prefix(reference)
    if referred_to is None or not referred_to[0].listed_by:
        return None
    route, written = referred_to
    if len(written) == ID_CHARACTERS and written.isalnum():  # an id with a slip in it
        return None
    try:
        TARGETS[route.target].parse(written)
    except ValueError:
        return route, written.strip()
    return None


def of(model: Model) -> str | None:
    """What names the model's target wherever there is no entry; None for a model that only its name names."""
    return model.route.refer(model.target) if model.route.reference else None
