"""Knowledge sources: shown, created, filled with files, and emptied.

Knows the order of the steps. Refuses to know field names (`routes`), when to ask again (`polling`) and how a file
travels (`uploads`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackspot_cli.client import account
from stackspot_cli.client.polling import Polling, PollPlan
from stackspot_cli.errors import BadRequest, StillRunning
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.routes import files, knowledge
from stackspot_cli.routes.files import Split
from stackspot_cli.routes.knowledge import Knowledge, KnowledgeObject, KnowledgeType
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _, numeral

if TYPE_CHECKING:
    from stackspot_cli.client.client import Client
    from stackspot_cli.client.uploads import LocalFile, Show, Uploads

__all__ = ["Added", "Knowledge", "KnowledgeObject", "Split", "add", "clear", "create", "show"]


def show(client: Client, slug: str) -> tuple[Knowledge, list[KnowledgeObject]]:
    """One source, and the pieces that are in it. Raises StackSpotError."""
    source = knowledge.read_one(client.json(knowledge.source(slug)))
    return source, account.knowledge_objects(client, slug)


def create(client: Client, slug: str, name: str, description: str, kind: KnowledgeType) -> Knowledge:
    """Raises StackSpotError; BadRequest where the slug exists."""
    try:
        made = knowledge.read_source(client.json(knowledge.create(slug, name, description, kind)))
    except BadRequest as refusal:
        if refusal.status == 422:
            refusal.hint = _("where it exists already, fill it: stackspot knowledge add {slug} FILE").format(
                slug=slug
            )
        raise
    return made or Knowledge(slug, None, name, description, kind)


def clear(client: Client, slug: str) -> None:
    """Deletes what is in a source. Raises StackSpotError."""
    client.json(knowledge.clear(slug))


@dataclass(frozen=True, slots=True)
class Added:
    """One file's fate. status: the service's own word, such as INDEXED. id: of the upload."""

    file: str
    id: str
    status: str
    indexed: bool


def add(
    client: Client,
    uploads: Uploads,
    file: LocalFile,
    slug: str,
    split: Split,
    plan: PollPlan,
    show: Show,
) -> Added:
    """Brings one file into a source, and waits until it can be found there.

    Raises StackSpotError, StillRunning after plan.wait_seconds.
    """
    patience = client.patience()
    upload_id = uploads.send(file, knowledge_source=slug, show=show, patience=patience)
    client.json(files.index(upload_id, split), patience.another())
    words = _("indexing {file}").format(file=file.name)
    show(words, None)

    def late() -> StillRunning:
        return StillRunning(
            _("{file} has not been indexed within {seconds} s").format(
                file=safe_line(file.name), seconds=numeral(f"{plan.wait_seconds:g}")
            ),
            _("it goes on at StackSpot; `stackspot knowledge show {slug}` shows what has arrived").format(
                slug=safe_line(slug)
            ),
        )

    polling = Polling(client, files.status(upload_id), plan, patience, late=late)
    for answer in polling.answers(at_once=False):
        indexing = files.read_status(answer)
        show(f"{words}: {indexing.status}", None)
        if indexing.state != "working":
            return Added(file.name, upload_id, indexing.status, indexing.state == "indexed")
    raise AssertionError("the answers end with an error")
