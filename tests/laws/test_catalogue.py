"""Every sentence is translated, and what must not be translated is not.

When one of these fails: `python -m docs.generate`, then translate what is empty in the `.po` file that it names, then
generate once more (docs/translations.md).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

catalogue = pytest.importorskip("docs.generate.catalogue", reason="not run from a source tree")

from babel.messages.catalog import Catalog  # noqa: E402  # after the skip
from babel.messages.pofile import read_po  # noqa: E402

from stackspot_cli.translation import LANGUAGES  # noqa: E402

SOURCES: list[Path] = catalogue.sources()
SPOKEN = re.compile(r"[A-Za-z]{2,}")
CODE = re.compile(r"[a-z]+(_[a-z]+)+")  # such as OpenAI's `server_error`
PREFIXES = {"error", "hint", "note"}  # the contract's own, in every language
SHOWN_BY = {"note", "say", "step", "confirm", "remark", "wait_note"}  # functions whose text a person reads
SHOWN_AS = {"help", "short_help", "hint", "prompt"}  # and arguments
# What a sentence holds of the machine's: it stands in every language.
KEPT = (
    re.compile(r"(?<!\{)\{[^{}\s\"]*\}(?!\})"),  # placeholders
    re.compile(r"`[^`]+`"),
    re.compile(r"(?<![\w-])--?[a-zA-Z][a-z-]*"),  # options
    re.compile(r"(?<![\w/.`'])/[a-z]+\b"),  # the chat's commands
    re.compile(r"\b[A-Z]+_[A-Z_]+\b"),  # variables
    re.compile(r"https?://[^\s,;)]+"),
    re.compile(r"stackspot [a-z]+(?: [a-z]+)*(?= [A-Z<|{'\[-]|$)", re.MULTILINE),  # commands to paste
    re.compile(r"\b(?:agent|command):[A-Za-z0-9-]+"),
)


@cache  # 125 modules take half a second to parse
def trees() -> dict[str, ast.Module]:
    return {path.relative_to(catalogue.ROOT).as_posix(): ast.parse(path.read_bytes()) for path in SOURCES}


@cache
def sentences() -> frozenset[str]:
    return frozenset(text for text, _path in catalogue.extracted())


@cache
def compiled(language: str) -> bytes:
    return bytes(catalogue.compiled(catalogue.merged(read(language), language)))


def po_file(language: str) -> Path:
    return catalogue.PACKAGE / "locale" / language / "LC_MESSAGES" / "stackspot.po"


def read(language: str) -> Catalog:
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_sentence_is_translated(language: str) -> None:
    known = read(language)
    missing = sorted(text for text in sentences() if not (known.get(text) and known.get(text).string))
    assert missing == [], f"translate them in {po_file(language)} (docs/translations.md)"


def test_no_translation_is_a_guess_or_of_a_sentence_that_is_no_more(language: str) -> None:
    known = read(language)
    assert [message.id for message in known if message.id and message.fuzzy] == []
    assert [message.id for message in known if message.id and message.id not in sentences()] == []
    assert list(known.obsolete) == []


def test_a_translation_keeps_what_is_the_machines(language: str) -> None:
    lost = [
        (
            message.id,
            message.string,
            sorted(set(kept.findall(message.id)) - set(kept.findall(message.string))),
        )
        for message in read(language)
        for kept in KEPT
        if message.id and not set(kept.findall(message.id)) <= set(kept.findall(message.string))
    ]
    assert lost == []


def test_a_translation_asks_for_no_value_that_is_not_given(language: str) -> None:
    placeholder = KEPT[0]
    invented = [
        message.id
        for message in read(language)
        if message.id
        and sorted(placeholder.findall(message.id)) != sorted(placeholder.findall(message.string))
    ]
    assert invented == []


def test_a_translation_has_the_same_edges(language: str) -> None:
    """Spaces and line breaks at the ends, and the final full stop."""

    def edges(text: str) -> tuple[str, str, bool]:
        bare = text.strip()
        return text[: text.index(bare)], text[text.index(bare) + len(bare) :], bare.endswith(".")

    odd = [
        (message.id, message.string)
        for message in read(language)
        if message.id and edges(message.id) != edges(str(message.string))
    ]
    assert odd == []


def test_the_compiled_catalogue_is_what_the_text_says(language: str) -> None:
    assert po_file(language).with_suffix(".mo").read_bytes() == compiled(language)


def test_a_compiled_catalogue_tells_no_date_and_no_tool(language: str) -> None:
    assert [word for word in (b"Date", b"Babel") if word in compiled(language)] == []


# --- nothing is shown past the door ----------------------------------------------------------------


def error_names(trees: list[ast.Module]) -> set[str]:
    """The classes of the error tree, wherever they are written, and the gateway's own refusal."""
    classes = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"StackSpotError", "Problem"}
    while more := {name for name, bases in classes.items() if bases & found} - found:
        found |= more
    return found


def shown(tree: ast.AST, errors: set[str]) -> Iterator[ast.expr]:
    """The expressions of a module whose text a person reads."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in SHOWN_BY or name in errors:
            yield from node.args
        yield from (keyword.value for keyword in node.keywords if keyword.arg in SHOWN_AS)


def untranslated_words(node: ast.AST) -> Iterator[str]:
    """The words of the literals in an expression, but for those inside `_()` and those that call something."""
    match node:
        case ast.Constant(value=str(text)) if not CODE.fullmatch(text):
            yield from set(SPOKEN.findall(text)) - PREFIXES
        case ast.JoinedStr(values=parts):
            for part in parts:
                if isinstance(part, ast.Constant):
                    yield from untranslated_words(part)
        case ast.BinOp(left=left, right=right):
            yield from untranslated_words(left)
            yield from untranslated_words(right)
        case ast.IfExp(body=one, orelse=other):
            yield from untranslated_words(one)
            yield from untranslated_words(other)
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            yield from untranslated_words(inner)


def unwrapped(trees: dict[str, ast.Module]) -> list[str]:
    errors = error_names(list(trees.values()))
    return [
        f"{name}:{expression.lineno}: {' '.join(words)}"
        for name, tree in trees.items()
        for expression in shown(tree, errors)
        if (words := list(untranslated_words(expression)))
    ]


def test_what_a_person_reads_goes_through_the_catalogue() -> None:
    assert unwrapped(trees()) == []


def test_help_is_no_docstring() -> None:
    """Typer would show it, and nobody could translate it."""
    found = [
        f"{name}: {node.name}"
        for name, tree in trees().items()
        if name.startswith("stackspot_cli/commands/")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and (node.decorator_list or node.name == "command")
        and ast.get_docstring(node)
        and any("typer" in ast.unparse(one.annotation or ast.Constant("")) for one in node.args.args)
    ]
    assert found == []


def test_every_sentence_is_one_literal() -> None:
    odd = [
        f"{name}:{node.lineno}: {ast.unparse(node)}"
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if catalogue.is_sentence(node) and [type(argument) for argument in node.args] != [ast.Constant]
    ]
    assert odd == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("terminal.note('it is late')", ["m:1: it is late"]),
        ("terminal.note(_('it is late'))", []),
        ("terminal.say(f'error: {message}')", []),
        ("terminal.say(f'error: no {message}')", ["m:1: no"]),
        ("raise UsageError('no', hint=_('yes'))", ["m:1: no"]),
        ("raise UsageError(_('no {x}').format(x='for all'), 'yes' if x else '')", ["m:1: yes"]),
        ("raise ValueError('a bug')", []),
        ("raise UsageError(_('no'), 'not_found')", []),
        ("typer.Option('-f', '--file', metavar='PATH', help='Add a file.')", ["m:1: Add file"]),
    ],
)
def test_the_law_tells_right_from_wrong(line: str, found: list[str]) -> None:
    errors = "class StackSpotError(Exception): pass\nclass UsageError(StackSpotError): pass"
    told = unwrapped({"errors": ast.parse(errors), "m": ast.parse(line)})
    assert [" ".join(sorted(one.split())) for one in told] == [" ".join(sorted(one.split())) for one in found]
