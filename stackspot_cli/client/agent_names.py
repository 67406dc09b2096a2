"""An agent's id by its name or slug, where the account's list tells it and one alone is called so.

Knows how long a list is good (a day), and that a name that is not in it may be newer than it. Refuses to know pages
and field names (`account`). The list is kept for each account apart, in a private file; one that cannot be kept is
asked for again.
"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from stackspot_cli.account import Account, digest
from stackspot_cli.client import account
from stackspot_cli.client.account import Agent
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.files import private_files
from stackspot_cli.nearest import nearest
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.client import Client
    from stackspot_cli.model import Model
    from stackspot_cli.settings.settings import Settings

GOOD_SECONDS = 24 * 3600.0
MOST_BYTES = 4 * 1024 * 1024


def find_model(
    settings: Settings, reference: str, asking: Account, client: Callable[[], Client] | None
) -> Model:
    """The model of `agent:NAME`. client: None where nobody may be asked. Raises UsageError, StackSpotError."""
    named = settings.by_name(reference)
    if named is None or any(model.name == reference for model in settings.models):
        return settings.find_model(reference)
    path = settings.places.cache_dir / f"agents-{digest(asking)}.json"
    ask = None if client is None else partial(_agents, client)
    route, name = named
    return settings.find_model(route.refer(AgentNames(path, ask).id_of(name)))


class AgentNames:
    """ask: the account's list, from the service; None where nobody may be asked. Raises StackSpotError."""

    def __init__(
        self,
        path: Path,
        ask: Callable[[], Sequence[Agent]] | None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._ask = ask
        self._now = now

    def id_of(self, name: str) -> str:
        """UsageError where none is called so, or several are; StackSpotError where the list cannot be had."""
        agents = self._kept()
        found = called(name, agents)
        if len(found) != 1 and self._ask is not None:  # it may be newer than the list
            agents = tuple(self._ask())
            self._keep(agents)
            found = called(name, agents)
        match found:
            case [agent]:
                return agent.id
            case []:
                raise _nobody(name, agents, asked=self._ask is not None)
        raise UsageError(
            _("several agents are called {name}: {ids}").format(
                name=repr(safe_line(name, 60)), ids=", ".join(safe_line(one.id, 40) for one in found)
            ),
            _("name one by its id: -m agent:{id}").format(id=safe_line(found[0].id, 40)),
        )

    def _kept(self) -> tuple[Agent, ...]:
        content = private_files.read_private(self._path, MOST_BYTES)
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            kept = json.loads(content or b"")
            if 0 <= self._now() - float(kept["at"]) < GOOD_SECONDS:
                return tuple(Agent(**one) for one in kept["agents"])
        return ()

    def _keep(self, agents: Sequence[Agent]) -> None:
        kept = {"at": self._now(), "agents": [asdict(agent) for agent in agents]}
        with suppress(LocalError, OSError):  # it is asked for again
            private_files.write(self._path, json.dumps(kept).encode(), durable=False)


def _agents(client: Callable[[], Client]) -> list[Agent]:
    return account.agents(client(), account.VISIBILITIES)


def called(name: str, agents: Sequence[Agent]) -> list[Agent]:
    """Those of this slug or name; where there is none, those that only differ in capitals."""
    exact = [agent for agent in agents if name in (agent.slug, agent.name)]
    folded = name.casefold()
    return exact or [
        agent for agent in agents if folded in ((agent.slug or "").casefold(), (agent.name or "").casefold())
    ]


def _nobody(name: str, agents: Sequence[Agent], *, asked: bool) -> UsageError:
    names = [one for agent in agents for one in (agent.name, agent.slug) if one]
    near = nearest(name, names, most=1)
    what = _("there is no agent called {name}").format(name=repr(safe_line(name, 60)))
    if near:
        return UsageError(
            what, _("did you mean {name}?").format(name=shlex.quote(f"agent:{safe_line(near[0], 60)}"))
        )
    if not asked:
        return UsageError(
            _("it is not known yet which agent is called {name}").format(name=repr(safe_line(name, 60))),
            _("name it by its id, which `stackspot agents` shows"),
        )
    return UsageError(what, _("`stackspot agents` lists those that this credential may see"))
