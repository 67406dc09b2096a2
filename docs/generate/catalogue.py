"""The message catalogues: what `_("…")` holds in the source, and what translators made of it.

A translation is kept while its English stays the same; a new sentence gets an empty one, and
`tests/laws/test_catalogue.py` asks for it. The `.mo` holds no date and no version, so that it is the same file
wherever it is made.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from stackspot_cli.translation import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "stackspot_cli"
ISLAND = PACKAGE / "sandbox"  # speaks as the service does: in English

HEADER = """\
# Messages of stackspot in {language}. Translate here, then run `python -m docs.generate`; see docs/translations.md.
msgid ""
msgstr ""
"Project-Id-Version: stackspot-cli\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""


class _Undated(Catalog):
    """Babel's own headers tell when and by which Babel: neither belongs into a file that must not change."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [("Content-Type", "text/plain; charset=utf-8"), ("Content-Transfer-Encoding", "8bit")]

    @mime_headers.setter
    def mime_headers(self, _headers: object) -> None:
        pass


def files() -> dict[str, str | bytes]:
    made: dict[str, str | bytes] = {}
    for language in LANGUAGES:
        folder = f"stackspot_cli/locale/{language}/LC_MESSAGES"
        catalogue = merged(read(ROOT / folder / "stackspot.po", language), language)
        made[f"{folder}/stackspot.po"] = as_text(catalogue, language)
        made[f"{folder}/stackspot.mo"] = compiled(catalogue)
    return made


def sources() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if ISLAND not in path.parents)


def extracted() -> Iterator[tuple[str, Path]]:
    """Each sentence with its file, as often as it stands there.

    By the syntax tree: Babel's own extractor reads tokens, and finds what stands in an f-string on some Pythons only.
    """
    for path in sources():
        calls = [call for call in ast.walk(ast.parse(path.read_bytes())) if is_sentence(call)]
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            match call.args:
                case [ast.Constant(value=str(text))]:
                    yield text, path
                case _:
                    raise SystemExit(f"{path}:{call.lineno}: _() takes one literal string")


def is_sentence(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"


def read(path: Path, language: str) -> Catalog:
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def merged(known: Catalog, language: str) -> Catalog:
    """Every sentence of the source, in its order, with the translation that is known of it."""
    made = _Undated(locale=language, fuzzy=False)
    for text, path in extracted():
        before = known.get(text)
        made.add(
            text,
            before.string if before is not None else "",
            locations=[(path.relative_to(ROOT).as_posix(), 0)],
            flags=before.flags if before is not None else (),
            user_comments=before.user_comments if before is not None else (),
        )
    for message in made:
        message.flags &= {"fuzzy"}  # Babel's guesses at the format differ from version to version
    return made


def as_text(catalogue: Catalog, language: str) -> str:
    """One line a text, and files without line numbers: an edit elsewhere must change nothing here."""
    out = io.BytesIO()
    write_po(out, catalogue, width=0, omit_header=True, include_lineno=False, ignore_obsolete=True)
    return HEADER.format(language=language) + out.getvalue().decode("utf-8").strip("\n") + "\n"


def compiled(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()
