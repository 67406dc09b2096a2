"""Our inline parser against markdown-it's, an independent reading of the same standard."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stackspot_cli.markdown.inline_parser import Token, tokens

REFERENCES = {"ref": "http://r.x", "a b": "/ab"}
TAGS = {"em": "em", "strong": "strong", "s": "s", "link": "a"}


def ours(text: str) -> str:
    """The tokens as HTML, without the attributes that a terminal has no use for."""
    out = []
    for token in tokens(text, REFERENCES):
        match token:
            case Token("open", "link", _, url):
                out.append(f'<a href="{html.escape(url)}">')
            case Token("open", name):
                out.append(f"<{TAGS[name]}>")
            case Token("close", name):
                out.append(f"</{TAGS[name]}>")
            case Token("code", shown):
                out.append(f"<code>{html.escape(shown)}</code>")
            case Token("image", alt, _, url):
                out.append(f'<img src="{html.escape(url)}" alt="{html.escape(alt)}" />')
            case Token("html", shown):
                out.append(shown)
            case Token("hard"):
                out.append("<br />\n")
            case Token("soft"):
                out.append("\n")
            case Token(_, shown):
                out.append(html.escape(shown))
    return "".join(out).replace("&#x27;", "'")


def theirs(text: str) -> str:
    parser = MarkdownIt("commonmark").enable("strikethrough")
    parser.normalizeLink = parser.normalizeLinkText = lambda url: url
    parser.validateLink = lambda url: True
    references = {label.upper(): {"href": url, "title": ""} for label, url in REFERENCES.items()}
    found = parser.parseInline(text, {"references": references})

    def plain(these: list) -> None:
        for token in these:
            token.attrs.pop("title", None)
            plain(token.children or [])

    plain(found)
    rendered = parser.renderer.render(found, parser.options, {})
    return re.sub(r'alt="[^"]*"', lambda alt: alt[0].replace("\n", " "), rendered)


PIECES = st.sampled_from(
    [
        *(
            "*",
            "**",
            "***",
            "_",
            "__",
            "~~",
            "`",
            "``",
            "[",
            "]",
            ")",
            "![",
            "](/u)",
            "](<u v> 't')",
            "[ref]",
            "[]",
        ),
        *(
            "a",
            "b c",
            " ",
            "  \n",
            "\n",
            "\\",
            "\\*",
            "<b>",
            "<http://x.y>",
            "<a@b.cd>",
            "&amp;",
            "&x;",
            "&#65;",
        ),
        *("!", "é", "“", "[a b]", "<!-- c -->", "</i>", ".", "x*y", "foo_bar_", "<"),
    ]
)


@settings(max_examples=1_500, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
@example("*foo**bar**baz*")
@example("***a** b*")
@example("[a [b](/u) c](/v)")
@example("![[a](/u)](/v)")
@example("*a `*` b*")
@example("[*a](/u)*")
def test_inline_markup_reads_as_markdown_it_reads_it(text):
    text = re.sub(r"\\ +", r"\\", text.strip(" \n"))  # a backslash, spaces, a newline: there markdown-it errs
    text = re.sub("~{3,}", "~~", text)  # which GitHub takes as text, and markdown-it not
    # A label holds no bracket (CommonMark, "link label"), but theirs takes `[*[a b]]` for one.
    text = re.sub(r"\]\[(?=[^\]]*\[)", "] [", text)
    assert ours(text) == theirs(text)


@pytest.mark.parametrize(
    "text",
    [r"$a_1 * b_1 * c_1$", r"\(x_{1} * y_{2} *\)", r"\[ a * b * c \]", "$$x * y *$$"],
)
def test_mathematics_stays_as_it_is_written(text):
    assert tokens(text, {}) == [Token("math", text)]


@pytest.mark.parametrize("text", ["it costs $5 and $6", "US$ 5 to US$ 6", "$HOME and $PATH"])
def test_money_and_variables_are_no_mathematics(text):
    assert [token.kind for token in tokens(text, {}) if token.kind == "math"] == []
    assert "".join(token.text for token in tokens(text, {})) == text


@pytest.mark.parametrize(
    "text", ["*" * 8_000, "[" * 8_000, "a_" * 4_000, "`" * 100 + "``" * 4_000, "*a " * 2_500]
)
def test_hostile_markup_costs_no_more_than_its_length(text):
    assert "".join(token.text for token in tokens(text, {}))
