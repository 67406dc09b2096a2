"""The picture in the README, by its own maker, so that one verb makes everything."""

from __future__ import annotations


def files() -> dict[str, str]:
    from docs.make_picture import PICTURE, ROOT, picture

    return {PICTURE.relative_to(ROOT).as_posix(): picture()}
