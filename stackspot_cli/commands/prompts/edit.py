"""`stackspot prompts edit`: a prompt in the person's own editor; only a text that can be read is kept."""

from __future__ import annotations

from pathlib import Path

from stackspot_cli.app import App
from stackspot_cli.commands import shared_templates
from stackspot_cli.commands.prompts.name import Name
from stackspot_cli.errors import LocalError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    name: Name


def run(options: Options, app: App) -> None:
    """One that ships with the program is copied into the person's own folder, where it then comes first.

    Raises UsageError, ConfigError with the place of what is broken, LocalError.
    """
    from stackspot_cli.prompts import library, reading
    from stackspot_cli.terminal.editor import Draft, edited, refuse_without_terminal

    refuse_without_terminal(app.terminal, _("set EDITOR to a command that needs none"))
    prompts = shared_templates.library(app)
    entry = prompts.find(options.name)
    path = entry.path
    if entry.place.origin == "built-in":
        path = library.place_for_new(prompts, user=True).folder / entry.path.name
    with Draft(library.text_of(entry), app.environ, suffix=path.suffix) as draft:
        text = edited(draft, path, lambda text: reading.read(text, path), app.terminal)
        if text == draft.text:
            app.terminal.tell(_("nothing was changed"))
            return
        _save(path, text)
    app.terminal.tell(_("saved {path}").format(path=safe_line(str(path))))


def _save(path: Path, text: str) -> None:
    """Whole or not at all, with the mode that it had."""
    from stackspot_cli.files import private_files

    try:
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        mode = 0o600
    except OSError as error:
        raise LocalError(
            _("cannot write {path}: {why}").format(
                path=safe_line(str(path)), why=error.strerror or str(error)
            ),
            _("check that its folder exists, is yours and has room"),
        ) from error
    private_files.write(path, text.encode("utf-8"), mode=mode)
