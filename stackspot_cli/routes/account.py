"""The lists of an account: agents and LLMs (protocol page, "Lists": one source, undocumented, in several shapes).

Pure: knows paths, parameters and field names. Refuses to know which version a service has, and how many pages.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from stackspot_cli.errors import NotAnAnswer
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.routes import fields
from stackspot_cli.routes.call import Call
from stackspot_cli.translation import _

AGENTS_PER_PAGE = 100
LLMS_PER_PAGE = 999

AgentsVersion: TypeAlias = Literal["v4", "v3", "v1"]
AGENTS_VERSIONS: tuple[AgentsVersion, ...] = ("v4", "v3", "v1")  # the newest first


@dataclass(frozen=True, slots=True)
class Agent:
    id: str
    slug: str | None = None
    name: str | None = None
    description: str | None = None
    visibility: str | None = None


@dataclass(frozen=True, slots=True)
class Llm:
    """name: what `--select-model` takes."""

    name: str
    id: str | None = None
    title: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """entries: JSON objects, not yet read. total: of all pages, where known. odd: entries that are no objects."""

    entries: tuple[dict[str, Any], ...]
    total: int | None = None
    odd: int = 0


def agents(version: AgentsVersion, visibility: str, page: int) -> Call:
    """One page of the agents. The oldest version knows no pages."""
    query: tuple[tuple[str, str], ...]
    if version == "v1":
        query = (("visibility", visibility),)
    else:
        query = (("page", str(page)), ("size", str(AGENTS_PER_PAGE)), ("visibility_list", visibility))
    return Call("GET", "tools", f"/{version}/agents", query=query, repeatable=True)


def llms() -> Call:
    query = (("active", "true"), ("page_size", str(LLMS_PER_PAGE)))
    return Call("GET", "inference", "/v1/llm/models", query=query, repeatable=True)


def read_page(answer: Any) -> Page:
    """A bare array, or an object that holds one. Raises NotAnAnswer."""
    total = None
    if isinstance(answer, dict):
        total = fields.first_count(answer, "total_items", "total_elements", "totalElements", "total", "count")
        answer = next((answer[key] for key in _ARRAYS if isinstance(answer.get(key), list)), None)
    if not isinstance(answer, list):
        raise NotAnAnswer(
            _("StackSpot answered with something that is no list"),
            _("run it again with -v; if it stays so, tell StackSpot's support"),
        )
    entries = tuple(fields.objects(answer))
    return Page(entries, total, len(answer) - len(entries))


_ARRAYS = ("items", "content", "data", "results", "agents", "models", "objects")


def read_agent(entry: dict[str, Any]) -> Agent | None:
    """None for an entry without an id."""
    found = fields.text(entry, "id", "agent_id", "agentId", "_id")
    if found is None:
        return None
    return Agent(
        found,
        fields.text(entry, "slug"),
        fields.text(entry, "name", "title"),
        fields.text(entry, "description"),
        fields.text(entry, "visibility_level", "visibility"),
    )


def read_llm(entry: dict[str, Any]) -> Llm | None:
    """None for an entry without a name."""
    name = fields.text(entry, "slug", "model_name", "model", "name", "id")
    if name is None:
        return None
    return Llm(
        name,
        fields.text(entry, "id", "model_id"),
        fields.text(entry, "display_name", "name", "title", "description"),
        fields.text(entry, "provider", "provider_name", "model_provider"),
    )
