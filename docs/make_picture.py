"""Makes docs/gallery.svg, the picture in the README: tests/gallery.md as `stackspot` shows it.

    python docs/make_picture.py

`tests/laws/test_gallery_picture.py` says when it has to be made again.
"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.text import Text

from stackspot_cli.markdown.stream import MarkdownStream

ROOT = Path(__file__).parent.parent
GALLERY = ROOT / "tests" / "gallery.md"
PICTURE = ROOT / "docs" / "gallery.svg"
COLUMNS = 80


def picture() -> str:
    """The SVG; the same for the same gallery, code and Rich."""
    written: list[str] = []
    stream = MarkdownStream(written.append, size=lambda: (COLUMNS, 24), color=True, live=False)
    stream.feed(GALLERY.read_text(encoding="utf-8"))
    stream.close()
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text.from_ansi("".join(written)))
    return console.export_svg(title="stackspot complete", unique_id="gallery")


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
