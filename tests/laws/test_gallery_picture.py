"""The README's picture shows what the program shows."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_picture_of_the_gallery_is_up_to_date() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "make_picture.py"))
    assert (ROOT / "docs" / "gallery.svg").read_text(encoding="utf-8") == made["picture"](), (
        "run: python docs/make_picture.py"
    )
