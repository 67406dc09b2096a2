"""The law of the streamed Markdown: whatever the slices, the clock and the window, the same lines as all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path

import examples
import pytest
from emulator import HABITS, Habits, Terminal
from hypothesis import given, settings
from hypothesis import strategies as st
from work import calls

from stackspot_cli.markdown.stream import FRAME, MarkdownStream

GALLERY = (Path(__file__).parents[2] / "gallery.md").read_text(encoding="utf-8")
MORE = [
    *(
        "",
        "",
        "",
        "- item",
        "  - sub item with many words to wrap around",
        "1. one",
        "   more of two",
        "> quote",
    ),
    *(
        "```py",
        "```",
        "x = '''",
        "'''",
        "def f(a: int) -> str: return 'x' * a  # comment",
        "/*",
        "*/",
        "\ttab\tx",
    ),
    *("| a | b |", "|---|--:|", "| long cell with words | 2 |", "| **x** | `y \\| z` | more |"),
    *(
        "text **bold",
        "end** of it `code",
        "~~gone~~ *it*",
        "word " * 30,
        "x" * 70,
        "$a_1 * b_1$",
        "&#x1b; &#x202e;",
    ),
    *("[l](http://example.com/a/very/long/path/that/wraps/around/the/terminal)", "[1]: http://x.y", "[t][1]"),
    *(
        "漢字かな交じり文がここにあります。",
        "👍 ok",
        "e\u0301a\u0308",
        "\x1b[31mred",
        "\r",
        "b\r",
        "🇧🇷 👨\u200d👩\u200d👧 ⚠\ufe0f",
    ),
]
TALL = "".join(f"line {n} of a paragraph that is taller than the window\n" for n in range(40))
DOCUMENTS = st.lists(
    st.sampled_from(MORE) | st.sampled_from(examples.lines()) | st.text("a*_`[]()#->|~ \n", max_size=12),
    max_size=40,
).map("\n".join)
TALL_DOCUMENTS = st.sampled_from(
    [
        TALL,
        GALLERY,
        "```py\n" + TALL,
        "| a | b |\n|---|---|\n" + "".join(f"| {n} | {'wide ' * (n % 7)}|\n" for n in range(60)),
        "".join(f"{n}. item\n   - **sub** {n}\n" for n in range(40)),
        "word " * 1_500,
        "no" * 3_000 + " end",
        "> " + TALL.replace("\n", "\n> "),
        "- item\n\n  ```\n  " + TALL.replace("\n", "\n  ") + "\n  ```\n- next",
    ]
)
SIZES = st.tuples(st.integers(8, 200), st.sampled_from([2, 5, 10, 24, 40]))
CUTS = st.lists(st.integers(0, 10_000), max_size=60)
WAITS = st.lists(st.sampled_from([0.0, 0.001, 0.03, 0.1, 2.0]), min_size=1, max_size=5)
Size = tuple[int, int]


def streamed(
    text: str,
    cuts: Iterable[int],
    waits: list[float],
    size: Size,
    *,
    color: bool = True,
    columns: int | None = None,
) -> Terminal:
    """columns: what COLUMNS says, where it is not the window's."""
    terminal = Terminal(*size)
    clock = 0.0
    stream = MarkdownStream(
        terminal.write,
        size=lambda: (columns or size[0], size[1]),
        window=lambda: size,
        color=color,
        live=True,
        now=lambda: clock,
    )
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    for index, (start, end) in enumerate(pairwise(places)):
        stream.feed(text[start:end])
        clock += waits[index % len(waits)]
        stream.tick()
    stream.close()
    return terminal


def written(text: str, size: Size, *, color: bool = True, encoding: str = "utf-8") -> str:
    parts: list[str] = []
    stream = MarkdownStream(parts.append, size=lambda: size, color=color, live=False, encoding=encoding)
    stream.feed(text)
    stream.close()
    return "".join(parts)


def at_once(text: str, size: Size, *, color: bool = True, columns: int | None = None) -> Terminal:
    terminal = Terminal(*size)
    terminal.write(written(text, (columns or size[0], size[1]), color=color))
    return terminal


def assert_same(live: Terminal, once: Terminal) -> None:
    assert live.lines == once.lines
    assert live.styled == once.styled
    assert live.cursor == once.cursor


@settings(max_examples=80)
@given(DOCUMENTS | TALL_DOCUMENTS, CUTS, WAITS, SIZES, st.booleans())
def test_a_streamed_answer_leaves_what_printing_it_at_once_leaves(text, cuts, waits, size, color) -> None:
    assert_same(streamed(text, cuts, waits, size, color=color), at_once(text, size, color=color))


@pytest.mark.parametrize("columns", range(8, 201))
def test_at_every_width(columns: int) -> None:
    text = "\n".join([GALLERY, *MORE])
    size = (columns, 24)
    live = streamed(text, range(0, len(text), columns), [FRAME], size, color=bool(columns % 2))
    assert_same(live, at_once(text, size, color=bool(columns % 2)))


@pytest.mark.parametrize("section", examples.sections())
@pytest.mark.parametrize("size", [(20, 5), (80, 24)])
def test_one_character_at_a_time(section: str, size: Size) -> None:
    text = examples.sections()[section]
    assert_same(streamed(text, range(len(text)), [0.07], size), at_once(text, size))


@settings(max_examples=40)
@given(DOCUMENTS | TALL_DOCUMENTS, CUTS, SIZES, st.sampled_from([7, 30, 200]))
def test_a_text_that_is_set_to_other_columns_than_the_window_has_leaves_the_same_lines(
    text, cuts, size, columns
) -> None:
    live = streamed(text, cuts, [0.1], size, columns=columns)
    assert_same(live, at_once(text, size, columns=columns))


# --- windows that change --------------------------------------------------------------------------------

RESIZES = st.lists(st.none() | SIZES, min_size=1, max_size=12)


def resized(text: str, resizes: list[Size | None], habits: Habits, before: list[str]) -> Terminal:
    """A window of 60 by 15 that changes while the text comes; `before` stands above it."""
    size = (60, 15)
    terminal = Terminal(*size, habits=habits)
    terminal.write("".join(f"{line}\n" for line in before))
    clock = 0.0
    stream = MarkdownStream(terminal.write, size=lambda: size, color=True, live=True, now=lambda: clock)
    for number, wanted in enumerate(resizes):
        at, end = (len(text) * part // len(resizes) for part in (number, number + 1))
        stream.feed(text[at:end])
        clock += 0.1
        stream.tick()
        if wanted:
            size = wanted
            terminal.resize(*size)
    stream.close()
    return terminal


@settings(max_examples=80)
@given(DOCUMENTS | TALL_DOCUMENTS, RESIZES, st.sampled_from(HABITS), st.sampled_from([0, 3, 40]))
def test_a_window_that_changes_costs_no_line_of_others_and_ends_nothing(
    text, resizes, habits, others
) -> None:
    before = [f"$ ls {n}" for n in range(others)]
    assert resized(text, resizes, habits, before).lines[:others] == before


def numbered(kind: str) -> str:
    """A document of which every word is another."""
    words = iter(f"w{n:04}" for n in range(10_000))
    match kind:
        case "paragraph":
            return " ".join(next(words) for _ in range(200))
        case "list":
            return "".join(
                f"- **{next(words)}** {' '.join(next(words) for _ in range(20))}\n" for _ in range(20)
            )
        case "code":
            return "```py\n" + "".join(f"x = {next(words)} + {next(words)}\n" for _ in range(40)) + "```\n"
        case "table":
            return "| a |\n|---|\n" + "".join(f"| {next(words)} |\n" for _ in range(50))
        case _:
            return "> # " + " ".join(f"`{next(words)}`" for _ in range(60)) + "\n"


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(["paragraph", "list", "code", "table", "quote"]), min_size=1, max_size=3),
    RESIZES,
    st.sampled_from([habits for habits in HABITS if habits.wraps]),
)
def test_the_whole_answer_is_there_at_the_end(
    kinds: list[str], resizes: list[Size | None], habits: Habits
) -> None:
    text = "\n\n".join(map(numbered, kinds))
    shown = iter(re.findall(r"w\d{4}", "".join(resized(text, resizes, habits, []).lines)))
    assert [word for word in re.findall(r"w\d{4}", text) if word not in shown] == []


@pytest.mark.parametrize("habits", HABITS)
@pytest.mark.parametrize("kind", ["paragraph", "list", "code", "table"])
def test_a_window_that_is_dragged_narrow_repeats_nothing(kind: str, habits: Habits) -> None:
    text = numbered(kind)[:600]
    sizes = [(60 - n, 40) for n in range(30)]
    shown = re.findall(r"w\d{4}", "".join(resized(text, [None, *sizes], habits, []).lines))
    assert len(shown) == len(set(shown))


def test_a_long_table_goes_on_in_a_window_that_has_become_wide() -> None:
    text = "|" + "a|" * 16 + "\n|" + "---|" * 16 + "\n" + ("|" + "b|" * 16 + "\n") * 60
    lines = resized(text, [None, None, (200, 40), None], HABITS[0], []).lines
    assert lines == at_once(text, (60, 15)).lines


# --- what may be written --------------------------------------------------------------------------------

ORDERS = re.compile("\x1b\\[(?:[0-9;]*m|A|2K)")


@settings(max_examples=100)
@given(DOCUMENTS | st.text(max_size=60), SIZES, st.booleans())
def test_nothing_is_ordered_but_colours_and_the_screens_own_moves(text: str, size: Size, color: bool) -> None:
    parts: list[str] = []
    stream = MarkdownStream(parts.append, size=lambda: size, color=color, live=True, now=lambda: 0.0)
    for char in text:
        stream.feed(char)
        stream._frame()
    stream.close()
    left = ORDERS.sub("", "".join(parts))
    assert not re.search("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", left)
    assert color or not re.search("\x1b\\[[0-9;]*m", "".join(parts))


@settings(max_examples=40)
@given(DOCUMENTS, SIZES)
def test_no_line_ends_in_a_space_but_one_of_code(text: str, size: Size) -> None:
    lines = written(text, size, color=False).split("\n")
    kept = tuple(line[-20:] for line in text.replace("\t", "    ").split("\n") if line.endswith(" "))
    assert [
        line
        for line in lines
        if line.endswith(" ") and "\t" not in line and not any(one.endswith(line[-20:]) for one in kept)
    ] == []


def test_what_a_terminal_cannot_show_is_written_as_an_escape_before_it_is_measured() -> None:
    text = written("- 漢字 é\n\n---\n", (30, 24), color=False, encoding="latin-1")
    assert text == "* \\u6f22\\u5b57 é\n\n" + "-" * 30 + "\n"


def test_the_end_may_be_told_twice() -> None:
    parts: list[str] = []
    stream = MarkdownStream(parts.append, size=lambda: (80, 24), color=False, live=True)
    stream.feed("text")
    stream.close()
    stream.close()
    assert "".join(parts) == "text\n"


# --- when, and at what cost -----------------------------------------------------------------------------


def test_a_frame_is_drawn_when_it_is_due_and_the_rest_is_waited_for() -> None:
    parts: list[str] = []
    clock = 10.0
    stream = MarkdownStream(parts.append, size=lambda: (80, 24), color=False, live=True, now=lambda: clock)
    assert stream.tick() is None
    stream.feed("one")
    assert stream.tick() is None
    stream.feed(" two")
    assert stream.tick() == pytest.approx(FRAME)
    clock += FRAME
    assert stream.tick() is None
    assert parts == ["one", " two"]


def test_much_text_without_a_tick_is_not_kept_waiting() -> None:
    parts: list[str] = []
    stream = MarkdownStream(parts.append, size=lambda: (80, 24), color=False, live=False)
    for _ in range(3_000):
        stream.feed("line\n\n")
    assert len("".join(parts)) > 12_000


def fed(text: str) -> None:
    clock = 0.0
    stream = MarkdownStream(lambda _: None, size=lambda: (80, 24), color=True, live=True, now=lambda: clock)
    for at in range(0, len(text), 266):
        stream.feed(text[at : at + 266])
        clock += FRAME
        stream.tick()
    stream.close()


SHAPES = {
    "prose": "word *and* `code` of it. ",
    "code": "```py\n" + 'x = f(1, "two")  # three\n' * 4_000,
    "docstring": '```py\n"""\n' + "more of it\n" * 6_000,
    "table": "| a | b |\n|---|---|\n" + "| cell | **and** one |\n" * 4_000,
    "list": "- an item of *it*\n",
    "one word": "no",
    "joined emoji": "👨\u200d👩\u200d👧\u200d👦",
    "emphasis": "a_",
    "brackets": "[",
    "references": "&amp;",
    "definitions": "[a]: /b\n",
    "characters without spaces": "漢字かな",
    "quotes": "> ",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_cost_grows_with_the_text_and_no_faster(shape: str) -> None:
    small, large = (
        calls(partial(fed, (shape * (size // len(shape) + 1))[:size])) for size in (6_000, 18_000)
    )
    assert large < 4 * small
