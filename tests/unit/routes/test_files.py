"""The file route: the form, the multipart body, the way into a knowledge source."""

import email.parser
import email.policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.errors import NotAnAnswer
from stackspot_cli.routes import files
from stackspot_cli.routes.call import Call

EVERY = st.binary(max_size=200)
NAME = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20)


def test_a_form_is_asked_for_a_prompt_or_for_a_knowledge_source() -> None:
    assert files.form("a.txt") == Call(
        "POST",
        "data",
        "/v2/file-upload/form",
        {"file_name": "a.txt", "target_type": "CONTEXT", "expiration": 600},
        repeatable=True,
    )
    assert files.form("a.txt", "rules").body == {
        "file_name": "a.txt",
        "target_type": "KNOWLEDGE_SOURCE",
        "target_id": "rules",
        "expiration": 600,
    }


def test_a_forms_fields_keep_their_order_and_become_text() -> None:
    answer = {"id": "U", "url": "https://s.example/", "form": {"z": "1", "a": 2, "n": None}}
    assert files.read_form(answer) == files.Form(
        "U", "https://s.example/", (("z", "1"), ("a", "2"), ("n", ""))
    )


@pytest.mark.parametrize(
    "answer",
    [None, [], {}, {"id": "U"}, {"id": "", "url": "x", "form": {}}, {"id": "U", "url": 1, "form": {}}],
)
def test_a_form_that_lacks_something_is_no_answer(answer: Any) -> None:
    with pytest.raises(NotAnAnswer):
        files.read_form(answer)


@given(EVERY, st.lists(st.tuples(NAME, NAME), max_size=4), NAME)
def test_a_standard_parser_reads_what_was_put_in(
    content: bytes, told: list[tuple[str, str]], file_name: str
) -> None:
    body = files.multipart(tuple(told), file_name, content, "b0undary-7f")
    head = b"Content-Type: multipart/form-data; boundary=b0undary-7f\r\n\r\n"
    # http: line ends are CRLF, and what is binary stays so
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    parts = body.split(b"--b0undary-7f")
    assert len(list(message.iter_parts())) == len(told) + 1
    assert parts[-1] == b"--\r\n"
    assert parts[-2].partition(b"\r\n\r\n")[2] == content + b"\r\n"


def test_a_name_cannot_break_out_of_its_quotes() -> None:
    body = files.multipart((('a"\r\nX: y', "v"),), 'f"\r\n.txt', b"", "b")
    assert b'name="a%22%0D%0AX: y"' in body
    assert b'filename="f%22%0D%0A.txt"' in body


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<Error><Code>C</Code><Message>Too large.</Message></Error>", "Too large."),
        (b"<html>", ""),
        (b" plain ", "plain"),
        (b"", ""),
    ],
)
def test_the_storages_words_are_in_its_message(body: bytes, words: str) -> None:
    assert files.storage_said(body) == words


@pytest.mark.parametrize(
    ("strategy", "word"),
    [
        ("none", "NONE"),
        ("lines", "LINES_QUANTITY"),
        ("tokens", "TOKENS_QUANTITY"),
        ("characters", "CHARACTERS_QUANTITY"),
        ("syntactic", "SYNTACTIC"),
        ("endpoint", "ENDPOINT"),
    ],
)
def test_each_way_to_split_has_the_services_word(strategy: files.SplitStrategy, word: str) -> None:
    call = files.index("U/1", files.Split(strategy, 7, 1))
    assert (call.path, call.body) == (
        "/v1/file-upload/U%2F1/knowledge-objects",
        {"split_strategy": word, "split_quantity": 7, "split_overlap": 1},
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("INDEXED", "indexed"),
        ("indexed", "indexed"),
        ("ERROR", "failed"),
        ("SPLIT_ERROR", "failed"),
        ("FAILED", "failed"),
        ("PROCESSING", "working"),
        ("SOMETHING_NEW", "working"),
    ],
)
def test_an_unknown_status_of_indexing_is_still_working(status: str, state: str) -> None:
    assert files.read_status({"status": status}) == files.Indexing(state, status.upper())  # type: ignore[arg-type]  # the table's text


@pytest.mark.parametrize("answer", [None, [], {}, {"status": None}, {"status": " "}])
def test_no_status_is_no_answer(answer: Any) -> None:
    with pytest.raises(NotAnAnswer):
        files.read_status(answer)
