"""A prompt from a file, for the commands that take one: found, its head read, its parameters read and filled in.

Knows where this person's and this project's prompts lie. Refuses to know any command. Errors are UsageError, and
ConfigError for a file that is not as it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.app import App
    from stackspot_cli.domain import Message
    from stackspot_cli.prompts.library import Library
    from stackspot_cli.prompts.template import Template


@dataclass(frozen=True, slots=True)
class Chosen:
    """One prompt, with what its head names already looked for.

    model: one that we know, else None. files, uploads: as seen from here. schema: as `--schema` takes it.
    """

    template: Template
    model: str | None
    files: tuple[str, ...]
    uploads: tuple[str, ...]
    schema: Any

    def text(
        self, parameters: Mapping[str, str], input_: str, files: Sequence[str]
    ) -> tuple[str, str | None]:
        """The prompt and its instructions. The input goes to its place, else after the text and the files."""
        template = self.template
        messages, system = template.filled(parameters, input_ if template.takes_input else "")
        after = [*files, *([] if template.takes_input else [input_])]
        text = "\n\n".join(part for part in (_one_text(messages), *after) if part.strip())
        return text, system


def _one_text(messages: Sequence[Message]) -> str:
    from stackspot_cli.conversation.transcript import text_of

    return text_of(messages)


def library(app: App) -> Library:
    """The prompts of this project, of this person, and those that ship with the program in this language."""
    from stackspot_cli.prompts.library import library_here

    return library_here(app.places.config_dir, app.environ)


def choose(app: App, reference: str) -> Chosen:
    """A name, or a path. What its head says and we do not know is noted once."""
    from stackspot_cli.commands.shared_demands import is_file_name
    from stackspot_cli.prompts import library as prompts

    entry = library(app).find(reference)
    template = prompts.load(entry)
    if template.unknown_keys:
        app.terminal.note(
            _("{path}: not understood in its head, and left out: {keys}").format(
                path=safe_line(str(entry.path)), keys=safe_line(", ".join(template.unknown_keys))
            )
        )
    schema = template.schema
    if isinstance(schema, str) and is_file_name(schema):
        [schema] = prompts.files_of(entry, (schema,))
    return Chosen(
        template,
        _known_model(app, template),
        prompts.files_of(entry, template.files),
        prompts.files_of(entry, template.upload),
        schema,
    )


def _known_model(app: App, template: Template) -> str | None:
    """Another program's file may name a model that is none of ours."""
    if template.model is None or not template.foreign:
        return template.model
    try:
        app.settings.find_model(template.model)
    except UsageError:
        return None
    return template.model


def read_parameters(given: Sequence[str], read_file: Callable[[Path], str]) -> dict[str, str]:
    """`KEY=VALUE` and `KEY=@FILE`; `KEY=@@…` is a value that begins with an at sign."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not (equals and name):
            raise UsageError(
                _("-p takes KEY=VALUE, not {given}").format(given=repr(safe_line(text, 60))),
                _("for example: -p language=German, or -p rules=@rules.md for what a file holds"),
            )
        if name in found:
            raise UsageError(_("-p gives {name} twice").format(name=safe_line(name, 60)), _("give it once"))
        if value.startswith("@@"):
            value = value[1:]
        elif value.startswith("@"):
            value = read_file(Path(value[1:])).rstrip("\n")
        found[name] = value
    return found


def refuse_without_input(chosen: Chosen, given: Sequence[str]) -> None:
    """A prompt about something, with nothing: a review of an empty diff is nobody's wish."""
    if chosen.template.takes_input and not any(text.strip() for text in given):
        raise UsageError(
            _("the prompt {name} is about an input, and there is none").format(
                name=safe_line(chosen.template.name, 60)
            ),
            _("pipe it in, name a file with -f, or write it after the options"),
        )
