"""An answer that ends before a text that its caller named."""

from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.tools.stop_strings import StopStrings


def read(stops: list[str], *texts: str) -> tuple[str, str | None]:
    reader = StopStrings(stops)
    return "".join([*map(reader.feed, texts), reader.end()]), reader.met


def test_the_answer_ends_before_the_text_that_was_named() -> None:
    assert read(["\nObservation:"], "Thought\nObser", "vation: invented") == ("Thought", "\nObservation:")
    assert read(["x"], "xyz") == ("", "x")


def test_what_is_not_met_is_given_out_whole() -> None:
    assert read(["END"], "EN", "E", "ND?", " EN") == ("ENEND?"[:2], "END")
    assert read(["END"], "EN ", "E") == ("EN E", None)
    assert read([], "anything") == ("anything", None)
    assert read(["", "x"], "a") == ("a", None)


def test_the_first_that_is_complete_counts_and_of_two_the_longer() -> None:
    assert read(["abcd", "bc"], "xabcd") == ("xa", "bc")
    assert read(["c", "abc"], "xabc") == ("x", "abc")


def test_nothing_is_held_back_that_could_not_be_a_beginning() -> None:
    reader = StopStrings(["\n\n"])
    assert [reader.feed(text) for text in ("one", "\n", "two")] == ["one", "", "\ntwo"]


@given(
    st.lists(st.text(alphabet="ab", min_size=1, max_size=4), min_size=1, max_size=3),
    st.text(alphabet="abc", max_size=30),
    st.data(),
)
def test_however_it_is_cut_the_same_comes_out(stops: list[str], answer: str, data: st.DataObject) -> None:
    whole = read(stops, answer)
    assert read(stops, *answer) == whole
    place = data.draw(st.integers(0, len(answer)))
    assert read(stops, answer[:place], answer[place:]) == whole
    ends = [answer.find(stop) + len(stop) for stop in stops if stop in answer]
    assert whole[0] == (answer if not ends else answer[: min(ends) - len(whole[1] or "")])
