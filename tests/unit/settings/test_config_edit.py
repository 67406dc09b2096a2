"""A change to the config file changes that, and nothing else."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.errors import ConfigError
from stackspot_cli.settings import config_file
from stackspot_cli.settings.config_edit import Change, apply, edited

FILE = """\
# Who we are
default_profile:   'acme'   # since 2026

providers:
    acme:
        # rotated in May
        client_realm: "acme"   # the slug
        timeout: 3 # three
        models:
            reviewer: {agent: "01K45T82PF8QC64C9DNHGQWHY2", description: 'Ours'}  # shared
            empty: {}
        retries: 1

    other:   # nothing yet

# the end
"""


def change(text: str, dotted: str, value: str | None, *, typed: bool = False) -> str:
    return edited(text, Change(tuple(dotted.split("/")), value, typed), Path("FILE"))


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        ("default_profile", "it's", "'acme'   #", "'it''s'   #"),
        ("providers/acme/client_realm", "x", '"acme"   # the', '"x"   # the'),
        ("providers/acme/timeout", "4.5", "timeout: 3 # three", "timeout: 4.5 # three"),
        ("providers/acme/models/reviewer/description", "Theirs", "'Ours'", "'Theirs'"),
        ("providers/acme/models/reviewer/max_tokens", "5", "'Ours'}", "'Ours', max_tokens: 5}"),
        ("providers/acme/models/empty/agent", "on", "empty: {}", 'empty: {agent: "on"}'),
        ("providers/acme/history", "off", "retries: 1\n", "retries: 1\n        history: off\n"),
        (
            "providers/acme/models/fast/model",
            "stackspot-ai",
            "empty: {}\n",
            "empty: {}\n            fast:\n                model: stackspot-ai\n",
        ),
        (
            "providers/other/client_id",
            "7: #x",
            "nothing yet\n",
            'nothing yet\n        client_id: "7: #x"\n',
        ),
        ("providers/new/timeout", "1", "nothing yet\n", "nothing yet\n    new:\n        timeout: 1\n"),
        ("default_model", "${M}", "nothing yet\n", 'nothing yet\ndefault_model: "${M}"\n'),
        ("providers/acme/timeout", None, "        timeout: 3 # three\n", ""),
        ("providers/acme/models/reviewer/agent", None, 'agent: "01K45T82PF8QC64C9DNHGQWHY2", ', ""),
        ("providers/acme/models/reviewer/description", None, ", description: 'Ours'", ""),
        ("providers/other", None, "    other:   # nothing yet\n", ""),
    ],
)
def test_only_what_was_asked_for_changes(key: str, value: str | None, old: str, new: str) -> None:
    typed = value is not None and (value in ("off",) or value.replace(".", "").isdecimal())
    assert FILE.count(old) == 1
    assert change(FILE, key, value, typed=typed) == FILE.replace(old, new)


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ("", "a/b", "c", "a:\n  b: c\n"),
        ("# mine\n", "a", "c", "# mine\na: c\n"),
        ("a: 1", "b", "c", "a: 1\nb: c\n"),
        ("a:", "a", "c", "a: c"),
        ("a: ~\nb: 1\n", "a/x", "c", "a: \n  x: c\nb: 1\n"),
        ("a: |\n  text\n", "b", "c", "a: |\n  text\nb: c\n"),
        ("a: |\n  text\nb: 1\n", "a", None, "b: 1\n"),
        ("a: {b: }", "a/b/c", "d", "a: {b: {c: d} }"),
        ("a: 1\r\nb: 2\r\n", "c", "é", "a: 1\r\nb: 2\r\nc: é\r\n"),
        ("a: 1", "a", None, ""),
        ("a: {b: 1}", "a/b", None, "a: {}"),
        ("a: 1\n", "b", None, "a: 1\n"),
        ("a: 1\n", "a/b", None, "a: 1\n"),
    ],
)
def test_small_and_odd_files(before: str, key: str, value: str | None, after: str) -> None:
    assert change(before, key, value) == after


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a: &x 1\nb: *x\n", "b"),  # an alias: its text stands elsewhere
        ("a: &x 1\nb: *x\n", "a"),  # an anchor that others lean on
        ("a: &x {c: 1}\nb: *x\n", "b/c"),
        ("x: [1]\n", "x/y"),
        ("? a\n: 1\n", "a"),
    ],
)
def test_what_only_a_person_should_change_is_left_alone(text: str, key: str) -> None:
    with pytest.raises(ConfigError, match="only a person should change") as caught:
        change(text, key, None if "?" in text else "2")
    assert caught.value.hint == "`stackspot --config FILE config edit` opens the file and checks it"


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("a: >-\n  one\n  two\n", "a: new\n"),
        ("a: >-\n  one\n  two", "a: new"),
        ("a: |+  # why\n  one\n\nb: 1\n", "a: new  # why\n\nb: 1\n"),
        ("a: |2-\r\n   one\r\nb: 1\r\n", "a: new\r\nb: 1\r\n"),
        ("x:\n  a: |\n    one  \n  # about b\n  b: 1\n", "x:\n  a: new\n  # about b\n  b: 1\n"),
    ],
)
def test_a_block_of_lines_is_replaced_and_nothing_after_it(text: str, changed: str) -> None:
    assert change(text, "x/a" if text.startswith("x") else "a", "new") == changed


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    apply(path, [Change(("a",), "2", typed=True)])
    assert path.read_bytes() == b"\xef\xbb\xbfa: 2\n"


def test_several_changes_are_made_together_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("a: &x 1\nb: *x\n")
    with pytest.raises(ConfigError):
        apply(path, [Change(("c",), "1"), Change(("b",), "2")])
    assert path.read_text() == "a: &x 1\nb: *x\n"


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_a_new_file_is_private_and_an_old_one_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    new = tmp_path / "deep" / "config.yaml"
    apply(new, [Change(("a",), "b")])
    assert [stat.S_IMODE(one.stat().st_mode) for one in (new, new.parent)] == [0o600, 0o700]
    dotfile = tmp_path / "dotfiles.yaml"
    dotfile.write_text("a: b\n")
    dotfile.chmod(0o640)
    link = tmp_path / "config.yaml"
    link.symlink_to(dotfile)
    apply(link, [Change(("a",), "c")])
    assert (link.is_symlink(), dotfile.read_text(), stat.S_IMODE(dotfile.stat().st_mode)) == (
        True,
        "a: c\n",
        0o640,
    )


def test_a_change_that_changes_nothing_does_not_touch_the_file(tmp_path: Path) -> None:
    apply(tmp_path / "config.yaml", [Change(("a",), None)])
    assert list(tmp_path.iterdir()) == []


names = st.sampled_from(["a", "b", "c"])
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=12
)


@given(st.lists(st.tuples(st.lists(names, min_size=3, max_size=3), texts), min_size=1, max_size=6))
def test_whatever_is_set_is_read_back(changes: list[tuple[list[str], str]]) -> None:
    text = "# top\n"
    wanted: dict[tuple[str, ...], str] = {}
    for keys, value in changes:
        text = edited(text, Change(tuple(keys), value), Path("FILE"))
        wanted[tuple(keys)] = value
    root = config_file.parse(text, Path("FILE")).root
    assert {keys: node.value for keys in wanted if (node := root.at(*keys))} == wanted
    assert text.startswith("# top\n")
