"""A file into a knowledge source: uploaded, handed over, and waited for until it can be found.

Knows the order of the steps. Refuses to know field names (`routes`) and when to ask again (`polling`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stackspot_cli.client.polling import Patience, Polling
from stackspot_cli.errors import StillRunning
from stackspot_cli.routes import files
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.client import Client
    from stackspot_cli.client.uploads import LocalFile, Show, Uploads


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
    split: files.Split,
    patience: Patience,
    show: Show,
) -> Added:
    """Brings one file into a knowledge source. Raises StackSpotError, StillRunning after the patience."""
    whole = client.patience()
    upload_id = uploads.send(file, knowledge_source=slug, show=show, patience=whole)
    client.json(files.index(upload_id, split), whole.another())
    words = _("indexing {file}").format(file=file.name)
    show(words, None)

    def late() -> StillRunning:
        return StillRunning(
            _("{file} has not been indexed within {seconds} s").format(
                file=safe_line(file.name), seconds=f"{patience.wait_seconds:g}"
            ),
            _("it goes on at StackSpot; `stackspot knowledge show {slug}` shows what has arrived").format(
                slug=safe_line(slug)
            ),
        )

    for answer in Polling(client, files.status(upload_id), patience, whole, late=late).answers(at_once=False):
        told = files.read_status(answer)
        show(f"{words}: {told.status}", None)
        if told.state != "working":
            return Added(file.name, upload_id, told.status, told.state == "indexed")
    raise AssertionError("the answers end with an error")
