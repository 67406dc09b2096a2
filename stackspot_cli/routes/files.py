"""Files: a form from the service, a multipart body for its storage, and the way into a knowledge source.

Pure: knows field names, paths and the shape of a multipart form (protocol page, "Files"; RFC 7578). Refuses to
know files on disk and connections.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from stackspot_cli.errors import NotAnAnswer
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.routes.call import Call
from stackspot_cli.translation import _

FILE_BYTES = 10 * 1024 * 1024  # the service takes 10 MB a file
FORM_SECONDS = 600  # how long the storage accepts the form
SplitStrategy: TypeAlias = Literal["none", "lines", "tokens", "characters", "syntactic", "endpoint"]
IndexingState: TypeAlias = Literal["working", "indexed", "failed"]

_STRATEGIES: dict[SplitStrategy, str] = {
    "none": "NONE",
    "lines": "LINES_QUANTITY",
    "tokens": "TOKENS_QUANTITY",
    "characters": "CHARACTERS_QUANTITY",
    "syntactic": "SYNTACTIC",
    "endpoint": "ENDPOINT",
}


@dataclass(frozen=True, slots=True)
class Form:
    """Where a file goes. fields: for the storage, in the service's order."""

    id: str
    url: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Split:
    """How a knowledge source cuts a file into objects. quantity, overlap: in the strategy's own unit."""

    strategy: SplitStrategy = "none"
    quantity: int = 500
    overlap: int = 50


@dataclass(frozen=True, slots=True)
class Indexing:
    """How far a file is on its way into a knowledge source. status: the service's own word."""

    state: IndexingState
    status: str


def form(file_name: str, knowledge_source: str | None = None) -> Call:
    """Asks where to put a file: for a prompt, or for a knowledge source named by its slug."""
    body: dict[str, object] = {
        "file_name": file_name,
        "target_type": "CONTEXT" if knowledge_source is None else "KNOWLEDGE_SOURCE",
    }
    if knowledge_source is not None:
        body["target_id"] = knowledge_source
    body["expiration"] = FORM_SECONDS
    return Call("POST", "data", "/v2/file-upload/form", body, repeatable=True)


def read_form(answer: Any) -> Form:
    """Raises NotAnAnswer."""
    if isinstance(answer, dict):
        upload_id, url, fields = answer.get("id"), answer.get("url"), answer.get("form")
        if isinstance(upload_id, str) and upload_id and isinstance(url, str) and isinstance(fields, dict):
            pairs = tuple((str(name), "" if value is None else str(value)) for name, value in fields.items())
            return Form(upload_id, url, pairs)
    raise NotAnAnswer(
        _("StackSpot did not say where to upload the file"),
        _("run it again with -v; uploads may need another kind of account"),
    )


def multipart(fields: tuple[tuple[str, str], ...], file_name: str, content: bytes, boundary: str) -> bytes:
    """The storage's form: every field first, the file last; the storage ignores whatever follows it."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'.encode(
            "utf-8", "replace"
        )
        for name, value in fields
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{_quoted(file_name)}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return b"".join([*parts, head.encode("utf-8", "replace"), content, f"\r\n--{boundary}--\r\n".encode()])


def _quoted(name: str) -> str:
    """As browsers write a name in a form (HTML standard, "multipart/form-data encoding")."""
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def storage_said(body: bytes) -> str:
    """The storage's own words: XML with a `Message`, or text."""
    import re  # deferred: a refusal only

    text = body.decode("utf-8", "replace").strip()
    found = re.search(r"<Message>([^<]*)</Message>", text)
    if found:
        return found.group(1).strip()
    return "" if text.startswith("<") else text


def index(upload_id: str, split: Split) -> Call:
    """Sends an uploaded file into its knowledge source."""
    body = {
        "split_strategy": _STRATEGIES[split.strategy],
        "split_quantity": split.quantity,
        "split_overlap": split.overlap,
    }
    return Call(
        "POST",
        "data",
        f"/v1/file-upload/{quote(upload_id, safe='')}/knowledge-objects",
        body,
        may_be_empty=True,
    )


def status(upload_id: str) -> Call:
    return Call(
        "GET",
        "data",
        f"/v1/file-upload/{quote(upload_id, safe='')}",
        headers=(("Cache-Control", "no-cache"),),
        repeatable=True,
    )


def read_status(answer: Any) -> Indexing:
    """An unknown status is still working. Raises NotAnAnswer."""
    word = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(word, str) or not word.strip():
        raise NotAnAnswer(
            _("StackSpot did not say how far the file is"),
            _("run it again with -v; `stackspot knowledge show SLUG` shows what has arrived"),
        )
    word = word.strip().upper()
    if word == "INDEXED":
        return Indexing("indexed", word)
    return Indexing("failed" if "ERROR" in word or "FAIL" in word else "working", word)
