"""`stackspot knowledge clear`: everything in a knowledge source goes; the source itself stays."""

from __future__ import annotations

from stackspot_cli.app import App
from stackspot_cli.commands import shared_options
from stackspot_cli.commands.knowledge.slug import Slug, checked
from stackspot_cli.commands.shared_checks import deletion_confirmed
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    slug: Slug
    yes: shared_options.Yes = False


def run(options: Options, app: App) -> None:
    """Asks first, unless yes. Raises StackSpotError; UsageError where nobody can answer."""
    from stackspot_cli.client import knowledge
    from stackspot_cli.terminal.progress import progress_line

    slug = checked(options.slug)
    question = _("Delete everything in the knowledge source {slug}?").format(slug=slug)
    if not options.yes and not deletion_confirmed(app.terminal, question):
        return
    with progress_line(app.terminal, app.now):
        knowledge.clear(app.client, slug)
    app.terminal.note(_("{slug} is empty").format(slug=slug))
