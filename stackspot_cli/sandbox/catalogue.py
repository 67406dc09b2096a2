"""What the emulated account has: agents, LLMs, and the lists of them in their three versions.

Knows names and pages; refuses to know what an agent answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stackspot_cli.sandbox.replies import invalid, json_reply, not_found, page_of
from stackspot_cli.sandbox.wire import Reply, Request


@dataclass(frozen=True, slots=True)
class Agent:
    id: str
    slug: str
    name: str
    visibility: str
    description: str


AGENTS = (
    Agent(
        "01K45T82PF8QC64C9DNHGQWHY2",
        "reviewer",
        "Reviewer",
        "personal",
        "Reads a change and says what breaks",
    ),
    Agent("01K45T9C4ZT1XJ6W0B7S2M8RDE", "explainer", "Explainer", "personal", "Explains code to a newcomer"),
    Agent("01K45TA7V3N5QH8Y2E6P9KFGCB", "tester", "Tester", "personal", "Writes the missing tests"),
    Agent(
        "01K45TB1M8D4RW7X3G5Z0JAVNS",
        "architect",
        "Architect",
        "account",
        "Weighs designs against the house rules",
    ),
    Agent(
        "01K45TBVE6H2KC9T4Q1Y7NXZPM", "tradutor", "Tradutor técnico", "account", "Traduz documentação técnica"
    ),
)
LLMS = (
    ("01K45V0000SANDBOXMDE100001", "sandbox-small", "Sandbox Small"),
    ("01K45V0000SANDBOXMDE100002", "sandbox-large", "Sandbox Large"),
)
VISIBILITIES = frozenset({"personal", "account", "shared", "built_in", "workspace", "favorite"})


_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def agent_by_id(agent_id: str, *, strict: bool) -> Agent | None:
    """strict: only those that the account has; else any well-formed id is played, and is its own name."""
    known = next((agent for agent in AGENTS if agent.id == agent_id), None)
    if known is not None or strict or not _ULID.fullmatch(agent_id):
        return known
    return Agent(agent_id, agent_id.lower(), agent_id, "personal", "Any agent, played by the sandbox")


def agents_page(request: Request, version: str) -> Reply:
    """GET /v4/agents, /v3/agents (`items`), /v1/agents (a bare array)."""
    if version not in ("v1", "v3", "v4"):
        return not_found(f"Nothing is served at {request.path}")
    asked = request.query_lists.get("visibility" if version == "v1" else "visibility_list", ["personal"])
    wanted = {word for value in asked for word in value.split(",") if word}
    if not wanted <= VISIBILITIES:
        return invalid(f"visibility: must be among {', '.join(sorted(VISIBILITIES))}")
    found = [
        {
            "id": agent.id,
            "slug": agent.slug,
            "name": agent.name,
            "description": agent.description,
            "visibility_level": agent.visibility,
            "type": "CONVERSATIONAL",
        }
        for agent in AGENTS
        if agent.visibility in wanted
    ]
    page = page_of(found, request)
    if isinstance(page, Reply):
        return page
    return json_reply(200, page if version == "v1" else {"items": page, "total_items": len(found)})


def llms_page() -> Reply:
    """GET /v1/llm/models."""
    return json_reply(
        200, [{"id": id_, "slug": slug, "name": name, "active": True} for id_, slug, name in LLMS]
    )
