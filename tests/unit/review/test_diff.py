from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repository import ENVIRON, Repository

from stackspot_cli.review.diff import FileDiff, Line, parse, whole
from stackspot_cli.review.git import Git

ONE = b"""\
diff --git a/add.py b/add.py
index 3b18e51..aa5f8d9 100644
--- a/add.py
+++ b/add.py
@@ -1,3 +1,3 @@ def add
 def add(a, b):
-    return a + b
+    return a - b
 # end
"""


def test_lines_carry_the_numbers_of_the_new_file() -> None:
    assert parse(ONE) == [
        FileDiff(
            "add.py",
            old_mode="100644",
            new_mode="100644",
            lines=(
                Line("kept", 1, "def add(a, b):"),
                Line("removed", None, "    return a + b"),
                Line("added", 2, "    return a - b"),
                Line("kept", 3, "# end"),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        (b"", []),
        (
            b"diff --git a/n b/n\nnew file mode 100755\nindex 0..2\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n",
            [FileDiff("n", "new", new_mode="100755", lines=(Line("added", 1, "x"),))],
        ),
        (
            b"diff --git a/n b/n\ndeleted file mode 100644\nindex 2..0\n--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n",
            [FileDiff("n", "deleted", old_mode="100644", lines=(Line("removed", None, "x"),))],
        ),
        (
            b"diff --git a/a b b/a b\nold mode 100644\nnew mode 100755\n",
            [FileDiff("a b", old_mode="100644", new_mode="100755")],
        ),
        (
            b"diff --git a/old name b/new\nsimilarity index 100%\nrename from old name\nrename to new\n",
            [FileDiff("new", old_path="old name")],
        ),
        (
            b"diff --git a/x.png b/x.png\nindex 1..2 100644\nBinary files a/x.png and b/x.png differ\n",
            [FileDiff("x.png", old_mode="100644", new_mode="100644", binary=True)],
        ),
        (
            b"diff --git a/e b/e\nnew file mode 100644\nindex 0000000..e69de29\n",
            [FileDiff("e", "new", new_mode="100644")],
        ),
        (  # a blank in the name: git writes a tab behind it
            b"diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n@@ -1 +1 @@\n-x\n+y\n",
            [FileDiff("a b", lines=(Line("removed", None, "x"), Line("added", 1, "y")))],
        ),
        (  # what is unmerged is listed before the files
            b"* Unmerged path add.py\ndiff --git a/z b/z\n--- a/z\n+++ b/z\n@@ -1 +1 @@\n-x\n+y\n",
            [FileDiff("z", lines=(Line("removed", None, "x"), Line("added", 1, "y")))],
        ),
    ],
)
def test_every_kind_of_file_is_read(patch: bytes, expected: list[FileDiff]) -> None:
    assert parse(patch) == expected


def test_odd_names_are_unquoted() -> None:
    patch = rb"""diff --git "a/t\ta\"b\\c\303\251\001" "b/t\ta\"b\\c\303\251\001"
--- "a/t\ta\"b\\c\303\251\001"
+++ "b/t\ta\"b\\c\303\251\001"
@@ -1 +1 @@
-x
+y
"""
    assert [diff.path for diff in parse(patch)] == ['t\ta"b\\cé\x01']


def test_a_name_that_is_no_utf8_keeps_its_bytes() -> None:
    [diff] = parse(b'diff --git "a/\\377" "b/\\377"\nold mode 100644\nnew mode 100755\n')
    assert diff.path.encode("utf-8", "surrogateescape") == b"\xff"


def test_a_line_that_looks_like_a_head_is_a_line() -> None:
    patch = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n"
    patch += b"--- a/y\n+++ b/y\n diff --git a/z b/z\n @@ -1 +1 @@\n"
    assert parse(patch) == [
        FileDiff(
            "x",
            lines=(
                Line("removed", None, "-- a/y"),
                Line("added", 1, "++ b/y"),
                Line("kept", 2, "diff --git a/z b/z"),
                Line("kept", 3, "@@ -1 +1 @@"),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("hunk", "bare"),
    [
        (b"@@ -1 +1 @@\n-x\n+y\n", False),
        (b"@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n", False),
        (b"@@ -1 +1 @@\n-x\n+y\n\\ No newline at end of file\n", True),
        (b"@@ -1,2 +1 @@\n x\n-y\n\\ No newline at end of file\n", False),
        (b"@@ -1,2 +1,2 @@\n-x\n+y\n z\n\\ No newline at end of file\n", True),
    ],
)
def test_a_missing_newline_at_the_end_is_noticed(hunk: bytes, bare: bool) -> None:
    [diff] = parse(b"diff --git a/x b/x\n--- a/x\n+++ b/x\n" + hunk)
    assert diff.ends_bare is bare
    assert [line.text for line in diff.lines if "newline" in line.text] == []


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("é\r\nx\r\n".encode(), ["é", "x"]),
        ("é\n".encode("latin-1"), ["é"]),
        (b"a\rb\n", ["a\rb"]),
        (b"", []),
        (b"x", ["x"]),
    ],
)
def test_a_whole_file_is_its_lines(content: bytes, texts: list[str]) -> None:
    diff = whole("x", content)
    assert [(line.number, line.text) for line in diff.lines] == list(enumerate(texts, 1))


LINES = st.lists(
    st.sampled_from([b"a", b"b", b"", b"-- x", b"++ y", b"@@ -1 +1 @@", b"\\ z", b"\xe9", b"q\r"]),
    max_size=25,
)


@settings(max_examples=60)
@given(
    LINES,
    LINES,
    st.sampled_from([b"\n", b""]),
    st.sampled_from([b"\n", b""]),
    st.sampled_from([0, 1, 3, 99999]),
)
def test_whatever_git_compares_every_number_is_right(
    old: list[bytes], new: list[bytes], old_end: bytes, new_end: bytes, around: int
) -> None:
    before, after = b"\n".join(old) + old_end, b"\n".join(new) + new_end
    with TemporaryDirectory() as folder:
        repository = Repository(Path(folder))
        ids = [repository.git("hash-object", "-w", "--stdin", stdin=content) for content in (before, after)]
        patch = Git(repository.folder, ENVIRON).ask("diff", "-a", f"-U{around}", *ids)
    expected = after.decode("latin-1").split("\n")
    found = [
        (line.number, line.text.encode("latin-1", "replace"))
        for diff in parse(patch)
        for line in diff.lines
        if line.number is not None
    ]
    texts = {number: text.removesuffix("\r") for number, text in enumerate(expected, 1)}
    assert [text for _number, text in found] == [texts[number].encode("latin-1") for number, _text in found]
    assert [number for number, _text in found] == sorted({number for number, _text in found})
    if around == 99999 and before != after:
        assert len(found) == len(after.split(b"\n")) - after.endswith(b"\n") - (after == b"")
