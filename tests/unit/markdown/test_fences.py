from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.markdown.fences import CodeBlock, code_blocks, fence_for, fenced


def test_a_fence_is_longer_than_any_inside() -> None:
    assert [fence_for(text) for text in ("", "`", "```", "a````b", "`````\n``")] == [
        "```",
        "```",
        "````",
        "`````",
        "``````",
    ]


def test_a_file_is_headed_by_its_name() -> None:
    assert fenced("src/a.py", "x = 1") == "src/a.py\n```py\nx = 1\n```"
    assert fenced("Makefile", "all:\n") == "Makefile\n```\nall:\n```"
    assert fenced("dir.d/name", "") == "dir.d/name\n```\n```"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0\f\v\x1c\x1d\x1e\x85\u2028\u2029")))
def test_whatever_is_fenced_can_be_taken_out_again(text: str) -> None:
    (block,) = code_blocks(fenced("a.py", text).removeprefix("a.py\n"))
    wanted = text if text.endswith("\n") or not text else text + "\n"
    assert block == CodeBlock(wanted, "py", closed=True)


def test_an_answer_that_ends_inside_a_block_says_so() -> None:
    assert code_blocks("```sh\nls") == [CodeBlock("ls", "sh", closed=False)]
    assert code_blocks("no code, `only` this") == []
