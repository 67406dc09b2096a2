"""StackSpot's paths and field names: what is sent, and what the bytes that come back mean. Pure.

Here stands the table of the ways to ask. Each row names its module, which is loaded when it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from stackspot_cli.model import Model, Route
from stackspot_cli.translation import _

if TYPE_CHECKING:  # the protocol, too: a help that names the routes makes no class
    from stackspot_cli.domain import Prompt
    from stackspot_cli.routes.call import Call
    from stackspot_cli.routes.frames import FrameReader

    class RouteModule(Protocol):
        """What each row's module has. A route that is followed needs no reader."""

        def request(self, model: Model, prompt: Prompt, version: str) -> Call:
            """What is sent for a prompt. version: ours, for a body that names it."""

        def reader(self) -> FrameReader:
            """What makes events of the frames that come back, or of one JSON object in their place."""


# The largest limit that a refusal was seen to name ("the configured limit of 272000 tokens"). The true one is the
# set-up's own: config's `max_input_tokens` says it better.
_OWN_SET_UP_TOKENS = 272_000

# The first is the route of the built-in models.
ROUTES: tuple[Route, ...] = (
    Route(
        "chat",
        module="chat",
        config_key="model",
        service="api",
        tunable=True,
        takes=("knowledge_source_ids",),
    ),
    Route(
        "agent",
        module="agent",
        config_key="agent",
        reference="agent",
        target="ulid",
        noun=_("agent"),
        listed_by="stackspot agents",
        service="inference",
        takes=(
            "knowledge_source_ids",
            "stackspot_knowledge",
            "deep_search",
            "agent_version",
            "selected_model",
        ),
        max_input_tokens=_OWN_SET_UP_TOKENS,
    ),
    Route(
        "command",
        module="quick_command",
        config_key="quick_command",
        reference="command",
        target="slug",
        noun=_("quick command"),
        service="api",
        streams=False,
        followed=True,
        max_input_tokens=_OWN_SET_UP_TOKENS,
    ),
)


def named(name: str) -> Route:
    """The row of this name."""
    return next(route for route in ROUTES if route.name == name)


def module(route: Route) -> RouteModule:
    from importlib import import_module  # deferred: the table is read where nothing is asked

    return cast("RouteModule", import_module(f"{__name__}.{route.module}"))
