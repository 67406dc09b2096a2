import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.markdown.fences import CodeBlock, as_received, code_blocks
from stackspot_cli.terminal.fence import fenced


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0\f\v\x1c\x1d\x1e\x85\u2028\u2029")))
def test_whatever_is_fenced_can_be_taken_out_again(text: str) -> None:
    (block,) = code_blocks(fenced("a.py", text).removeprefix("a.py\n"))
    wanted = text if text.endswith("\n") or not text else text + "\n"
    assert block == CodeBlock(wanted, "py", closed=True)


def test_an_answer_that_ends_inside_a_block_says_so() -> None:
    assert code_blocks("```sh\nls") == [CodeBlock("ls", "sh", closed=False)]
    assert code_blocks("no code, `only` this") == []


@pytest.mark.parametrize(
    ("markdown", "number", "code"),
    [
        ("a\r\n```\r\nx\0y\r\nz\r\n```\r\nb", 0, "x\0y\r\nz\r\n"),
        ("```\na\rb\n```\n\n~~~bat\r\n@echo\r\n~~~\r\n", 1, "@echo\r\n"),
        ("```\na\rb\n```\n\n~~~bat\r\n@echo\r\n~~~\r\n", -2, "a\rb\n"),
        ("- x\r\n  ```\r\n  y\r\n  ```\r\n", 0, "y\n"),
        ("```\r\n```\r\n", 0, ""),
        ("```\r\nunclosed\r\nend", 0, "unclosed\r\nend"),
        ("```\nx\n\n\n```", 0, "x\n\n\n"),
    ],
)
def test_a_block_as_it_came(markdown: str, number: int, code: str) -> None:
    assert as_received(markdown, number) == code
    assert code_blocks(markdown)[number].code == code.replace("\r\n", "\n").replace("\r", "\n").replace(
        "\0", "\ufffd"
    )
