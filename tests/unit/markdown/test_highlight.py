"""Code is coloured line by line, and stays the same code."""

from __future__ import annotations

from copy import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import LEXERS, get_lexer_by_name
from rich.style import Style
from rich.text import Text

from stackspot_cli.markdown.highlight import LONGEST, Highlighter

COMMENT, STRING, KEYWORD, UNKNOWN = "bright_black", "green", "magenta", Style(dim=True)
LANGUAGES = [
    *(
        "python",
        "js",
        "typescript",
        "tsx",
        "java",
        "c",
        "cpp",
        "csharp",
        "go",
        "rust",
        "kotlin",
        "swift",
        "php",
    ),
    *(
        "ruby",
        "bash",
        "console",
        "powershell",
        "sql",
        "json",
        "jsonc",
        "yaml",
        "toml",
        "ini",
        "xml",
        "html",
        "css",
    ),
    *(
        "scss",
        "dockerfile",
        "makefile",
        "terraform",
        "diff",
        "lua",
        "perl",
        "r",
        "haskell",
        "graphql",
        "markdown",
    ),
    *(
        "pycon",
        "vue",
        "scala",
        "elixir",
        "julia",
        "latex",
        "nginx",
        "vb.net",
        "objective-c",
        "dart",
        "groovy",
    ),
]


def colored(language: str, code: str) -> list[Text]:
    highlighter = Highlighter(language)
    return [highlighter.line(line, UNKNOWN) for line in code.split("\n")]


def colors(line: Text) -> list[tuple[str, str]]:
    """(colour, text) of each run."""
    return [(str(style), line.plain[start:end]) for start, end, style in line.spans]


def color_of(lines: list[Text], word: str) -> str:
    return next((color for line in lines for color, text in colors(line) if word in text), "")


@pytest.mark.parametrize(
    "language", sorted({aliases[0] for _, _, aliases, _, _ in LEXERS.values() if aliases})
)
def test_every_language_of_pygments_leaves_the_code_as_it_is(language: str) -> None:
    code = (
        "# a /* b\nx = 'it''s' \"\"\"doc\n  more\"\"\" + `t ${y}`\n<a href='b'>&amp;</a> -- c\n"
        "key: [1, 2.5, true] # d\n<<EOF\nhere\nEOF\n{% raw %} $x @y :z\n$ ls\n\t*/ end\n"
    )
    assert [line.plain for line in colored(language, code)] == code.split("\n")


@settings(max_examples=150)
@given(st.sampled_from(LANGUAGES), st.text("ab \t'\"`/*#{}[]()<>=-:;$@!\\\néx1", max_size=60))
def test_nothing_is_lost_of_any_code(language: str, code: str) -> None:
    assert [line.plain for line in colored(language, code)] == code.split("\n")


@pytest.mark.parametrize(
    ("language", "code", "word", "color"),
    [
        ("python", 'x = """one\ntwo\n"""\ny = 1', "two", STRING),
        ("python", 'def f():\n    """One.\n\n    two\n    """\n    return 1', "two", COMMENT),
        ("python", 'def f():\n    """One.\n\n    two\n    """\n    return 1', "return", KEYWORD),
        ("js", "/* one\n two\n*/ let x = 1", "two", COMMENT),
        ("js", "/* one\n two\n*/ let x = 1", "let", KEYWORD),
        ("java", 'String s = "/* no comment";\nreturn s;', "return", KEYWORD),
        ("java", "/** one\n * two\n */\nclass A {}", "two", COMMENT),
        ("c", "/* one\n * two\n */\nint f(void) {\n  return 1;\n}", "two", COMMENT),
        ("c", "/* one\n * two\n */\nint f(void) {\n  return 1;\n}", "return", KEYWORD),
        ("c", "int main(int argc) {\n  return 1;\n}", "main", "blue"),
        ("cpp", "x = 1; /* one\n two */ return x;", "two", COMMENT),
        ("cpp", "x = 1; /* one\n two */ return x;", "return", KEYWORD),
        ("cpp", 'auto s = R"(one\ntwo)";\nreturn s;', "return", KEYWORD),
        ("css", "a { }\n/* one\n two */", "two", COMMENT),
        ("html", "<!-- one\ntwo -->\n<b>x</b>", "two", COMMENT),
        ("go", "x := `one\ntwo`\nreturn x", "two", STRING),
        ("sql", "/* one\ntwo */ SELECT 1", "two", COMMENT),
        ("lua", "--[[ one\ntwo ]] local x", "two", COMMENT),
        ("yaml", "a: 1 # one\nb: two", "# one", COMMENT),
        ("json", '{"a": true}', "true", "yellow"),
        ("php", "$x = 1;\nfunction f() {}", "function", KEYWORD),
        ("diff", "-old\n+new", "-old", "red"),
    ],
)
def test_what_spans_lines_keeps_its_color(language: str, code: str, word: str, color: str) -> None:
    assert color_of(colored(language, code), word) == color


@pytest.mark.parametrize("language", ["python", "js", "go", "sql", "bash", "rust", "c", "cpp"])
def test_line_by_line_finds_the_keywords_that_the_whole_file_would_show(language: str) -> None:
    code = {
        "python": "class A(B):\n    async def f(self):\n        for x in y: yield x\n",
        "js": "export async function f() {\n  for (const x of y) { await g(x) }\n}\n",
        "go": "package main\nfunc main() {\n\tfor _, x := range y { defer f(x) }\n}\n",
        "sql": "SELECT a, count(*) FROM t\nWHERE a IS NOT NULL\nGROUP BY a;\n",
        "bash": "for f in *; do\n  if [ -f $f ]; then echo $f; fi\ndone\n",
        "rust": "pub fn f<T>(x: &T) -> u8 {\n    match x { _ => return 1 }\n}\n",
        "c": "static int f(int a)\n{\n    if (a) { return 1; } else { while (1) break; }\n}\n",
        "cpp": "template <typename T>\nclass A : public B {\n public:\n  virtual ~A() = default;\n};\n",
    }[language]
    tokens = get_lexer_by_name(language).get_tokens(code)
    whole = [value.strip() for kind, value in tokens if str(kind) == "Token.Keyword"]
    lines = colored(language, code)
    assert whole
    assert [word for word in whole if color_of(lines, word) != KEYWORD] == []


def test_an_unknown_language_and_a_line_of_data_have_no_colors() -> None:
    assert Highlighter("no-such-language").line("if x: y", UNKNOWN) == Text("if x: y", UNKNOWN)
    assert Highlighter("").line("if x: y", UNKNOWN).style == UNKNOWN
    assert Highlighter("python").line("if " * LONGEST, UNKNOWN).spans == []


def test_a_copy_runs_ahead_alone() -> None:
    highlighter = Highlighter("python")
    highlighter.line('x = """', UNKNOWN)
    copy(highlighter).line('"""', UNKNOWN)
    assert colors(highlighter.line("still", UNKNOWN)) == [(STRING, "still")]
