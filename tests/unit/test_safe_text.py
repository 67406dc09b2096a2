import itertools
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stackspot_cli.safe_text import (
    Destination,
    TextFilter,
    mended,
    pipe_text,
    safe_line,
    safe_text,
)

CONTROLS = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - {"\n", "\t"}
BIDIRECTIONAL = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Characters, not scalar values: JSON brings lone surrogates.
anything = st.lists(
    st.text(st.characters(exclude_categories=()), max_size=5)
    | st.sampled_from(sorted(CONTROLS | BIDIRECTIONAL))
    | st.sampled_from(["\r\n", "\r", "\n", "\t", "\u2028", "\u2029", "\ud83d", "\ude00", "👩\u200d💻"]),
    max_size=12,
).map("".join)
harmless = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.sampled_from("\n\t")
).filter(lambda text: not BIDIRECTIONAL & set(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Olá, mundo 🎉", "Olá, mundo 🎉"),
        ("a\n\tb", "a\n\tb"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a␍b"),
        ("a\r\r\nb", "a␍\nb"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x00\x07\x08\x0b\x0c\x1f\x7f", "␀␇␈␋␌␟␡"),
        ("\x85\x9b31m\x80\x9f", "\\x85\\x9b31m\\x80\\x9f"),
        ("\xa0\xad", "\xa0\xad"),
        ("if \u202e\u2066x", "if \\u202e\\u2066x"),
        ("\u061c\u200e\u200f", "\\u061c\\u200e\\u200f"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("\ud83d\ude00", "😀"),
        ("\ude00\ud83d", "\\ude00\\ud83d"),
    ],
)
def test_orders_to_a_terminal_are_shown(text: str, shown: str) -> None:
    assert safe_text(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\n\tc", "a\nb\n\tc"),
        ("a\rb", "a␍b"),
        ("\x1b[31m\x9b\x7f", "␛[31m\\x9b␡"),
        ("if \u202e\u2066x\u2028", "if \u202e\u2066x\u2028"),
        ("\ud83d\ude00", "😀"),
        ("\ude00x\ud83d", "\ufffdx\ufffd"),
    ],
)
def test_orders_to_a_pipe_are_shown_and_the_rest_passes(text: str, shown: str) -> None:
    assert pipe_text(text) == shown


@pytest.mark.parametrize(
    ("text", "carried", "shown"),
    [
        ("olá 😀", "olá 😀", "olá 😀"),
        ("\ud83d\ude00", "😀", "😀"),
        ("a\ud83d", "a\ufffd", "a\\ud83d"),
        ("\ude00\ud83d\ude00", "\ufffd😀", "\\ude00😀"),
        ("\ufeff\ud83d", "\ufeff\ufffd", "\ufeff\\ud83d"),
        ("", "", ""),
    ],
)
def test_halves_that_meet_are_joined_and_a_half_alone_is_replaced_or_shown(
    text: str, carried: str, shown: str
) -> None:
    assert (mended(text), mended(text, "backslashreplace")) == (carried, shown)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  one\ntwo\tthree\r\n", "one two three"),
        ("x" * 300, "x" * 300),
        ("x" * 301, "x" * 300 + "…"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
    ],
)
def test_a_line_for_a_message_is_one_safe_line(text: str, line: str) -> None:
    assert safe_line(text) == line


def test_a_line_is_cut_where_it_is_asked() -> None:
    assert safe_line("abcdef", limit=3) == "abc…"


# --- laws ---------------------------------------------------------------------------------------------


@given(anything)
def test_no_order_reaches_a_terminal(text: str) -> None:
    shown = safe_text(text)
    assert not set(shown) & (CONTROLS | BIDIRECTIONAL | {"\u2028", "\u2029"})
    assert "Cs" not in {unicodedata.category(character) for character in shown}


@given(anything)
def test_no_control_reaches_a_pipe_and_every_encoding_can_carry_it(text: str) -> None:
    shown = pipe_text(text)
    assert not set(shown) & CONTROLS
    assert shown.encode().decode() == shown


@pytest.mark.parametrize("safe", [safe_text, pipe_text])
@given(text=anything)
def test_what_is_safe_stays_as_it_is(safe: Callable[[str], str], text: str) -> None:
    assert safe(safe(text)) == safe(text)


@given(anything, st.integers(1, 20))
def test_a_line_is_one_line_and_no_longer_than_its_limit(text: str, limit: int) -> None:
    line = safe_line(text, limit)
    assert len(line) <= limit + len("…")
    assert line == safe_text(line).replace("\n", " ").replace("\t", " ")


@pytest.mark.parametrize("safe", [safe_text, pipe_text])
@given(text=harmless)
def test_harmless_text_is_never_changed(safe: Callable[[str], str], text: str) -> None:
    assert safe(text) == text


def sliced(text: str, cuts: list[int]) -> list[str]:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


@pytest.mark.parametrize(("kind", "whole"), [("terminal", safe_text), ("pipe", pipe_text)])
@given(text=anything, cuts=st.lists(st.integers(0, 40)))
@example(text="a\r\nb\r", cuts=[2, 3, 5])
@example(text="\ud83d\ude00\ud83d", cuts=[1, 2])
def test_slicing_changes_nothing(
    kind: Destination, whole: Callable[[str], str], text: str, cuts: list[int]
) -> None:
    text_filter = TextFilter(kind)
    out = [text_filter.feed(piece) for piece in sliced(text, cuts)]
    assert "".join(out) + text_filter.finish() == whole(text)
    assert text_filter.finish() == ""


def test_a_filter_holds_back_nothing_that_is_decided() -> None:
    text_filter = TextFilter("pipe")
    assert [text_filter.feed(piece) for piece in ("a", "b\n", "c\r", "d\ud83d", "\ude00")] == [
        "a",
        "b\n",
        "c",
        "␍d",
        "😀",
    ]
