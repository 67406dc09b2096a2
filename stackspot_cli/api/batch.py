"""Many prompts from Python: an iterator of results, in the order in which they are answered."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from stackspot_cli.api.failures import Hinted, add_note
from stackspot_cli.api.questions import ChatMessages, SchemaLike, schema_of, shown
from stackspot_cli.batch.asker import Asker, rest_seconds
from stackspot_cli.batch.jobs import Jobs
from stackspot_cli.batch.lines import Line, of_object
from stackspot_cli.batch.questions import Asking, Wish, asking
from stackspot_cli.batch.result import BatchResult
from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.errors import UsageError
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.app import App

BatchPrompt: TypeAlias = "str | ChatMessages | Mapping[str, object]"
"""A text, messages, or what a line of `stackspot batch` holds: `prompt`, and any of `id model system temperature
max_tokens files`."""


class BatchResults:
    """The results as they come. Prompts are taken as jobs become free. `close`, or being collected, ends it."""

    def __init__(
        self, owner: object, app: App, prompts: Iterable[BatchPrompt], wish: Wish, jobs: int
    ) -> None:
        """owner: closes the app when it is collected; not as long as results come."""
        if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
            raise UsageError(_("jobs is a whole number above 0, not {given}").format(given=shown(jobs)))
        if isinstance(prompts, str):
            raise UsageError(
                _("the prompts are many: a list of texts, not {given}").format(given=shown(prompts))
            )
        self._owner = owner
        self._reaching = app.terminal.reaching
        client = app.client
        asker = Asker(client.stream, client.patience, rest_seconds=rest_seconds(app.settings))
        tasks = (task_of(prompt, place, wish) for place, prompt in enumerate(prompts))
        self._jobs: Jobs[Asking | BatchResult, BatchResult] = Jobs(tasks, _work(asker), jobs)
        self._close = weakref.finalize(self, self._jobs.close)

    def __iter__(self) -> Iterator[BatchResult]:
        return self

    def __next__(self) -> BatchResult:
        with Hinted(self._reaching):
            result = next(self._jobs)
        if result.error is not None:
            add_note(result.error, self._reaching)
        return result

    def close(self) -> None:
        """Begins nothing more, and leaves what is under way. Safe to call twice, and from any thread."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _work(asker: Asker) -> Any:
    def work(one: Asking | BatchResult, jobs: Jobs[Asking | BatchResult, BatchResult]) -> BatchResult:
        return one if isinstance(one, BatchResult) else asker.ask(one, jobs).result

    return work


def task_of(prompt: object, place: int, wish: Wish) -> Asking | BatchResult:
    """What is to be asked; of a prompt that cannot be, its result: the others are not to blame."""
    try:
        return asking(line_of(prompt, place), wish)
    except UsageError as error:
        match prompt:
            case {"id": str() | int() | float() as own} | {"custom_id": str() as own}:
                return BatchResult(own, error=error)
        return BatchResult(place, error=error)


def line_of(prompt: object, place: int) -> Line:
    """place: from 0; the id of a prompt that has none. Raises UsageError."""
    try:
        match prompt:
            case str() if prompt.strip():
                return Line(place, place, prompt)
            case str():
                raise UsageError(_("it is empty"))
            case list() | tuple():
                return Line(place, place, messages=read_messages(prompt))
            case Mapping():
                return of_object(dict(prompt), place)
        raise UsageError(
            _("it is a text, a list of messages or an object, not {given}").format(given=shown(prompt))
        )
    except UsageError as error:
        error.message = _("prompts[{place}]: {why}").format(place=place, why=error.message)
        error.args = (error.message,)
        raise


def wish_of(
    app: App,
    *,
    model: str | None,
    system: str | None,
    temperature: float | None,
    max_tokens: int | None,
    schema: SchemaLike | None,
) -> Wish:
    """What holds for every prompt that does not say otherwise. Raises UsageError where no prompt could follow it."""
    from stackspot_cli.conversation.limits import check_limits
    from stackspot_cli.terminal import prompt_input
    from stackspot_cli.terminal.input_reader import InputReader

    settings = app.settings

    def find(reference: str | None) -> Any:
        return settings.usual_model(app.find_model) if reference is None else app.find_model(reference)

    def read_files(names: Any) -> tuple[str, ...]:
        given = prompt_input.Given(None, tuple(names), no_stdin=True, may_be_empty=True)
        return prompt_input.read_parts(given, InputReader(app.terminal, app.terminal.note), "none").files

    for name, text in (("model", model), ("system", system)):
        if text is not None and not isinstance(text, str):
            raise UsageError(_("{name} is a text, not {given}").format(name=name, given=shown(text)))
    check_limits(find(model), temperature, max_tokens, named="max_tokens")
    return Wish(
        find,
        read_files,
        schema_of,
        model=model,
        openai_model=model,
        system=system,
        temperature=temperature,
        max_tokens=max_tokens,
        schema=schema_of(schema),
    )
