"""A model, and the route that it names.

Knows what everybody has to know of both: the catalogue, the limits, the offers, the sentences. Refuses to know
which routes there are (`routes` has the table) and how one is asked.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias, get_args

from stackspot_cli.lean_dataclasses import dataclass

Service: TypeAlias = Literal["idm", "api", "inference", "data", "tools"]
SERVICES: tuple[Service, ...] = get_args(Service)
TargetKind: TypeAlias = Literal["name", "ulid", "slug"]


class Route(NamedTuple):  # every help and every TAB makes this class: a dataclass takes eight times as long
    """A way to ask the service: a row of `routes.ROUTES`.

    name: in listings and in JSON. module: the file of `routes/` that knows its paths and fields.
    config_key: the key of a config entry that holds a target. reference: the word before a target that has no
    entry, as in `agent:ULID`; empty for the route of those models that are named simply by their name.
    target: what a target looks like. noun: what a person calls one. listed_by: the command that lists them.
    service: the one that is asked. streams: whether the answer comes bit by bit. followed: whether the request
    only starts something, which is then followed to its end. tunable: whether temperature and length travel
    along; elsewhere they belong to the target's own set-up. takes: the `AgentOptions` that there are fields for.
    max_input_tokens: where neither the config file nor a built-in model says it better.
    """

    name: str
    module: str
    config_key: str
    service: Service
    reference: str = ""
    target: TargetKind = "name"
    noun: str = ""
    listed_by: str = ""
    streams: bool = True
    followed: bool = False
    tunable: bool = False
    takes: tuple[str, ...] = ()
    max_input_tokens: int = 16_384

    @property
    def form(self) -> str:
        """How a target is named: `agent:ULID`."""
        return self.refer(self.target.upper())

    def refer(self, target: str) -> str:
        """The reference that names this target."""
        return f"{self.reference}:{target}" if self.reference else target


@dataclass(frozen=True, slots=True)
class Model:
    """A name for a route.

    target: what the route is pointed at: the service's model name, an agent's ULID, a command's slug.
    Limits are in tokens.
    """

    name: str
    route: Route
    target: str
    description: str = ""
    best_for: str = ""
    max_input_tokens: int = 16_384
    max_output_tokens: int = 8_192
    temperature_min: float = 0.0
    temperature_max: float = 1.0
    temperature_default: float = 0.7

    @property
    def streaming(self) -> bool:
        return self.route.streams

    @property
    def tunable(self) -> bool:
        """Whether temperature and length travel with the request."""
        return self.route.tunable
