"""Files on their way to StackSpot: looked at, read within the bound, put into its storage, known by an id."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from clock import Clock
from scripted_client import ScriptedClient

from stackspot_cli.client.uploads import LocalFile, Uploads, look, look_at_all, storage_refusal
from stackspot_cli.errors import BadRequest, NotAnAnswer, NotPermitted, RateLimited, ServerFailed, UsageError
from stackspot_cli.network.exchange import Exchange
from stackspot_cli.network.retry import RetryPolicy
from stackspot_cli.routes import files

STORAGE = "https://storage.example/bucket?signature=s3cr3t"


def form(number: int, url: str = STORAGE) -> dict[str, Any]:
    return {"id": f"U{number}", "url": url, "form": {"key": f"uploads/{number}"}}


class World:
    """A client that gives forms, and a storage in memory behind a real exchange."""

    def __init__(self, *forms: Any, status: int = 204, body: bytes = b"") -> None:
        self.client = ScriptedClient(*forms)
        self.stored: list[httpx.Request] = []
        self.shown: list[tuple[str, float | None]] = []

        def answer(request: httpx.Request) -> httpx.Response:
            request.extensions["attempt"].on_sent(len(request.content))
            self.stored.append(request)
            return httpx.Response(status, content=body, request=request)

        exchange = Exchange(httpx.MockTransport(answer), RetryPolicy(0), sleep=Clock().sleep)
        self.uploads = Uploads(self.client, exchange)

    def show(self, words: str, part: float | None) -> None:
        self.shown.append((words, part))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def new(name: str, content: bytes = b"abc") -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return new


# --- looked at -------------------------------------------------------------------------------------


def test_a_file_is_known_by_its_place_its_size_and_its_time(write: Callable[..., Path]) -> None:
    path = write("a.txt")
    facts = path.stat()
    assert look(path) == LocalFile(path, 3, (os.path.realpath(path), 3, facts.st_mtime_ns))
    assert look(path.parent / "." / "a.txt").key == look(str(path)).key


def test_a_file_that_changed_is_another(write: Callable[..., Path]) -> None:
    path = write("a.txt")
    before = look(path)
    path.write_bytes(b"abcd")
    assert look(path).key != before.key


def test_a_name_that_is_no_text_can_be_sent(tmp_path: Path) -> None:
    assert LocalFile(tmp_path / "a\udce9.txt", 0, ("", 0, 0)).name == "a?.txt"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.txt", "cannot read PLACE/nowhere.txt: No such file or directory"),
        (".", "PLACE is no file that could be uploaded"),
        ("big", "PLACE/big has 10485761 bytes: StackSpot takes files of up to 10485760"),
        ("a\0b", "cannot read PLACE/a␀b: "),
    ],
)
def test_what_cannot_be_uploaded_is_a_usage_error(tmp_path: Path, name: str, message: str) -> None:
    with (tmp_path / "big").open("wb") as stream:
        stream.truncate(files.FILE_BYTES + 1)
    with pytest.raises(UsageError) as caught:
        look(tmp_path / name)
    assert caught.value.message.replace(str(tmp_path), "PLACE").startswith(message)
    assert caught.value.hint


def test_all_are_looked_at_before_the_first_is_sent(write: Callable[..., Path], tmp_path: Path) -> None:
    one, other = write("a"), write("b")
    assert look_at_all([str(one), str(other)]) == (look(one), look(other))
    with pytest.raises(UsageError):
        look_at_all([one, tmp_path / "nowhere"])


# --- sent ------------------------------------------------------------------------------------------


def test_a_file_goes_to_the_storage_without_our_authorization(write: Callable[..., Path]) -> None:
    world = World(form(1))
    assert world.uploads.upload(look(write("a.txt"))) == "U1"
    assert world.client.calls == [files.form("a.txt")]
    sent = world.stored[0]
    assert (sent.method, str(sent.url), "authorization" in sent.headers) == ("POST", STORAGE, False)
    kind, _semicolon, boundary = sent.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    assert sent.content == files.multipart((("key", "uploads/1"),), "a.txt", b"abc", boundary)


def test_the_same_file_is_sent_once_in_a_conversation(write: Callable[..., Path]) -> None:
    world = World(form(1), form(2))
    one, other = look(write("a")), look(write("b"))
    again = look(one.path)
    assert world.uploads.upload_all([one, other, again]) == {"U1": one, "U2": other}
    assert len(world.stored) == 2


def test_a_file_for_a_knowledge_source_names_it_and_is_sent_each_time(write: Callable[..., Path]) -> None:
    world = World(form(1), form(2))
    file = look(write("a.md"))
    assert [world.uploads.send(file, knowledge_source="rules") for _time in range(2)] == ["U1", "U2"]
    assert world.client.calls == [files.form("a.md", "rules")] * 2


@pytest.mark.parametrize(("size", "shown"), [(3, []), (1_000_001, [("uploading a", 1.0)])])
def test_a_large_file_shows_how_much_is_sent(write: Callable[..., Path], size: int, shown: list[Any]) -> None:
    world = World(form(1))
    world.uploads.upload(look(write("a", b"x" * size)), world.show)
    assert world.shown == shown


def test_a_file_that_grew_or_went_since_it_was_looked_at_is_not_sent(write: Callable[..., Path]) -> None:
    world = World(form(1))
    grown, gone = look(write("grown")), look(write("gone"))
    with grown.path.open("wb") as stream:
        stream.truncate(files.FILE_BYTES + 1)
    gone.path.unlink()
    with pytest.raises(UsageError, match="has grown beyond 10485760 bytes"):
        world.uploads.upload(grown)
    with pytest.raises(UsageError, match="cannot read"):
        world.uploads.upload(gone)
    assert (world.client.calls, world.stored) == ([], [])


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://storage.example/x", True),
        ("http://127.0.0.1:1/x", True),
        ("http://storage.example/x", False),
        ("ftp://storage.example/x", False),
        ("https:///x", False),
        ("https://[x", False),
        ("", False),
    ],
)
def test_a_file_goes_over_https_or_to_this_machine(write: Callable[..., Path], url: str, safe: bool) -> None:
    world = World(form(1, url))
    file = look(write("a"))
    if safe:
        assert world.uploads.upload(file) == "U1"
    else:
        with pytest.raises(NotAnAnswer, match="not https"):
            world.uploads.upload(file)
    assert bool(world.stored) is safe


def test_an_account_without_uploads_is_told_what_they_need(write: Callable[..., Path]) -> None:
    world = World(NotPermitted("no", status=403))
    with pytest.raises(NotPermitted) as caught:
        world.uploads.upload(look(write("a")))
    assert caught.value.hint.startswith("uploads need an enterprise account")


# --- refused ---------------------------------------------------------------------------------------


def test_a_refusal_of_the_storage_is_told_in_its_words(write: Callable[..., Path]) -> None:
    world = World(form(1), status=403, body=b"<Error><Message>expired</Message></Error>")
    with pytest.raises(BadRequest) as caught:
        world.uploads.upload(look(write("a")))
    assert caught.value.message == "the storage refused a (403): expired"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequest), (413, BadRequest), (429, RateLimited), (500, ServerFailed), (302, NotAnAnswer)],
)
def test_no_refusal_shows_the_key_in_the_address(status: int, kind: type[Exception]) -> None:
    error = storage_refusal(status, b"", {}, STORAGE, "a\x1b.txt")
    assert type(error) is kind
    assert "s3cr3t" not in error.message + error.hint and "\x1b" not in error.message
