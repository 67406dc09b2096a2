"""A great many names of lines."""

from stackspot_cli.batch.ids import Ids, digest


def test_a_text_and_a_number_are_two() -> None:
    assert len({digest(1), digest("1"), digest(1.5), digest("é")}) == 4
    assert digest("a") == digest("a") < 1 << 64


def test_what_was_added_is_there_and_what_was_added_twice_is_told() -> None:
    ids = Ids()
    assert 5 not in ids
    for one in (7, 5, 7, 9, 7):
        ids.add(one)
    assert [one in ids for one in (4, 5, 6, 7, 9, 10)] == [False, True, False, True, True, False]
    assert (len(ids), set(ids.repeated())) == (5, {7})
