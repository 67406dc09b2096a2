"""Files and knowledge: uploads, the storage they go to, and the knowledge sources they end in.

Knows the upload's three steps and the knowledge sources; refuses to know who uses an upload.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from stackspot_cli.sandbox.replies import (
    STORAGE_PREFIX,
    bad_request,
    invalid,
    json_reply,
    new_ulid,
    not_found,
    object_in,
    page_of,
)
from stackspot_cli.sandbox.wire import Reply, Request

FILE_LIMIT = 10 * 1024 * 1024
_STRATEGIES = (
    "NONE", "LINES_QUANTITY", "TOKENS_QUANTITY", "CHARACTERS_QUANTITY", "SYNTACTIC", "ENDPOINT",
)  # fmt: skip
_KINDS = ("api", "snippet", "custom")


@dataclass(slots=True)
class Upload:
    """status: PENDING, UPLOADED, PROCESSING, then INDEXED or SPLIT_ERROR."""

    id: str
    file_name: str
    target_type: str
    target_id: str | None
    form: dict[str, str]
    content: bytes = b""
    status: str = "PENDING"


@dataclass(slots=True)
class Knowledge:
    slug: str
    name: str
    description: str
    type: str
    visibility: str = "personal"
    objects: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "name": self.name,
            "description": self.description,
            "type": self.type,
            "visibility_level": self.visibility,
        }


class Library:
    """The uploads and the knowledge sources of the emulated account.

    stored: the file's name by upload id, of those that the storage has; filled here, read by others.
    """

    def __init__(self, stored: dict[str, str]) -> None:
        self._stored = stored
        self._uploads: dict[str, Upload] = {}
        self._lock = Lock()
        house = Knowledge("house-rules", "House rules", "How we write code here", "custom")
        house.objects.append({"id": "house-rules-1", "name": "style.md", "content": "Say why, not what."})
        payments = Knowledge("payments-api", "Payments API", "The OpenAPI of payments", "api", "account")
        payments.objects.append({"id": "payments-api-1", "name": "openapi.yaml", "content": "openapi: 3.1.0"})
        self._sources = {source.slug: source for source in (house, payments)}

    # --- uploads -----------------------------------------------------------------------------------

    def open_form(self, request: Request, base_url: str) -> Reply:
        """POST /v2/file-upload/form."""
        body = object_in(request)
        if isinstance(body, Reply):
            return body
        name, kind, target = (body.get(key) for key in ("file_name", "target_type", "target_id"))
        if not isinstance(name, str) or not name:
            return bad_request("file_name: a text is required")
        if kind not in ("CONTEXT", "KNOWLEDGE_SOURCE"):
            return bad_request("target_type: must be CONTEXT or KNOWLEDGE_SOURCE")
        if kind == "KNOWLEDGE_SOURCE" and target not in self._sources:
            return not_found(f"Knowledge source {target} does not exist")
        expiration = body.get("expiration", 600)
        if type(expiration) is not int or expiration < 1:
            return bad_request("expiration: must be a whole number of seconds")
        upload_id = new_ulid()
        form = {
            "key": f"uploads/{upload_id}/{name}",
            "x-amz-algorithm": "SANDBOX",
            "x-amz-credential": "sandbox/storage",
            "policy": f"policy-of-{upload_id}",
            "x-amz-signature": f"signature-of-{upload_id}",
        }
        with self._lock:
            self._uploads[upload_id] = Upload(upload_id, name, kind, target, form)
        url = f"{base_url}{STORAGE_PREFIX}{upload_id}"
        return json_reply(201, {"id": upload_id, "url": url, "form": form})

    def store(self, upload_id: str, request: Request) -> Reply:
        """POST to the storage: a form with the given fields first and the file last, without a token."""
        if "authorization" in request.headers:
            return _storage_error("InvalidArgument", "Only one auth mechanism allowed")
        upload = self._uploads.get(upload_id)
        if upload is None:
            return _storage_error("AccessDenied", "Invalid according to Policy: no such upload", 403)
        parts = _multipart(request)
        if parts is None:
            return _storage_error("MalformedPOSTRequest", "The body is not well-formed multipart/form-data")
        fields = {name: value.decode("utf-8", "replace") for name, value in parts[:-1]}
        if not parts or parts[-1][0] != "file":
            return _storage_error("InvalidArgument", "The file must be the last field")
        if fields != upload.form:
            return _storage_error(
                "AccessDenied", "Invalid according to Policy: the form's fields differ", 403
            )
        content = parts[-1][1]
        if len(content) > FILE_LIMIT:
            return _storage_error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        with self._lock:
            upload.content, upload.status = content, "UPLOADED"
            self._stored[upload_id] = upload.file_name
        return Reply(204)

    def index(self, upload_id: str, request: Request) -> Reply:
        """POST /v1/file-upload/{id}/knowledge-objects."""
        upload = self._uploads.get(upload_id)
        if upload is None:
            return not_found(f"Upload {upload_id} does not exist")
        body = object_in(request)
        if isinstance(body, Reply):
            return body
        if body.get("split_strategy") not in _STRATEGIES:
            return bad_request(f"split_strategy: must be one of {', '.join(_STRATEGIES)}")
        for name in ("split_quantity", "split_overlap"):
            if type(body.get(name, 0)) is not int or body.get(name, 0) < 0:
                return bad_request(f"{name}: must be a whole number")
        if upload.status != "UPLOADED" or upload.target_type != "KNOWLEDGE_SOURCE":
            return bad_request("The file was not uploaded for a knowledge source, or not uploaded yet")
        with self._lock:
            upload.status = "PROCESSING"
        return json_reply(200, _upload_shown(upload))

    def upload_status(self, upload_id: str) -> Reply:
        """GET /v1/file-upload/{id}: one poll finds PROCESSING, the next the end."""
        with self._lock:
            upload = self._uploads.get(upload_id)
            if upload is None:
                return not_found(f"Upload {upload_id} does not exist")
            shown = _upload_shown(upload)
            if upload.status == "PROCESSING":
                self._finish(upload)
            return json_reply(200, shown)

    def _finish(self, upload: Upload) -> None:
        if not upload.content:  # nothing to split
            upload.status = "SPLIT_ERROR"
            return
        upload.status = "INDEXED"
        source = self._sources.get(upload.target_id or "")
        if source is not None:
            text = upload.content.decode("utf-8", "replace")
            source.objects.append({"id": upload.id, "name": upload.file_name, "content": text})

    # --- knowledge sources -------------------------------------------------------------------------

    def sources_page(self, request: Request) -> Reply:
        """GET /v2/knowledge-sources."""
        asked = request.query_lists.get("visibility_list", ["personal"])
        wanted = {word for value in asked for word in value.split(",")}
        with self._lock:
            found = [source.shown() for source in self._sources.values() if source.visibility in wanted]
        page = page_of(found, request)
        return (
            page if isinstance(page, Reply) else json_reply(200, {"items": page, "total_items": len(found)})
        )

    def create_source(self, request: Request) -> Reply:
        """POST /v1/knowledge-sources."""
        body = object_in(request)
        if isinstance(body, Reply):
            return body
        slug, name, description = (body.get(key) for key in ("slug", "name", "description"))
        if not (isinstance(slug, str) and slug and isinstance(name, str) and name):
            return invalid("slug and name: texts are required")
        if not isinstance(description or "", str) or body.get("type") not in _KINDS:
            return invalid(f"description: must be a text; type: must be one of {', '.join(_KINDS)}")
        with self._lock:
            if slug in self._sources:
                return invalid(f"A knowledge source with the slug {slug} already exists")
            self._sources[slug] = Knowledge(slug, name, description or "", body["type"])
            return json_reply(201, self._sources[slug].shown())

    def source(self, slug: str) -> Reply:
        """GET /v1/knowledge-sources/{slug}."""
        source = self._sources.get(slug)
        return json_reply(200, source.shown()) if source else _no_source(slug)

    def objects(self, slug: str, request: Request) -> Reply:
        """GET and DELETE /v1/knowledge-sources/{slug}/objects."""
        with self._lock:
            source = self._sources.get(slug)
            if source is None:
                return _no_source(slug)
            if request.method == "DELETE":
                source.objects.clear()
                return Reply(204)
            page = page_of(source.objects, request)
            return page if isinstance(page, Reply) else json_reply(200, {"items": page})


def _no_source(slug: str) -> Reply:
    return not_found(f"Knowledge source {slug} does not exist")


def _upload_shown(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.id,
        "file_name": upload.file_name,
        "target_type": upload.target_type,
        "status": upload.status,
    }


def _storage_error(code: str, message: str, status: int = 400) -> Reply:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>\n"
    return Reply(status, body.encode(), "application/xml")


def _multipart(request: Request) -> list[tuple[str, bytes]] | None:
    """The fields of a multipart form in their order, or None where it is malformed (RFC 7578)."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    named = dict(word.strip().partition("=")[::2] for word in parameters.split(";"))
    boundary = named.get("boundary", "").strip('"').encode()
    if kind.strip().lower() != "multipart/form-data" or not boundary:
        return None
    sections = (b"\r\n" + request.body).split(b"\r\n--" + boundary)
    if len(sections) < 2 or not sections[-1].startswith(b"--"):
        return None
    parts = []
    for section in sections[1:-1]:
        head, gap, content = section.partition(b"\r\n\r\n")
        name = _field_name(head.decode("utf-8", "replace"))
        if not gap or name is None:
            return None
        parts.append((name, content))
    return parts


def _field_name(head: str) -> str | None:
    for line in head.split("\r\n"):
        title, _, value = line.partition(":")
        if title.strip().lower() == "content-disposition":
            for word in value.split(";"):
                key, _, quoted = word.strip().partition("=")
                if key.lower() == "name":
                    return quoted.strip('"')
    return None
