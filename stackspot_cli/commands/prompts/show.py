"""`stackspot prompts show`: one prompt, as its file says it."""

from __future__ import annotations

from stackspot_cli.app import App
from stackspot_cli.commands import shared_templates
from stackspot_cli.commands.prompts.name import Name
from stackspot_cli.lean_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    name: Name


def run(options: Options, app: App) -> None:
    """The file's text on stdout. Raises UsageError with what there is; ConfigError for a file that is no text."""
    from stackspot_cli.prompts import library
    from stackspot_cli.safe_text import pipe_text, safe_text
    from stackspot_cli.terminal import pager

    text = library.text_of(shared_templates.library(app).find(options.name))
    shown = safe_text(text) if app.terminal.stdout_is_terminal else pipe_text(text)
    pager.put(app.terminal, shown if shown.endswith("\n") else shown + "\n")
