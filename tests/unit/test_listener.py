"""A wait of our own accord, and how it is told."""

from stackspot_cli.listener import Waiting

RETRY = Waiting(11.2, "429", "StackSpot asks for fewer requests (429): Maximum reached", 2, 6)
QUOTA = Waiting(43.2, "waiting for the quota")


def test_on_a_line_that_moves_the_seconds_that_are_left() -> None:
    assert RETRY.left(11.2) == "429, again in 12 s (2 of 6)"
    assert QUOTA.left(0.1) == "waiting for the quota: 1 s"


def test_on_a_line_that_stays_the_whole_sentence() -> None:
    assert RETRY.sentence == (
        "StackSpot asks for fewer requests (429): Maximum reached; trying again in 12 s (attempt 2 of 6)"
    )
    assert QUOTA.sentence == "waiting for the quota, 44 s"
