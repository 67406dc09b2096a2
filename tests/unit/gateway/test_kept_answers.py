"""Answers that a program may go on from: bounded in size and age."""

from clock import Clock

from stackspot_cli.gateway.kept_answers import LONGEST_SECONDS, KeptAnswers
from stackspot_cli.tools.inquiry import Call, Said, ToolName

SAID = (Said("user", "x" * 40), Call("c", ToolName("read"), "{}"))


def test_what_is_kept_is_found_with_what_was_said() -> None:
    kept = KeptAnswers()
    kept.keep("one", SAID, b"{}")
    found = kept.find("one")
    assert found is not None
    assert (found.items, found.body, found.size) == (SAID, b"{}", 44)
    assert kept.find("two") is None


def test_the_oldest_make_room() -> None:
    kept = KeptAnswers(most_bytes=100)
    for name in ("one", "two", "three"):
        kept.keep(name, SAID, b"{}")
    assert [kept.find(name) is not None for name in ("one", "two", "three")] == [False, True, True]


def test_what_alone_is_more_than_may_be_kept_is_not() -> None:
    kept = KeptAnswers(most_bytes=40)
    kept.keep("one", SAID, b"{}")
    assert kept.find("one") is None


def test_an_answer_under_one_id_counts_once() -> None:
    kept = KeptAnswers(most_bytes=100)
    for _time in range(10):
        kept.keep("one", SAID, b"{}")
    kept.keep("two", SAID, b"{}")
    assert kept.find("one") is not None


def test_after_a_day_they_are_gone() -> None:
    clock = Clock()
    kept = KeptAnswers(clock.now)
    kept.keep("one", SAID, b"{}")
    clock.sleep(LONGEST_SECONDS)
    assert kept.find("one") is not None
    clock.sleep(1)
    assert kept.find("one") is None


def test_what_is_deleted_is_gone_at_once() -> None:
    kept = KeptAnswers()
    kept.keep("one", SAID, b"{}")
    assert [kept.delete("one"), kept.delete("one"), kept.find("one")] == [True, False, None]
