"""The file of `--answers`: a YAML list of rules, each with its line.

Knows YAML and how a wrong rule is said; refuses to know what a rule does (`sandbox.script` does).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackspot_cli.app import App
from stackspot_cli.errors import ConfigError
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.sandbox.script import BadRule
    from stackspot_cli.settings.config_file import ConfigFile, Node

# The names are those of `sandbox.script.WRONGS`, which speaks English alone.
WRONGS: Mapping[str, str] = {
    "no-mapping": _("a rule must have keys, of {known}"),
    "unknown-key": _("there is no key {written}; the known ones are {known}"),
    "two-kinds": _("`answer` and `answers` exclude one another"),
    "no-text": _("`answer` is a text, `answers` a list of texts"),
    "unknown-fault": _("unknown fault {written}; the known ones are {known}"),
    "bad-times": _("`times` says how often a `fault` strikes: a whole number from 1"),
    "no-answer": _("a rule needs an `answer`, `answers` or a `fault`"),
    "no-pattern": _("`{known}` is no regular expression"),
}


def read(name: str, app: App) -> list[Any]:
    """The rules, as `Sandbox(answers=…)` takes them. Raises UsageError, and ConfigError with line and column."""
    from stackspot_cli.terminal.input_reader import (
        InputReader,  # deferred, as below: most calls tell no answers
    )

    path = Path(name)
    text = InputReader(app.terminal, app.terminal.note).file(path)
    try:
        return _rules(text, path)
    except ConfigError as error:
        error.hint = _hint(error.__cause__)
        raise


def _rules(text: str, path: Path) -> list[Any]:
    from stackspot_cli.sandbox.script import BadRule, Script
    from stackspot_cli.settings import config_file

    file = config_file.document(text, path)
    rules = file.root.plain()
    if not isinstance(rules, list) or not rules:
        raise file.error(file.root, _("the file must hold a list of rules"))
    try:
        Script(rules)
    except BadRule as error:
        why = WRONGS[error.wrong].format(written=error.written, known=error.known)
        raise file.error(_place(file, error), why) from error
    return rules


def _place(file: ConfigFile, error: BadRule) -> Node:
    assert isinstance(file.root.value, tuple), "rules were counted in it"
    rule = file.root.value[error.number - 1]
    return rule.at(error.key) or rule


def _hint(cause: BaseException | None) -> str:
    wrong = getattr(cause, "wrong", "")
    if wrong == "no-text" or (
        wrong == "no-pattern" and isinstance(getattr(cause, "__cause__", None), TypeError)
    ):
        return _("put texts into quotes: YAML reads some of them as numbers, switches or lists")
    if wrong == "no-pattern":
        return _(
            "in a regular expression of Python ( [ ? * + . and \\ mean something; a \\ before one takes it as it is"
        )
    return _("a rule is a line such as `{example}`").format(
        example="- {when: 'merge', answer: 'yes, it may'}"
    )
