"""By whose rules a change is reviewed: the program's, a prompt's or a file's; and by which model then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _, language

if TYPE_CHECKING:
    from stackspot_cli.model import Model

MOST_BYTES = 64 * 1024
# What a prompt's head can say that means nothing here: an answer's form is ours, and so is what is read.
UNUSED = ("schema", "fail_if", "fail_unless", "files", "upload")


@dataclass(frozen=True, slots=True)
class House:
    """text: the rules. file: what they were read from, as an absolute path; None for the program's own.

    model, temperature, max_tokens: where a prompt says them.
    """

    text: str
    file: Path | None = None
    model: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None

    def within(self, top: Path) -> str | None:
        """The file as git has it, where it is one of the repository."""
        if self.file is None or not self.file.is_relative_to(top.resolve()):
            return None
        return self.file.relative_to(top.resolve()).as_posix()


def house(template: str | None, rules: str | None, app: App) -> House:
    """Raises UsageError, ConfigError."""
    if rules is not None:
        return _of_file(Path(rules))
    if template is not None:
        return _of_template(template, app)
    from stackspot_cli.review.rules import house_rules

    return House(house_rules(language(app.environ)))


def model_to_ask(app: App, reference: str | None, by: House) -> Model:
    """The one that was named, else the prompt's, else the usual one."""
    from stackspot_cli.conversation.limits import check_limits

    named = reference or by.model
    model = app.find_model(named) if named else app.settings.usual_model(app.find_model)
    check_limits(model, by.temperature, by.max_tokens)
    return model


def _of_file(path: Path) -> House:
    hint = _("a text file of at most {limit} KiB, in UTF-8").format(limit=MOST_BYTES // 1024)
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig").replace("\r\n", "\n").strip()
    except OSError as error:
        raise UsageError(
            _("--rules: cannot read {path}: {why}").format(
                path=safe_line(str(path)), why=error.strerror or error
            ),
            hint,
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(_("--rules: {path} is no text").format(path=safe_line(str(path))), hint) from error
    if len(content) > MOST_BYTES or not text:
        problem = _("is too large") if text else _("is empty")
        raise UsageError(
            _("--rules: {path} {problem}").format(path=safe_line(str(path)), problem=problem), hint
        )
    return House(text, path.resolve())


def _of_template(name: str, app: App) -> House:
    from stackspot_cli.commands import shared_templates

    chosen = shared_templates.choose(app, name)
    template = chosen.template
    missing = [parameter for parameter, default in template.parameters.items() if default is None]
    if missing:
        raise UsageError(
            _("the prompt {prompt} needs {names}, which a review cannot give").format(
                prompt=safe_line(template.name, 60), names=safe_line(", ".join(missing))
            ),
            _("give them defaults in its head: {path}").format(path=safe_line(str(template.path))),
        )
    unused = [key for key in UNUSED if getattr(template, key)]
    if unused:
        app.terminal.note(
            _("{keys} of the prompt {prompt} count for nothing in a review").format(
                keys=", ".join(unused), prompt=safe_line(template.name, 60)
            )
        )
    # Where it has a place for the input nothing stands: the change comes after the rules.
    text, system = chosen.text({}, "", ())
    rules = "\n\n".join(part.strip() for part in (system or "", text) if part.strip())
    return House(rules, template.path.resolve(), chosen.model, template.temperature, template.max_tokens)
