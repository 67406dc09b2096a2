"""The law of the streamed Markdown: whatever the slices and the clock, the same lines as all at once."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from emulator import Terminal
from hypothesis import given, settings
from hypothesis import strategies as st

from stackspot_cli.markdown.stream import MarkdownStream

LINES = [
    *(
        "",
        "",
        "",
        "# head",
        "===",
        "---",
        "- item",
        "- ",
        "  - sub item with many words to wrap around",
        "* star",
    ),
    *(
        "1. one",
        "2. two",
        "1) other",
        "   more of two",
        "> quote",
        "> > deep",
        ">",
        "    indented",
        "\ttab\tx",
    ),
    *(
        "```py",
        "```",
        "````",
        "~~~",
        "x = '''",
        "'''",
        "def f(a: int) -> str: return 'x' * a  # comment",
        "/*",
        "*/",
    ),
    *("| a | b |", "|---|--:|", "| long cell with words | 2 |", "| **x** | `y \\| z` | more |", "text | row"),
    *("text **bold", "end** of it `code", "`", "~~gone~~ *it*", "hard  ", "break\\", "word " * 30, "x" * 70),
    *("[l](http://example.com/a/very/long/path/that/wraps/around/the/terminal)", "[1]: http://x.y", "[t][1]"),
    *(
        "[^1]: note",
        "<div>",
        "</div>",
        "<!--",
        "-->",
        "a<br>b",
        "$$",
        "\\[ x_1",
        "$a_1 * b_1$",
        "&amp; &#x1b; &#x202e;",
    ),
    *("漢字かな交じり文がここにあります。", "👍 ok", "e\u0301a\u0308", "\x1b[31mred", "\r", "b\r"),
]
TALL = "".join(f"line {n} of a paragraph that is taller than the window\n" for n in range(40))
DOCUMENTS = st.lists(st.sampled_from(LINES) | st.text("a*_`[]()#->|~ \n", max_size=12), max_size=40).map(
    "\n".join
)
TALL_DOCUMENTS = st.sampled_from(
    [
        TALL,
        "```py\n" + TALL,
        "| a | b |\n|---|---|\n" + "".join(f"| {n} | {'wide ' * (n % 7)}|\n" for n in range(60)),
        "".join(f"{n}. item\n   - **sub** {n}\n" for n in range(40)),
        "word " * 1_500,
        "no" * 3_000 + " end",
        "> " + TALL.replace("\n", "\n> "),
        "- item\n\n  ```\n  " + TALL.replace("\n", "\n  ") + "\n  ```\n- next",
    ]
)


def streamed(text: str, cuts: list[int], waits: list[float], size: tuple[int, int], color: bool) -> Terminal:
    terminal = Terminal(*size)
    clock = 0.0
    stream = MarkdownStream(terminal.write, size=lambda: size, color=color, live=True, now=lambda: clock)
    for index, (start, end) in enumerate(
        pairwise([0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)])
    ):
        stream.feed(text[start:end])
        clock += waits[index % len(waits)]
        stream.tick()
    stream.close()
    return terminal


def at_once(text: str, size: tuple[int, int], color: bool) -> Terminal:
    terminal = Terminal(*size)
    stream = MarkdownStream(terminal.write, size=lambda: size, color=color, live=False)
    stream.feed(text)
    stream.close()
    return terminal


SIZES = st.tuples(st.sampled_from([20, 21, 40, 80, 100]), st.sampled_from([5, 10, 24, 40]))
CUTS = st.lists(st.integers(0, 10_000), max_size=60)
WAITS = st.lists(st.sampled_from([0.0, 0.001, 0.03, 0.1, 2.0]), min_size=1, max_size=5)


@settings(max_examples=80, deadline=None)
@given(DOCUMENTS | TALL_DOCUMENTS, CUTS, WAITS, SIZES, st.booleans())
def test_a_streamed_answer_leaves_what_printing_it_at_once_leaves(text, cuts, waits, size, color):
    live, once = streamed(text, cuts, waits, size, color), at_once(text, size, color)
    assert live.lines == once.lines
    assert live.styled == once.styled
    assert live.cursor == once.cursor


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, SIZES)
def test_no_line_ends_in_a_space_and_nothing_but_colour_is_ordered(text, size):
    written: list[str] = []
    stream = MarkdownStream(written.append, size=lambda: size, color=False, live=False)
    code = [line for line in text.split("\n") if line.endswith(" ")]
    stream.feed(text)
    stream.close()
    lines = "".join(written).split("\n")
    assert [line for line in lines if line.endswith(" ") and line not in code] == []
    assert not any(char in "".join(written) for char in "\x1b\r\x07\x9b\u202e")


@pytest.mark.parametrize("size", [(20, 5), (80, 24)])
def test_one_character_at_a_time(size):
    text = "\n".join(LINES)
    live = streamed(text, list(accumulate([1] * len(text))), [0.07], size, True)
    assert live.styled == at_once(text, size, True).styled
