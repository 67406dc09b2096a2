from stackspot_cli.terminal.fence import fence_for, fenced


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
