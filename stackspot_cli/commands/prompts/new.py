"""`stackspot prompts new`: the beginning of a prompt, in the project or in the person's own folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from stackspot_cli.app import App
from stackspot_cli.commands import shared_templates
from stackspot_cli.errors import LocalError, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

BEGINNING = """\
---
description: {description}
# model: stackspot-ai-code
# system: You are exact and brief.
# params:
#   focus: correctness
# fail_unless: ^APPROVED$
---
{text}

{{{{input}}}}
"""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Options:
    """One call, as it was typed."""

    name: Annotated[str, typer.Argument(metavar="NAME", help=_("What it is to be called."))]
    user: Annotated[bool, typer.Option("--user", help=_("In your own folder, also inside a repository."))] = (
        False
    )


def run(options: Options, app: App) -> None:
    """The text is stdin's, else a beginning. Raises UsageError for a name that is taken or is none, LocalError."""
    from stackspot_cli.prompts import library, reading
    from stackspot_cli.terminal.input_reader import InputReader

    name = options.name.removesuffix(".md")
    if not _NAME.fullmatch(name):
        raise UsageError(
            _("{name} is no name for a prompt").format(name=safe_line(options.name, 60)),
            _("letters, digits, `-`, `_` and `.`; for example: stackspot prompts new release-notes"),
        )
    place = library.place_for_new(shared_templates.library(app), user=options.user)
    path = place.folder / f"{name}.md"
    text = ""
    if app.terminal.stdin_kind == "data":
        text = InputReader(app.terminal, app.terminal.note).stdin(may_skip=False)
    if text.strip():
        reading.read(text, path)
    else:
        text = BEGINNING.format(
            description=_("What it does, in one line"),
            text=_("Say here what is to be done with what follows."),
        )
    write_new(path, text, private=place.origin == "user")
    app.terminal.write(f"{path}\n")
    app.terminal.flush()
    app.terminal.note(_("`stackspot prompts edit {name}` opens it").format(name=name))


def write_new(path: Path, text: str, *, private: bool) -> None:
    """A file that was not there. private: with its folders for this person's eyes alone."""
    from stackspot_cli.files import private_files

    try:
        if private:
            private_files.make_folder(path.parent)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600 if private else 0o666, exist_ok=False)
        path.write_text(text, encoding="utf-8")
    except FileExistsError as error:
        raise UsageError(
            _("{path} exists already").format(path=safe_line(str(path))),
            _("`stackspot prompts edit {name}` opens it").format(name=safe_line(path.stem, 60)),
        ) from error
    except OSError as error:
        raise LocalError(
            _("cannot write {path}: {why}").format(
                path=safe_line(str(path)), why=error.strerror or str(error)
            ),
            _("check that its folder exists, is yours and has room"),
        ) from error
