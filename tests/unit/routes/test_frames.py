"""Frames to events: every shape that is known or feared, and what ends an answer."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.domain import Delta, Done, Event, Source, Usage
from stackspot_cli.errors import Refused
from stackspot_cli.routes.frames import FrameReader, is_error, source, sources, usage


def read(*frames: dict[str, Any], field: str = "answer") -> list[Event]:
    reader = FrameReader(field)
    return [event for frame in frames for event in reader.read("message", json.dumps(frame))]


@pytest.mark.parametrize(
    ("frame", "events"),
    [
        ({"answer": "Hi"}, [Delta("Hi")]),
        ({"answer": "Hi", "message": "other"}, [Delta("Hi")]),
        ({"message": "Hi"}, [Delta("Hi")]),
        ({"answer": " ", "message_id": None}, [Delta(" ")]),
        ({"answer": 7}, [Delta("7")]),
        ({"answer": ""}, []),
        ({"answer": None}, []),
        ({"answer": True, "tokens": None}, []),
        ({"unknown": [1]}, []),
        (
            {"message": "", "stop_reason": "length", "conversation_id": "C", "message_id": "M"},
            [Done("length", "C", "M")],
        ),
        ({"stop_reason": None, "answer": "a"}, [Delta("a")]),
        ({"stop_reason": 0}, []),
    ],
)
def test_each_frame_is_the_events_that_it_tells(frame: dict[str, Any], events: list[Event]) -> None:
    assert read(frame) == events


def test_the_end_tells_the_tokens_and_the_ids_that_came_before_it() -> None:
    events = read(
        {"answer": "Hi", "conversation_id": "C", "tokens": {"input": 3}},
        {"message_id": "M", "tokens": {"input": 3, "output": 4}},
        {"stop_reason": "stop", "conversation_id": ""},
    )
    assert events == [Delta("Hi"), Usage(3, 4), Done("stop", "C", "M")]


def test_a_source_is_told_once() -> None:
    guide, faq = {"name": "Guide"}, "faq.md"
    events = read(
        {"source": [guide], "answer": "a"}, {"sources": [faq, guide]}, {"cross_account_source": [faq]}
    )
    assert events == [Delta("a"), Source(name="Guide"), Source(name="faq.md")]


@pytest.mark.parametrize(
    ("event", "data", "events"),
    [
        ("new_message", '{"answer": "x"}', [Delta("x")]),
        ("message", '{"answer": "x"}', [Delta("x")]),
        ("ping", '{"answer": "x"}', []),
        ("message", "junk", []),
        ("message", "[1]", []),
        ("message", '{"answer": "a"}\n{"answer": "b"}\n', [Delta("a"), Delta("b")]),
        ("message", '{"answer": "a"}\njunk', [Delta("a")]),
        ("message", '{"answer": "line\tbreak"}', [Delta("line\tbreak")]),
        ("message", "[DONE]", [Done()]),
        ("message", " [DONE] ", [Done()]),
        ("end_event", "{}", [Done()]),
        ("end_event", "junk", [Done()]),
        ("end_event", '{"message_id": "M", "answer": "x"}', [Delta("x"), Done("stop", None, "M")]),
        ("end_event", '{"stop_reason": "length"}', [Done("length")]),
    ],
)
def test_what_an_event_of_the_stream_means(event: str, data: str, events: list[Event]) -> None:
    assert FrameReader("answer").read(event, data) == events


def test_after_the_last_word_nothing_is_heard() -> None:
    reader = FrameReader("answer")
    assert reader.read("end_event", "") == [Done()]
    assert reader.finished
    assert reader.read("message", '{"answer": "x"}') == []
    assert reader.read_object({"answer": "x"}) == []


@pytest.mark.parametrize(
    ("frames", "count"),
    [
        ([("ping", "{}"), ("message", "junk"), ("message", "[1]"), ("message", "{}")], 0),
        ([("message", '{"answer": ""}')] * 3, 0),
        ([("message", '{"answer": "a"}')] * 3, 3),
        ([("message", '{"message": "a", "tools_id": []}')] * 2, 2),
        ([("message", '{"message": "", "tools_id": ["01K"], "n": 1}')] * 3, 1),
        ([("message", f'{{"message": "", "tools_id": ["{name}"]}}') for name in "aabb"], 2),
        ([("message", '{"message": "\\ud83d"}'), ("message", '{"source": ["Guide"]}')] * 2, 3),
    ],
)
def test_frames_that_mean_something_are_counted(frames: list[tuple[str, str]], count: int) -> None:
    """The same sign of life again and again means nothing, and nothing else does that tells nothing new."""
    reader = FrameReader("answer")
    for event, data in frames:
        reader.read(event, data)
    assert reader.frames == count


def test_what_was_found_to_be_whole_is_not_parsed_again() -> None:
    reader = FrameReader("answer")
    data = '{"answer": "x"}'
    assert [reader.whole(text) for text in ("[DONE]", "{", "[1]", "junk", data)] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert reader.read("message", data) == [Delta("x")]


# --- errors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "error", "message": "no"},
        {"error": "no"},
        {"error": {"message": "no"}},
        {"type": "X", "code": "C", "details": "no"},
    ],
)
def test_an_error_frame_is_a_refusal_in_the_services_own_words(frame: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        read({"answer": "so far"}, frame)
    assert caught.value.message == "StackSpot broke off with an error: no"
    assert caught.value.service_code == frame.get("code")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('{"message": "no"}', "StackSpot broke off with an error: no"),
        ("no", "StackSpot broke off with an error: no"),
        ("{}", "StackSpot broke off with an error"),
        ("", "StackSpot broke off with an error: "),
    ],
)
def test_an_error_event_is_a_refusal_whatever_it_holds(data: str, message: str) -> None:
    with pytest.raises(Refused) as caught:
        FrameReader("answer").read("error", data)
    assert caught.value.message == message.removesuffix(": ")


@pytest.mark.parametrize(
    "frame", [{}, {"error": None}, {"error": ""}, {"type": "message"}, {"code": 1, "details": 1}]
)
def test_a_frame_that_only_looks_like_an_error_is_none(frame: dict[str, Any]) -> None:
    assert is_error(frame) is False


# --- text ----------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), st.sets(st.integers(1, 24)))
def test_a_text_in_any_halves_is_the_same_text(text: str, cuts: set[int]) -> None:
    """JSON may cut between the two escapes of one character."""
    units = text.encode("utf-16-le")
    places = [0, *(place * 2 for place in sorted(cuts) if place * 2 < len(units)), len(units)]
    parts = [units[start:end].decode("utf-16-le", "surrogatepass") for start, end in pairwise(places)]
    events = read(*({"answer": part} for part in parts), {"stop_reason": "stop"})
    assert "".join(event.text for event in events if isinstance(event, Delta)) == text


def test_a_half_that_is_left_is_shown_as_lost() -> None:
    assert read({"answer": "a\ud83d"}, {"answer": "b"}) == [Delta("a"), Delta("\ufffdb")]
    assert read({"answer": "a\ud83d"}, {"stop_reason": "x"}) == [Delta("a"), Delta("\ufffd"), Done("x")]


# --- tokens and sources --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "counted"),
    [
        ({"input": 3, "output": 4}, Usage(3, 4)),
        ({"input": "3", "output": "4"}, Usage(3, 4)),
        ({"user": 1, "enrichment": 2, "output": 4}, Usage(3, 4)),
        ({"user": None, "enrichment": 2, "output": 4}, Usage(2, 4)),
        ({"input": 3, "output": None}, Usage(3, 0)),
        ({"input": None, "output": 4}, Usage(0, 4)),
        ({"input": 3}, Usage(3, None)),
        ({"output": 4}, Usage(None, 4)),
        ({"input": None, "output": None}, None),
        ({"input": -1}, None),
        ({}, None),
        (None, None),
        ("3", None),
    ],
)
def test_tokens_are_counted_in_both_shapes(tokens: Any, counted: Usage | None) -> None:
    assert usage(tokens) == counted


@pytest.mark.parametrize(
    ("entry", "read"),
    [
        ("faq.md", Source(name="faq.md")),
        (" ", None),
        (
            {
                "name": "N",
                "slug": "s",
                "type": "t",
                "document_type": "d",
                "document_score": 1,
                "document_id": 7,
                "id": "i",
            },
            Source("N", "s", "t", "d", 1.0, "7", "i"),
        ),
        ({"name": "N", "document_score": float("nan")}, Source(name="N")),
        ({"name": "N", "document_score": True}, Source(name="N")),
        ({"name": "", "unknown": 1}, None),
        (None, None),
        (7, None),
    ],
)
def test_a_source_is_an_object_or_a_name(entry: Any, read: Source | None) -> None:
    assert source(entry) == read


@pytest.mark.parametrize("value", [None, "x", {}, [None]])
def test_what_holds_no_source_names_none(value: Any) -> None:
    found: Sequence[Source] = sources({"source": value, "sources": value, "cross_account_source": value})
    assert list(found) == []
