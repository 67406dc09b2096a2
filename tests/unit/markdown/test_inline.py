"""Inline markup as styled text, and text as lines of a width."""

from __future__ import annotations

import pytest
from examples import sections
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text
from work import calls

from stackspot_cli.markdown.blocks import LINKS
from stackspot_cli.markdown.inline import LONGEST, Inline, painted, wrapped
from stackspot_cli.markdown.screen import cells


def styled(text: str, **definitions: str) -> str:
    """Each run of one style as `style{text}`."""
    inline = Inline(color=True)
    for label, url in definitions.items():
        inline.define(label, url)
    found = inline.text(text)
    out, place = "", 0
    for start, end, style in found.spans:
        out += f"{found.plain[place:start]}{style}{{{found.plain[start:end]}}}"
        place = end
    return out + found.plain[place:]


def plain(text: str) -> str:
    return Inline(color=False).text(text).plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a *b* **c** ***d*** ~~e~~ `f`", "a italic{b} bold{c} bold italic{d} strike{e} cyan{f}"),
        ("**a `b` *c***", "bold{a }bold cyan{b}bold{ }bold italic{c}"),
        ("[a *b*](/u)", "underline{a }italic underline{b}dim{ (/u)}"),
        ("<http://x.y> <a@b.cd>", "underline{http://x.y} underline{a@b.cd}"),
        ("[/u](/u) [](/u) [x]()", "underline{/u} dim{/u} underline{x}"),
        ("![a *b*](/i) [![c](/d)](/e)", "a bdim{ (/i)} underline{c}dim underline{ (/d)}dim{ (/e)}"),
        ("*a\nb*", "italic{a b}"),
        ("a  \nb\\\nc<br>d <BR/>  e", "a\nb\nc\nd \ne"),
        ("a  b\tc \n  d", "a b c d"),
        ("`a  b\tc`", "cyan{a  b c}"),
        ("<i>a</i> &lt;b&gt;", "<i>a</i> <b>"),
        ("[a][d] [D] [e]", "underline{a}dim{ (/u)} underline{D}dim{ (/u)} [e]"),
    ],
)
def test_marks_become_styles_and_addresses_are_shown(text: str, expected: str) -> None:
    assert styled(text, d="/u") == expected


@pytest.mark.parametrize(
    "text",
    [
        "*a* _b_ **c** __d__ ***e*** ~~f~~ `g` ``h ` i``",
        "$a_1 * b_1$ $$x *$$ \\(c_2 * d_2\\) \\[ y \\]",
        "it costs $5 and $6, or US$ 5",
        "<details> <!-- a *b* --> [ ] [x]",
    ],
)
def test_without_colour_the_marks_stay(text: str) -> None:
    assert plain(text) == text


def test_mathematics_is_not_searched_for_marks() -> None:
    assert styled("$a_1 * b_1 * c_1$ *x*") == "$a_1 * b_1 * c_1$ italic{x}"


def test_references_to_characters_are_made_safe() -> None:
    assert styled("&#x1b;[31m &#27;&#x9b;&#x202e; *&#7;*") == "�[31m ��\\u202e italic{�}"
    assert styled("[a](x&#x202e;y)") == "underline{a}dim{ (x\\u202ey)}"


def test_a_definition_serves_what_comes_after_it_and_the_first_one_counts() -> None:
    inline = Inline(color=False)
    assert inline.text("[a]").plain == "[a]"
    inline.define("A", "/first")
    inline.define("a", "/second")
    assert inline.text("[a]").plain == "a (/first)"


@pytest.mark.parametrize("section", sections())
@pytest.mark.parametrize("color", [True, False])
def test_the_examples_are_text(section: str, color: bool) -> None:
    found = Inline(color=color).text(sections()[section])
    assert not any(char in found.plain for char in "\x1b\x07\x9b\u202e\t")
    assert all(before.end <= after.start for before, after in zip(found.spans, found.spans[1:], strict=False))


# --- lines ----------------------------------------------------------------------------------------------


def lines(text: str, width: int, *, fold: bool = False) -> list[str]:
    return [line.plain for line in wrapped(Text(text), width, fold=fold)]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 8, ["one two", "three"]),
        ("", 8, [""]),
        ("a\n\nb", 8, ["a", "", "b"]),
        ("see https://example.com/long now", 10, ["see", "https://example.com/long", "now"]),
        ("漢字かな交じり文", 6, ["漢字か", "な交じ", "り文"]),
        ("漢字、かな。交", 6, ["漢字、", "かな。", "交"]),
        ("漢「字」か", 4, ["漢", "「字」", "か"]),
        ("abc漢字def", 5, ["abc漢", "字def"]),
        ("e\u0301e\u0301 e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
    ],
)
def test_lines_are_broken_at_spaces_and_between_wide_characters(
    text: str, width: int, expected: list[str]
) -> None:
    assert lines(text, width) == expected


def test_a_cell_of_a_table_cuts_the_word_that_is_too_long() -> None:
    assert lines("to abcdefgh ij", 4, fold=True) == ["to", "abcd", "efgh", "ij"]
    assert lines("漢字漢", 3, fold=True) == ["漢", "字", "漢"]


def test_styles_go_on_in_the_next_line() -> None:
    first, second = wrapped(Inline(color=True).text("a **b c** d"), 3)
    assert [painted(first), painted(second)] == ["a \x1b[1mb\x1b[0m", "\x1b[1mc\x1b[0m d"]


WORDS = st.text("ab漢、「e\u0301👍🏽🇧🇷⚠\ufe0f👨\u200d👩 ", max_size=60)


@settings(max_examples=200)
@given(WORDS, st.integers(2, 30), st.booleans())
def test_nothing_but_spaces_is_lost_and_no_line_is_too_wide(text: str, width: int, fold: bool) -> None:
    found = lines(text, width, fold=fold)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    assert all(line == line.rstrip() for line in found)
    if fold:
        assert all(max(cells(line), cell_len(line)) <= width for line in found)
    else:
        assert all(cells(line) <= width or " " not in line for line in found)


# --- cost -----------------------------------------------------------------------------------------------

HOSTILE = [
    *(
        "[",
        "![",
        "[a](",
        "[a][",
        "*a ",
        "**",
        "_a",
        "a_",
        "`a",
        "``",
        "~~",
        "<",
        "<a ",
        "<!--",
        "&",
        "&amp;",
        "$a",
    ),
    *("\\(", "\\", "a@", "<http://", "[[a]", "]", "*[", "a**b*"),
]


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_markup_costs_no_more_than_a_call_or_two_hundred_a_character(shape: str) -> None:
    inline = Inline(color=True)
    inline.define("a", "/u")
    text = (shape * LONGEST)[:1_200]
    assert calls(lambda: inline.text(text)) < 200 * len(text)


def test_a_text_with_more_brackets_than_anybody_writes_is_read_without_links() -> None:
    assert plain("[a](/u) " + "[" * (LINKS - 1)).startswith("a (/u) [[")
    assert plain("[a](/u) *b* " + "[" * LINKS).startswith("[a](/u) *b* [[")


def test_what_is_longer_than_any_paragraph_is_shown_as_it_is() -> None:
    text = "*a* " * (LONGEST // 4 + 1)
    assert plain(text) == styled(text) == text
