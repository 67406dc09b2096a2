"""Whole lists out of pages, versions and visibilities: the agents, LLMs and knowledge sources of an account.

Knows how to go on to the next page, and to the next version where one refuses. Refuses to know field names
(`routes`) and how a list is shown. These lists are undocumented and may refuse a client's token: the error then
says how to do without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from stackspot_cli.errors import AuthError, NotAnAnswer, Refused, StackSpotError
from stackspot_cli.routes import account, knowledge
from stackspot_cli.routes.account import Agent, Llm
from stackspot_cli.routes.call import Call
from stackspot_cli.routes.knowledge import Knowledge, KnowledgeObject
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.client import Client

__all__ = ["VISIBILITIES", "Agent", "Llm", "agents", "knowledge_objects", "knowledge_sources", "llms"]

MOST_PAGES = 50
VISIBILITIES = ("personal", "account")

T = TypeVar("T")


def agents(client: Client, visibilities: Sequence[str]) -> list[Agent]:
    """All agents, each once. Raises StackSpotError; where every version refuses, with the way to find an id."""
    client.sign_in()
    refusals: list[StackSpotError] = []
    for version in account.AGENTS_VERSIONS:

        def page(visibility: str, number: int, version: account.AgentsVersion = version) -> Call:
            return account.agents(version, visibility, number)

        found, refused = _visible(client, visibilities, page, account.read_agent, paged=version != "v1")
        if len(refused) < len(visibilities):
            _note_refused(client, refused)
            return found
        refusals += refused.values()
    raise _without(
        refusals,
        _(
            "an agent's id is the ULID in its address in the portal: open the agent there, copy it, and use it as "
            "-m agent:ULID"
        ),
    )


def llms(client: Client) -> list[Llm]:
    """The LLMs that the account may choose among. Raises StackSpotError."""
    client.sign_in()
    return _pages(client, lambda _number: account.llms(), account.read_llm, paged=False)


def knowledge_sources(client: Client, visibilities: Sequence[str]) -> list[Knowledge]:
    """All knowledge sources, each once. Raises StackSpotError."""
    client.sign_in()
    found, refused = _visible(client, visibilities, knowledge.sources, knowledge.read_source)
    if len(refused) < len(visibilities):
        _note_refused(client, refused)
        return found
    raise _without(
        list(refused.values()),
        _(
            "a knowledge source's slug is in its address in the portal; `knowledge show SLUG` may work all the same"
        ),
    )


def knowledge_objects(client: Client, slug: str) -> list[KnowledgeObject]:
    """Raises StackSpotError."""
    return _pages(client, lambda _number: knowledge.objects(slug), knowledge.read_object, paged=False)


def is_soft(error: StackSpotError) -> bool:
    """Whether another version or visibility may still answer: a definite no, not a network that is down."""
    return isinstance(error, Refused | NotAnAnswer) or (
        isinstance(error, AuthError) and error.status is not None
    )


def _visible(
    client: Client,
    visibilities: Sequence[str],
    call: Callable[[str, int], Call],
    read: Callable[[dict[str, object]], T | None],
    *,
    paged: bool = True,
) -> tuple[list[T], dict[str, StackSpotError]]:
    """What each visibility holds, each entry once; and which of them were refused."""
    found: list[T] = []
    refused: dict[str, StackSpotError] = {}
    for visibility in visibilities:
        try:
            entries = _pages(client, partial(call, visibility), read, paged=paged)
        except StackSpotError as error:
            if not is_soft(error):
                raise
            refused[visibility] = error
            client.listener.step(_("{visibility}: {why}").format(visibility=visibility, why=error.message))
        else:
            found += [entry for entry in entries if entry not in found]
    return found, refused


def _pages(
    client: Client,
    call: Callable[[int], Call],
    read: Callable[[dict[str, object]], T | None],
    *,
    paged: bool,
) -> list[T]:
    """Page after page, until one brings nothing new, or all of the total have come.

    A service may give fewer a page than it was asked for, so a short page alone is no end.
    """
    found: list[T] = []
    for number in range(1, MOST_PAGES + 1):
        page = account.read_page(client.json(call(number)))
        entries = [read(entry) for entry in page.entries]
        lost = page.odd + sum(entry is None for entry in entries)
        if lost:
            client.listener.step(
                _("entries of the list that were not understood: {count}").format(count=lost)
            )
        new = [entry for entry in entries if entry is not None and entry not in found]
        found += new
        if not paged or not new or (page.total is not None and len(found) >= page.total):
            return found
    client.listener.note(
        _("the list goes on: only its first {count} pages were asked for").format(count=MOST_PAGES)
    )
    return found


def _note_refused(client: Client, refused: dict[str, StackSpotError]) -> None:
    for visibility, error in refused.items():
        client.listener.note(
            _("those with visibility {visibility} are missing: {why}").format(
                visibility=visibility, why=error.message
            )
        )


def _without(refusals: list[StackSpotError], hint: str) -> StackSpotError:
    """The refusal that tells most: one about permissions, else the first. hint: how to do without the list."""
    refusal = next((error for error in refusals if isinstance(error, AuthError)), refusals[0])
    refusal.hint = hint
    return refusal
