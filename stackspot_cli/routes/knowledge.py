"""Knowledge sources: listed, shown, created, emptied (protocol page, "Lists"). Files go in through `routes.files`.

Pure: knows paths and field names.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from stackspot_cli.errors import NotAnAnswer
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.routes import fields
from stackspot_cli.routes.call import Call
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

SOURCES_PER_PAGE = 10  # the one size that was seen

KnowledgeType: TypeAlias = Literal["api", "snippet", "custom"]


@dataclass(frozen=True, slots=True)
class Knowledge:
    slug: str
    id: str | None = None
    name: str | None = None
    description: str | None = None
    type: str | None = None
    visibility: str | None = None


@dataclass(frozen=True, slots=True)
class KnowledgeObject:
    """A piece of a knowledge source, as it was cut from a file."""

    id: str | None = None
    name: str | None = None
    content: str | None = None


def sources(visibility: str, page: int) -> Call:
    query = (("page", str(page)), ("size", str(SOURCES_PER_PAGE)), ("visibility_list", visibility))
    return Call("GET", "data", "/v2/knowledge-sources", query=query, repeatable=True)


def source(slug: str) -> Call:
    return Call("GET", "data", _path(slug), repeatable=True, absent=_absent(slug))


def objects(slug: str) -> Call:
    return Call("GET", "data", f"{_path(slug)}/objects", repeatable=True, absent=_absent(slug))


def create(slug: str, name: str, description: str, kind: KnowledgeType) -> Call:
    body = {"slug": slug, "name": name, "description": description, "type": kind}
    return Call("POST", "data", "/v1/knowledge-sources", body, may_be_empty=True)


def clear(slug: str) -> Call:
    """Deletes the objects; the source stays. Doing it twice is doing it once."""
    return Call(
        "DELETE",
        "data",
        f"{_path(slug)}/objects",
        repeatable=True,
        may_be_empty=True,
        absent=_absent(slug),
    )


def _absent(slug: str) -> tuple[str, str]:
    return (
        _("there is no knowledge source {slug} (404)").format(slug=repr(safe_line(slug, 60))),
        _("`stackspot knowledge list` shows the slugs of those that this credential may see"),
    )


def _path(slug: str) -> str:
    return f"/v1/knowledge-sources/{quote(slug, safe='')}"


def read_source(entry: Any) -> Knowledge | None:
    """None for what has neither slug nor id."""
    if not isinstance(entry, dict):
        return None
    slug = fields.text(entry, "slug", "id")
    if slug is None:
        return None
    return Knowledge(
        slug,
        fields.text(entry, "id"),
        fields.text(entry, "name"),
        fields.text(entry, "description"),
        fields.text(entry, "type"),
        fields.text(entry, "visibility_level", "visibility"),
    )


def read_one(answer: Any) -> Knowledge:
    """Raises NotAnAnswer."""
    found = read_source(answer)
    if found is None:
        raise NotAnAnswer(
            _("StackSpot answered with something that is no knowledge source"),
            _("run it again with -v; if it stays so, tell StackSpot's support"),
        )
    return found


def read_object(entry: dict[str, Any]) -> KnowledgeObject | None:
    """None for an entry in which nothing is known."""
    found = KnowledgeObject(
        fields.text(entry, "id", "object_id", "custom_id"),
        fields.text(entry, "name", "file_name", "file_path", "title", "document_name"),
        fields.text(entry, "content", "page_content", "text"),
    )
    return None if found == KnowledgeObject() else found
