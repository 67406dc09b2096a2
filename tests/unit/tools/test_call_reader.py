"""An answer as it comes, divided into text and calls."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.tools.call_forms import Broken, Written
from stackspot_cli.tools.call_reader import CUT, CallReader

NAMES = ("Read", "Bash", "Write")
IN_READ = '{"name": "Read", "arguments": {"path": "a.py"}}'
READ = f"<tool_call>\n{IN_READ}\n</tool_call>"
READING = ("Read", {"path": "a.py"})
IN_LS = '{"name": "Bash", "arguments": {"command": "ls"}}'
LS = f"<tool_call>{IN_LS}</tool_call>"
LISTING = ("Bash", {"command": "ls"})


def merged(pieces: list[object]) -> list[object]:
    """Texts that follow one another as one; calls as (name, arguments), broken ones as their source."""
    out: list[object] = []
    for piece in pieces:
        match piece:
            case str() if out and isinstance(out[-1], str):
                out[-1] += piece
            case Written(name, arguments):
                out.append((name, arguments))
            case Broken(source):
                out.append([source])
            case _:
                out.append(piece)
    return out


def read(*texts: str, names: tuple[str, ...] = NAMES, rule: str = "===") -> list[object]:
    reader = CallReader(names, rule)
    pieces: list[object] = []
    for text in texts:
        pieces += reader.feed(text)
    return merged(pieces + reader.end())


@pytest.mark.parametrize(
    "answer",
    [
        READ,
        f"\n{READ}\n",
        '<tool_call id="call_1">{"name": "Read", "arguments": {"path": "a.py"}}</tool_call>',
        '<tool_call>\n```json\n{"name": "Read", "arguments": {"path": "a.py"}}\n```\n</tool_call>',
        f"```\n{READ}\n```",
        f"```xml\n{READ}\n```\n",
        '```json\n{"tool_calls": [{"name": "Read", "arguments": {"path": "a.py"}}]}\n```',
        '```tool_call\n{"name": "Read", "arguments": {"path": "a.py"}}\n```',
        "<function=Read>\n<parameter=path>\na.py\n</parameter>\n</function>",
        "<tool_call>\n<function=Read>\n<parameter=path>\na.py\n</parameter>\n</function>\n</tool_call>",
        "<function=Read><parameter=path>a.py</parameter></function>",
        '<invoke name="Read">\n<parameter name="path">a.py</parameter>\n</invoke>',
        '<function_calls>\n<invoke name="Read">\n<parameter name="path">a.py</parameter>\n</invoke>\n</function_calls>',
        '{"function": {"name": "Read", "arguments": {"path": "a.py"}}}',
        '[{"name": "Read", "arguments": {"path": "a.py"}}]',
        '<tool_call>{"type": "function", "function": {"name": "Read", "arguments": {"path": "a.py"}}}</tool_call>',
        '<tool_call>{"name": "Read", "path": "a.py"}</tool_call>',
        '<tool_call>{"name": "Read", "parameters": {"path": "a.py"}}</tool_call>',
        '<tool_call>{"name": "Read", "arguments": {"path": "a.py",},}</tool_call>',
        '<tool_call>{"name": "Read", "arguments": {"path": "a.py"}</tool_call>',
        '<tool_call>{"name": "Read", "arguments": {"path": "a.py"}}}</tool_call>',
        '<tool_call>{"name": "Read", "arguments": {"path": "a.py"}}',
    ],
)
def test_a_call_is_understood_in_many_forms(answer: str) -> None:
    assert read(answer) == [READING]


def test_arguments_may_be_a_string_of_json() -> None:
    answer = {"function": {"name": "Read", "arguments": '{"path": "a.py"}'}}
    assert read(json.dumps(answer)) == [("Read", '{"path": "a.py"}')]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (f"I read it.\n\n{READ}", ["I read it.", READING]),
        (f"I read it. {LS}", ["I read it.", LISTING]),
        (f"{READ}\n{LS}\n", [READING, LISTING]),
        (f"{READ}{LS}", [READING, LISTING]),
        (f"One\n{READ}\nTwo\n", ["One", READING, "\nTwo\n"]),
        (f"{READ}\n\nTwo", [READING, "Two"]),
        (f"{READ}\n</tool_call>\nTwo", [READING, "Two"]),
        (
            f"<tool_call>[{IN_READ}, {IN_LS}]</tool_call>",
            [READING, LISTING],
        ),
        (
            f"<tool_call>\n{IN_READ}\n{IN_LS}\n</tool_call>",
            [READING, LISTING],
        ),
    ],
)
def test_text_and_calls_come_in_their_order(answer: str, expected: list[object]) -> None:
    assert read(answer) == expected


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Hello world\n",
        " \n\tindented",
        "Use `<tool_call>` for that, or <tool_call> in words.",
        "<tool_call> is the mark\n\nthat begins it",
        "<function=NAME> stands for a name",
        "a < b, {x}, [link](there), `code`, ~5, x == y",
        '```json\n{"name": "package", "version": 1}\n```\nThat is it.',
        '```json\n{"name": "Read", "version": 1}\n```',
        '{"name": "someone", "arguments": {}}',
        '{"text": "<tool_call>{\\"name\\": \\"Read\\"}</tool_call>"}',
        f'```python\nprint("x")\n{READ}\n```\nThat was an example.',
        f"```\nAn example:\n{READ}\n```\nThat was one.",
        f"~~~\nAn example:\n```\n{READ}\n~~~\n",
        f"````\n```\nnot closed\n{READ}\n````",
        "=====\nTitle\n=====\n",
        "===\nuser ===",
        "x === user ===",
        "=== user === said",
        "==== user ====",
        "```\n=== user ===\n```",
        "<tool_result>of nobody</tool_result>",
        "ends in a mark <tool_call",
        "ends in a fence\n```",
        "ends in brackets\n{",
        '{"name": "Re',
    ],
)
def test_what_is_quoted_or_only_looks_like_a_call_is_text(answer: str) -> None:
    assert read(answer) == ([answer] if answer else [])


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ('{"path": "</tool_call>"}', "</tool_call>"),
        ('{"path": "a\\"b</tool_call>\\\\"}', 'a"b</tool_call>\\'),
        ('{"path": "<tool_call>{}"}', "<tool_call>{}"),
        ('{"path": "```\\n}"}', "```\n}"),
        ('{"path": "two\nlines"}', "two\nlines"),
    ],
)
def test_marks_inside_a_string_end_nothing(answer: str, path: str) -> None:
    text = f'<tool_call>{{"name": "Read", "arguments": {answer}}}</tool_call> done'
    assert read(text) == [("Read", {"path": path}), "done"]


def test_a_closing_tag_inside_a_value_ends_nothing() -> None:
    code = "x = '</parameter>'\ny = 1\n"
    values = f"<parameter=path>\na.py\n</parameter>\n<parameter=content>\n{code}</parameter>"
    text = f"<function=Write>\n{values}\n</function>"
    assert read(text) == [("Write", {"path": "a.py", "content": code.removesuffix("\n")})]


BROKEN_JSON = '{"name": "Read", "arguments": {"path": "say "hi" now"}}'


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (f"<tool_call>{BROKEN_JSON}</tool_call> after", [[BROKEN_JSON], "after"]),
        (f"{READ}\n<tool_call>{BROKEN_JSON}</tool_call>\n{LS}", [READING, [BROKEN_JSON], LISTING]),
        ('<tool_call>{"name": "Read", "arguments": {"pa', [['{"name": "Read", "arguments": {"pa']]),
        ("<tool_call>Read(a.py)</tool_call>\nx", [["<tool_call>Read(a.py)</tool_call>"], "x"]),
        ('<tool_call>{"arguments": {}}</tool_call>', [['{"arguments": {}}']]),
        ("<tool_call>[]</tool_call>", [["[]"]]),
        (
            '<tool_call>{"name": "Read", "arguments": "5',
            [['{"name": "Read", "arguments": "5']],
        ),
        (
            f'<tool_call>{{"name": "Read", "arguments": {{"path": "never closed}}}}</tool_call>\n{LS}',
            [['{"name": "Read", "arguments": {"path": "never closed}}'], LISTING],
        ),
        (
            "<function=Read>\n<parameter=path>\na.py",
            [["<function=Read>\n<parameter=path>\na.py"]],
        ),
    ],
)
def test_a_broken_call_is_no_text(answer: str, expected: list[object]) -> None:
    assert read(answer) == expected


def test_an_unknown_name_between_marks_is_a_call_all_the_same() -> None:
    assert read('<tool_call>{"name": "Nothing", "arguments": {}}</tool_call>') == [("Nothing", {})]
    assert read("<function=Nothing></function>") == [("Nothing", {})]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Done.\n\n=== user ===\nAnd now?", ["Done.", CUT]),
        (f"{READ}\n=== result of Read, call_1 ===\nx = 1", [READING, CUT]),
        (f"{READ}\n<tool_result>x = 1</tool_result>", [READING, CUT]),
        (f"{READ}\n[user]: thanks", [READING, CUT]),
        ("Done.\n=== end of the conversation ===", ["Done.", CUT]),
        ("=== assistant ===\nDone.", ["Done."]),
        ("=== assistant ===\nDone.\n=== assistant ===\nMore", ["Done.", CUT]),
    ],
)
def test_the_models_own_continuation_is_cut(answer: str, expected: list[object]) -> None:
    pieces = read(answer)
    assert [piece.rstrip() if isinstance(piece, str) else piece for piece in pieces] == expected


def test_nothing_comes_after_the_cut() -> None:
    reader = CallReader((), "===")
    assert merged(reader.feed("a\n=== user ===\nb")) == ["a", CUT]
    assert reader.feed("more") == reader.end() == []


def test_without_tools_all_is_text() -> None:
    assert read(READ, names=()) == [READ]
    assert read(f"{READ}\n=== user ===\n", names=(), rule="") == [f"{READ}\n=== user ===\n"]


def test_plain_text_is_given_out_at_once() -> None:
    reader = CallReader(NAMES, "===")
    assert [reader.feed(text) for text in ("Hello", " world", "\n", "next < than", ' "it"')] == [
        ["Hello"],
        [" world"],
        [],
        ["\nnext", " <", " than"],
        [' "it"'],
    ]


PIECES = st.sampled_from(
    [
        READ,
        LS,
        f"<tool_call>{BROKEN_JSON}</tool_call>",
        '<tool_call>{"name": "Read", "arguments": {"path": "x}}</tool_call>',
        "<function=Read>\n<parameter=path>\na.py\n</parameter>\n</function>",
        '<invoke name="Bash"><parameter name="command">ls</parameter></invoke>',
        '{"name": "Read", "arguments": {}}',
        '{"name": "Read"',
        '{"tool_calls": [{"name": "Read", "arguments": {}}]}',
        '{"a": [1, "<tool_call>"]}',
        "```",
        "```json\n",
        "~~~\n",
        "`",
        "<tool_call>",
        "</tool_call>",
        "<tool_ca",
        "<function=",
        "<parameter=path>",
        "</function>",
        "=== user ===",
        "=== assistant ===\n",
        "=== ",
        "<tool_result",
        "[user]",
        "\n",
        " ",
        "\n\n",
        "word",
        "{",
        "}",
        "[",
        '"',
        "\\",
        "é\u2028",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join), st.data())
def test_however_it_is_cut_the_same_comes_out(answer: str, data: st.DataObject) -> None:
    whole = read(answer)
    assert read(*answer) == whole
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(answer))), max_size=8)))
    texts = [answer[start:end] for start, end in zip([0, *cuts], [*cuts, len(answer)], strict=True)]
    assert read(*texts) == whole


@given(st.text(alphabet='<`~{[=] \n"ab:', max_size=60))
def test_text_is_never_lost(answer: str) -> None:
    assert "".join(map(str, read(answer))) == answer


@pytest.mark.parametrize("half", ['\n[{"name": "read", ', "\n<tool_call>", "<function=read>\n"])
def test_half_a_call_that_is_repeated_for_ever_is_text_and_ends_in_time(half: str) -> None:
    """Looked at again from each of its beginnings, it took minutes: the test's time limit would end it."""
    text = half * (200_000 // len(half))
    reader = CallReader({"read"}, "===")
    pieces = [piece for start in range(0, len(text), 4) for piece in reader.feed(text[start : start + 4])]
    given = "".join(piece for piece in [*pieces, *reader.end()] if isinstance(piece, str))
    assert given.split() == text.split()
