import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.errors import ExitCode
from stackspot_cli.routes.refusals import (
    from_status,
    from_token_status,
    names_a_tuning_field,
    not_an_answer,
    said,
)
from stackspot_cli.safe_text import safe_text

URL = "https://api.example/v3/chat"


def is_safe_line(text: str) -> bool:
    return safe_text(text) == text and "\n" not in text


@given(st.integers(100, 999), st.binary(max_size=300), st.text(max_size=40))
def test_every_refusal_is_one_safe_sentence_with_a_hint_and_no_bug(
    status: int, body: bytes, where: str
) -> None:
    for error in (
        from_status(status, body, {"location": where}, URL),
        from_token_status(status, body, {"location": where}, "acme", URL),
    ):
        assert error.exit_code in (4, 5, 6, 8) and error.status == status and error.hint
        for text in (error.message, error.hint):
            assert is_safe_line(text) and len(text) < 1000


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_the_token_service_refuses_credentials(status: int) -> None:
    assert from_token_status(status, b"", {}, "acme", URL).exit_code is ExitCode.AUTH


@pytest.mark.parametrize("status", [402, 405, 408, 413, 422, 429, 500, 503, 599])
def test_what_else_the_token_service_says_names_it_and_no_prompt(status: int) -> None:
    error = from_token_status(status, b'{"message": "why"}', {}, "acme", URL)
    assert "the token service" in error.message and error.message.endswith(f"({status}): why")
    assert "prompt" not in error.hint and "--dry-run" not in error.hint
    assert error.exit_code is from_status(status, b"", {}, URL).exit_code


@pytest.mark.parametrize(
    ("words", "over_long"),
    [
        ("prompt is too long: 21000 tokens > 16384", True),
        ("This model's maximum context length is 16384 tokens", True),
        ("Input too large", True),
        ("the name is too long", False),
    ],
)
def test_an_over_long_prompt_is_known_by_its_words(words: str, over_long: bool) -> None:
    error = from_status(400, json.dumps({"message": words}).encode(), {}, URL)
    assert error.hint.startswith("send less") is over_long and words in error.message


KEYS = st.sampled_from(["details", "message", "detail", "error", "code", "msg"])
BODIES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
    max_leaves=8,
)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'""', b" "])
def test_an_empty_body_says_nothing(body: bytes) -> None:
    assert said(body) == ("", None)
    assert from_status(403, body, {}, URL).message == "StackSpot does not permit this (403)"


@given(BODIES)
def test_words_are_found_in_every_shape(value: object) -> None:
    words, code = said(json.dumps(value).encode())
    assert is_safe_line(words) and len(words) <= 301
    assert code is None or (is_safe_line(code) and len(code) <= 101)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"detail": [{"loc": ["body", "max_tokens"]}]}', True),
        (b'{"message": "Unknown field temperature"}', True),
        (b'{"message": "model is not allowed"}', True),
        (b'{"message": "no such data_model"}', False),
        (
            b'{"code": "INFERENCE_6001_LLM_MODEL_BAD_REQUEST", "details": "the model takes 16384 tokens"}',
            False,
        ),
        (b'{"message": "malformed"}', False),
        (b"", False),
    ],
)
def test_whether_a_refusal_names_what_only_we_send(body: bytes, named: bool) -> None:
    assert names_a_tuning_field(body) is named


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", "", "answered with nothing"),
        (b"<html>", "", "a web page"),
        (b"x", "text/html", "a web page"),
        (b"x", "text/plain", "something that is no answer"),
    ],
)
def test_what_a_success_without_an_answer_is_called(body: bytes, kind: str, words: str) -> None:
    error = not_an_answer(body, kind, URL)
    assert words in error.message and error.exit_code is ExitCode.UNAVAILABLE
