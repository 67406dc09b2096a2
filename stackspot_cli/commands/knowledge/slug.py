"""What names a knowledge source."""

from __future__ import annotations

from typing import Annotated

import typer

from stackspot_cli.errors import UsageError
from stackspot_cli.translation import _

Slug = Annotated[str, typer.Argument(metavar="SLUG", help=_("The knowledge source's slug."))]


def checked(slug: str) -> str:
    """Raises UsageError for what is no slug."""
    from stackspot_cli.settings.setting_kinds import SLUG

    slug = slug.strip()
    if not SLUG.fullmatch(slug):
        raise UsageError(
            _("{slug} is no slug: letters, digits, `.`, `_` and `-`").format(slug=repr(slug)),
            _("`stackspot knowledge list` shows the slugs"),
        )
    return slug
