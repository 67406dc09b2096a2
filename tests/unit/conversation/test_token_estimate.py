import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.conversation.token_estimate import TokenEstimate, generous_count


def test_a_beginner_takes_four_characters_for_a_token() -> None:
    assert TokenEstimate().tokens(16_000) == 4_000


def test_it_learns_what_the_service_puts_before_every_prompt() -> None:
    estimate = TokenEstimate()
    for characters in (20, 400, 40, 8_000, 20, 2_000):
        estimate = estimate.learn(characters, 749 + characters // 4)
    assert estimate.tokens(20) == pytest.approx(754, rel=0.05)
    assert estimate.tokens(40_000) == pytest.approx(10_749, rel=0.05)


def test_it_learns_a_language_with_more_tokens() -> None:
    estimate = TokenEstimate()
    for characters in (4_000, 300, 12_000, 30_000) * 3:
        estimate = estimate.learn(characters, characters // 2)
    assert estimate.tokens(20_000) == pytest.approx(10_000, rel=0.05)


def test_one_odd_count_does_not_mislead_it_far() -> None:
    assert TokenEstimate().learn(5, 749).tokens(40_000) < 12_000


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 10**7))), st.integers(0, 10**7))
def test_whatever_was_seen_an_estimate_stays_possible(seen: list[tuple[int, int]], characters: int) -> None:
    estimate = TokenEstimate()
    for pair in seen:
        estimate = estimate.learn(*pair)
    assert estimate.tokens(characters) >= characters // 8 - 1
    assert TokenEstimate.load(estimate.dump()) == estimate


@pytest.mark.parametrize("text", [None, "", "junk", "{}", "[1]x", '["a"]', "[1,2,3,4,5,6]", "null"])
def test_a_note_that_is_none_is_a_beginner_s_estimate(text: str | None) -> None:
    assert TokenEstimate.load(text) == TokenEstimate()


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("x" * 80, 10), ("a b c d", 4), ("one two three", 3), ("  ", 0)],
)
def test_a_generous_count_is_what_the_text_has_at_least(text: str, count: int) -> None:
    assert generous_count(text) == count
