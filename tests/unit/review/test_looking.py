from __future__ import annotations

import threading

import pytest

from stackspot_cli.errors import CredentialsRefused, RateLimited, Refused, ServerFailed, StackSpotError
from stackspot_cli.review.looking import Looked, Looking
from stackspot_cli.review.parts import Part

PARTS = [Part(name, (), name) for name in "abcdef"]


def test_every_part_is_looked_at_once_several_at_a_time() -> None:
    together = threading.Barrier(3, timeout=30)

    def look(part: Part) -> Looked:
        together.wait()  # passes only when three threads are here
        return Looked(part)

    looked = list(Looking(PARTS, look, jobs=3).each())
    assert sorted(one.part.path for one in looked) == list("abcdef")


def test_one_failure_is_one_parts() -> None:
    refusal = ServerFailed("no")

    def look(part: Part) -> Looked:
        if part.path == "b":
            raise refusal
        return Looked(part)

    looked = list(Looking(PARTS, look, jobs=2).each())
    assert [one for one in looked if one.error] == [Looked(PARTS[1], error=refusal)]


@pytest.mark.parametrize("refusal", [RateLimited("later"), CredentialsRefused("no")])
def test_after_a_refusal_to_all_nobody_else_is_asked(refusal: StackSpotError) -> None:
    asked = []

    def look(part: Part) -> Looked:
        asked.append(part.path)
        if part.path == "b":
            raise refusal
        return Looked(part)

    looked = list(Looking(PARTS, look, jobs=1).each())
    assert (asked, len(looked)) == (["a", "b"], 6)
    assert [one.error for one in looked] == [None, *[refusal] * 5]


def test_a_bug_is_raised_where_somebody_reads() -> None:
    def look(part: Part) -> Looked:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        list(Looking(PARTS, look, jobs=2).each())


def test_who_has_had_enough_is_not_kept_waiting() -> None:
    waiting = threading.Event()
    released = threading.Event()

    def look(part: Part) -> Looked:
        if part.path == "a":
            return Looked(part)
        waiting.set()
        while True:
            looking.check()
            released.wait(0.01)

    looking = Looking(PARTS, look, jobs=2)
    each = looking.each()
    assert next(each).part.path == "a"
    assert waiting.wait(30)
    each.close()  # type: ignore[attr-defined]  # a generator
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("review-")]


def test_meanwhile_there_is_time_to_draw() -> None:
    drawn = threading.Event()

    def look(part: Part) -> Looked:
        assert drawn.wait(30)
        return Looked(part)

    assert len(list(Looking(PARTS[:1], look, jobs=1).each(drawn.set))) == 1


def test_a_refusal_of_one_prompt_is_no_refusal_to_all() -> None:
    def look(part: Part) -> Looked:
        raise Refused("too long")

    assert len(list(Looking(PARTS, look, jobs=1).each())) == 6


def test_a_result_that_nobody_has_taken_yet_is_among_those_finished() -> None:
    there = threading.Event()

    def look(part: Part) -> Looked:
        if part.path == "b":
            there.set()
        return Looked(part)

    looking = Looking(PARTS[:2], look, jobs=1)
    each = looking.each()
    next(each)
    assert there.wait(30)
    each.close()
    assert [one.part.path for one in looking.finished] == ["a", "b"]
