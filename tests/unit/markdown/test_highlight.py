"""Code is coloured line by line, and stays the same code."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name

from stackspot_cli.markdown.highlight import CodeColours

COMMENT, STRING, KEYWORD = "90", "32", "35"
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
        "ruby",
    ),
    *(
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
        "scss",
    ),
    *(
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
        "pycon",
    ),
]


def styles(language: str, code: str) -> list[list[tuple[str, str]]]:
    colours = CodeColours(language)
    return [colours.line(line) for line in code.split("\n")]


def style_of(found: list[list[tuple[str, str]]], word: str) -> str:
    return next(style for line in found for style, text in line if word in text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_add_up_to_the_line(language: str) -> None:
    code = (
        "# a /* b\nx = 'it''s' \"\"\"doc\n  more\"\"\" + `t ${y}`\n<a href='b'>&amp;</a> -- c\n"
        "key: [1, 2.5, true] # d\n<<EOF\nhere\nEOF\n{% raw %} $x @y :z\n$ ls\n\t*/ end\n"
    )
    for line, found in zip(code.split("\n"), styles(language, code), strict=True):
        assert "".join(text for _style, text in found) == line


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(LANGUAGES), st.text("ab \t'\"`/*#{}[]()<>=-:;$@!\\\néx1", max_size=60))
def test_nothing_is_lost_of_any_code(language: str, code: str) -> None:
    found = styles(language, code)
    assert "\n".join("".join(text for _style, text in line) for line in found) == code


@pytest.mark.parametrize(
    ("language", "code", "word", "style"),
    [
        ("python", 'x = """one\ntwo\n"""\ny = 1', "two", STRING),
        ("python", "def f():\n    return 1", "return", KEYWORD),
        ("js", "/* one\n two\n*/ let x = 1", "two", COMMENT),
        ("js", "/* one\n two\n*/ let x = 1", "let", KEYWORD),
        ("java", 'String s = "/* no comment";\nreturn s;', "return", KEYWORD),
        ("css", "a { }\n/* one\n two */", "two", COMMENT),
        ("html", "<!-- one\ntwo -->\n<b>x</b>", "two", COMMENT),
        ("go", "x := `one\ntwo`\nreturn x", "two", STRING),
        ("yaml", "a: 1 # one\nb: two", "# one", COMMENT),
        ("json", '{"a": true}', "true", "33"),
        ("php", "$x = 1;\nfunction f() {}", "function", KEYWORD),
    ],
)
def test_what_spans_lines_keeps_its_colour(language: str, code: str, word: str, style: str) -> None:
    assert style_of(styles(language, code), word).split(";")[0] == style


@pytest.mark.parametrize("language", ["python", "js", "go", "sql", "bash", "rust"])
def test_line_by_line_finds_the_keywords_that_the_whole_file_would_show(language: str) -> None:
    code = {
        "python": "class A(B):\n    async def f(self):\n        for x in y: yield x\n",
        "js": "export async function f() {\n  for (const x of y) { await g(x) }\n}\n",
        "go": "package main\nfunc main() {\n\tfor _, x := range y { defer f(x) }\n}\n",
        "sql": "SELECT a, count(*) FROM t\nWHERE a IS NOT NULL\nGROUP BY a;\n",
        "bash": "for f in *; do\n  if [ -f $f ]; then echo $f; fi\ndone\n",
        "rust": "pub fn f<T>(x: &T) -> u8 {\n    match x { _ => return 1 }\n}\n",
    }[language]
    whole = [
        value for kind, value in get_lexer_by_name(language).get_tokens(code) if str(kind) == "Token.Keyword"
    ]
    lined = styles(language, code)
    assert [word for word in whole if KEYWORD not in style_of(lined, word.strip())] == []


def test_an_unknown_language_has_no_colours_and_costs_no_search() -> None:
    colours = CodeColours("no-such-language")
    assert (colours.known, colours.line("if x: y")) == (False, [("", "if x: y")])


def test_a_twin_runs_ahead_alone() -> None:
    colours = CodeColours("python")
    colours.line('x = """')
    twin = colours.copy()
    twin.line('"""')
    assert colours.line("still") == [(STRING, "still")]
