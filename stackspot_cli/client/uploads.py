"""Files on their way to StackSpot: read within the bound, put into its storage, known by an id afterwards.

    uploads.upload(look("report.pdf"))     -> the id that goes with a prompt; asked again, the same id and no transfer

Knows files on disk and the two steps of an upload. Refuses to know field names (`routes.files`) and what an
upload is for. The storage belongs to somebody else: it never sees our Authorization.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stackspot_cli.addresses import is_loopback
from stackspot_cli.errors import BadRequest, NotAnAnswer, NotPermitted, StackSpotError, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.network.exchange import Exchange
from stackspot_cli.network.outgoing import Outgoing
from stackspot_cli.routes import files, refusals
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.client import Client
    from stackspot_cli.network.patience import Patience

SHOWN_BYTES = 1_000_000  # a smaller file is there before a bar could be read
Show = Callable[[str, float | None], object]


def _nowhere(_words: str, _fraction: float | None) -> None:
    return None


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that may be uploaded, not yet read. key: changes when the file does."""

    path: Path
    bytes: int
    key: tuple[str, int, int]

    @property
    def name(self) -> str:
        return self.path.name.encode("utf-8", "replace").decode()


def look_at_all(names: Sequence[str | os.PathLike[str]]) -> tuple[LocalFile, ...]:
    """`look` for each: all of them before the first is sent."""
    return tuple(map(look, names))


def look(name: str | os.PathLike[str]) -> LocalFile:
    """Raises UsageError where there is no such file, or it is no regular file, or too large."""
    path = Path(name)
    shown = safe_line(os.fspath(path))
    try:
        facts = path.stat()
    except (OSError, ValueError) as error:
        raise UsageError(
            _("cannot read {path}: {why}").format(
                path=shown, why=getattr(error, "strerror", None) or safe_line(str(error))
            ),
            _("check the name and the permissions"),
        ) from error
    if not stat.S_ISREG(facts.st_mode):
        raise UsageError(
            _("{path} is no file that could be uploaded").format(path=shown),
            _("name regular files, one after each --upload"),
        )
    if facts.st_size > files.FILE_BYTES:
        raise UsageError(
            _("{path} has {size} bytes: StackSpot takes files of up to {limit}").format(
                path=shown, size=facts.st_size, limit=files.FILE_BYTES
            ),
            _("upload the part that matters, or split it"),
        )
    return LocalFile(path, facts.st_size, (os.path.realpath(path), facts.st_size, facts.st_mtime_ns))


class Uploads:
    """The uploads of one conversation: `upload` gives the same id for the same file."""

    def __init__(
        self, client: Client, exchange: Exchange, *, idle: Callable[[], float | None] = lambda: None
    ) -> None:
        self._client = client
        self._exchange = exchange
        self._idle = idle
        self._ids: dict[tuple[str, int, int], str] = {}

    def upload(self, file: LocalFile, show: Show = _nowhere, patience: Patience | None = None) -> str:
        """The id of a file for a prompt's `upload_ids`. show: gets words and the part that is sent.

        patience: with the whole command, whose deadline holds here too. Raises UsageError, StackSpotError.
        """
        if file.key not in self._ids:
            self._ids[file.key] = self.send(file, show=show, patience=patience)
        return self._ids[file.key]

    def upload_all(
        self, local_files: Sequence[LocalFile], show: Show = _nowhere, patience: Patience | None = None
    ) -> dict[str, LocalFile]:
        """`upload` for each: its id to the file."""
        return {self.upload(file, show, patience): file for file in local_files}

    def send(
        self,
        file: LocalFile,
        *,
        knowledge_source: str | None = None,
        show: Show = _nowhere,
        patience: Patience | None = None,
    ) -> str:
        """Puts a file into the storage, for a prompt or for a knowledge source: its id. Raises StackSpotError."""
        content = _content(file)
        self._client.refuse_own_secrets(content, safe_line(os.fspath(file.path)))
        patience = patience or self._client.patience()
        try:
            form = files.read_form(
                self._client.json(files.form(file.name, knowledge_source), patience.another())
            )
        except NotPermitted as refusal:
            refusal.hint = _(
                "uploads need an enterprise account, and this credential must be allowed to upload"
            )
            raise
        _refuse_unsafe(form.url)
        self._store(form, file.name, content, show, patience)
        return form.id

    def _store(self, form: files.Form, name: str, content: bytes, show: Show, patience: Patience) -> None:
        boundary = f"stackspot-{os.urandom(16).hex()}"
        body = files.multipart(form.fields, name, content, boundary)
        words = _("uploading {file}").format(file=name)

        def show_sent(sent_bytes: int) -> None:
            if len(content) > SHOWN_BYTES:
                show(words, min(1.0, sent_bytes / len(body)))

        def explain(status: int, said: bytes, headers: Mapping[str, str], url: str) -> StackSpotError:
            return storage_refusal(status, said, headers, url, name)

        outgoing = Outgoing(
            "POST",
            form.url,
            explain,
            {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "*/*"},
            body,
            repeatable=True,  # the same bytes under the same key
            on_sent=show_sent,
        )
        self._exchange.send(outgoing, patience.another(idle=self._idle)).drain()


def storage_refusal(
    status: int, body: bytes, headers: Mapping[str, str], url: str, name: str
) -> StackSpotError:
    """What the storage's answer other than 2xx means. The query of its address is a key: it is not shown."""
    if status >= 500 or status in (407, 408, 429) or status < 400:
        return refusals.from_status(status, body, headers, url.partition("?")[0])
    what = _("the storage refused {file} ({status})").format(file=safe_line(name), status=status)
    words = safe_line(files.storage_said(body))
    return BadRequest(
        f"{what}: {words}" if words else what,
        _("try again: the form of an upload is good for ten minutes only; check the file's size"),
        status=status,
    )


def _content(file: LocalFile) -> bytes:
    try:
        with file.path.open("rb") as stream:
            content = stream.read(files.FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(
            _("cannot read {path}: {why}").format(
                path=safe_line(os.fspath(file.path)), why=error.strerror or error
            ),
            _("check the name and the permissions"),
        ) from error
    if len(content) > files.FILE_BYTES:
        raise UsageError(
            _("{path} has grown beyond {limit} bytes").format(
                path=safe_line(os.fspath(file.path)), limit=files.FILE_BYTES
            ),
            _("upload the part that matters, or split it"),
        )
    return content


def _refuse_unsafe(url: str) -> None:
    """A file goes over https, or to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise NotAnAnswer(
            _("StackSpot named a storage that is not https: nothing was uploaded"),
            _("a proxy may stand in between: look with `stackspot status`"),
        )
