"""What the options say of every line: the model, the template, what the answer has to be. Nothing is sent.

Refuses to know lines and jobs. Raises UsageError, and ConfigError for a template's file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stackspot_cli.app import App
from stackspot_cli.batch.questions import Fill, Wish
from stackspot_cli.commands import shared_checks, shared_demands, shared_templates
from stackspot_cli.errors import AnswerLacks, StackSpotError, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.terminal import prompt_input
from stackspot_cli.terminal.encodings import checked
from stackspot_cli.terminal.input_reader import InputReader
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.batch.asker import Demand
    from stackspot_cli.client.uploads import LocalFile
    from stackspot_cli.commands.batch.line_options import LineOptions
    from stackspot_cli.conversation.answer import Answer
    from stackspot_cli.network.patience import Patience
    from stackspot_cli.structured.schema import Schema

UPLOADS_SECONDS = 540.0  # the service keeps an upload for ten minutes (protocol page)


@dataclass(frozen=True, slots=True)
class Prepared:
    """template_parameters: names of the template, None without one."""

    wish: Wish
    template_parameters: frozenset[str] | None
    demands: tuple[Demand, ...]
    extract: Callable[[Answer], str] | None
    uploads: tuple[LocalFile, ...]


def prepare(options: LineOptions, app: App, *, stdin_is_taken: bool) -> Prepared:
    """stdin_is_taken: it is IN, and so no file of `-f`."""
    chosen = None if options.template is None else shared_templates.choose(app, options.template)
    encoding = checked(options.encoding)
    reader = InputReader(app.terminal, app.terminal.note, now=app.now, encoding=encoding)
    head = None if chosen is None else chosen.template
    model, temperature, max_tokens = options.model, options.temperature, options.max_tokens
    if chosen is not None and head is not None:
        model = chosen.model if model is None else model
        temperature = head.temperature if temperature is None else temperature
        max_tokens = head.max_tokens if max_tokens is None else max_tokens
    shared_checks.check_settings(app, _find_model(app, model), temperature, max_tokens, options.agent)
    if chosen is None and options.parameters:
        raise UsageError(_("-p gives a parameter to a template, and there is none"), _("name one with -T"))
    wish = Wish(
        find_model=lambda reference: _find_model(app, reference),
        read_files=lambda names: _pieces(app, names, encoding),
        make_schema=lambda document: shared_demands.schema_asked(document, None, reader.file),
        model=model,
        openai_model=options.model,
        system=options.system,
        temperature=temperature,
        max_tokens=max_tokens,
        agent=options.agent,
        files=_files(
            options, app, reader, () if chosen is None else chosen.files, stdin_is_taken=stdin_is_taken
        ),
        fill=None if chosen is None else _filling(chosen),
        parameters={}
        if chosen is None
        else shared_templates.read_parameters(options.parameters, reader.file),
        schema=_schema(options, chosen, reader),
    )
    uploads = (*(() if chosen is None else chosen.uploads), *options.uploads)
    return Prepared(
        wish,
        None if head is None else frozenset(head.parameters),
        _demands(options, head),
        _extraction(options),
        shared_checks.looked_at(uploads),
    )


def _schema(
    options: LineOptions, chosen: shared_templates.Chosen | None, reader: InputReader
) -> Schema | None:
    own = chosen is None or options.schema is not None or options.schema_multi is not None
    one = options.schema if own or chosen is None else chosen.schema
    schema = shared_demands.schema_asked(one, options.schema_multi, reader.file)
    shared_demands.check_schema(one=schema, many=None, extract=options.extract or options.extract_last)
    return schema


def _find_model(app: App, reference: str | None) -> Any:
    return app.settings.usual_model(app.find_model) if reference is None else app.find_model(reference)


def _files(
    options: LineOptions, app: App, reader: InputReader, of_template: Sequence[str], *, stdin_is_taken: bool
) -> tuple[str, ...]:
    """The texts of `-f`, read once for all lines."""
    names = (*of_template, *options.files)
    if "-" in names and stdin_is_taken:
        raise UsageError(_("stdin can be IN or a file, not both"), _("leave out one of the two `-`"))
    prompt_input.refuse_unsendable(options.system or "", _("the text after -s"))
    given = prompt_input.Given(None, names, no_stdin="-" not in names, may_be_empty=True)
    return prompt_input.read_parts(given, reader, app.terminal.stdin_kind).files


def _pieces(app: App, names: Sequence[str], encoding: str | None) -> tuple[str, ...]:
    """The files that a line names. Each line may have as much as one call of `complete`."""
    reader = InputReader(app.terminal, app.terminal.note, now=app.now, encoding=encoding)
    given = prompt_input.Given(None, tuple(names), no_stdin=True, may_be_empty=True)
    return prompt_input.read_parts(given, reader, "none").files


def _filling(chosen: shared_templates.Chosen) -> Fill:
    def fill(parameters: Mapping[str, str], input_: str, files: Sequence[str]) -> tuple[str, str | None]:
        if not chosen.template.takes_input and not input_ and not files:
            return chosen.text(parameters, "", ())
        shared_templates.refuse_without_input(chosen, (input_, *files))
        return chosen.text(parameters, input_, files)

    return fill


# --- what the answer has to be -----------------------------------------------------------------------


def _demands(options: LineOptions, head: Any) -> tuple[Demand, ...]:
    fail_if = options.fail_if or (head.fail_if if head else ())
    fail_unless = options.fail_unless or (head.fail_unless if head else ())
    demands: tuple[Demand, ...] = shared_demands.demands(fail_if, fail_unless)
    return (_with_sources, *demands) if options.require_sources else demands


def _with_sources(answer: Answer) -> StackSpotError | None:
    return None if answer.sources else AnswerLacks(_("the answer names no sources"))


def _extraction(options: LineOptions) -> Callable[[Answer], str] | None:
    which = shared_checks.extracted(first=options.extract, last=options.extract_last)
    if which is None:
        return None

    def code(answer: Answer) -> str:
        from stackspot_cli.markdown.fences import code_blocks

        blocks = code_blocks(answer.text)
        if not blocks:
            raise AnswerLacks(_("the answer holds no fenced code block"))
        return blocks[0 if which == "first" else -1].code

    return code


# --- uploads -----------------------------------------------------------------------------------------


class SharedUploads:
    """Files that go along with every line: uploaded once, and again before the service forgets them."""

    def __init__(self, app: App, files: Sequence[LocalFile]) -> None:
        self._app = app
        self._files = tuple(files)
        self._lock = threading.Lock()
        self._ids: tuple[str, ...] = ()
        self._until = 0.0

    def __call__(self, patience: Patience) -> tuple[str, ...]:
        with self._lock:
            if self._app.now() >= self._until:
                self._ids = tuple(self._app.new_uploads().upload_all(self._files, patience=patience))
                self._until = self._app.now() + UPLOADS_SECONDS
            return self._ids
