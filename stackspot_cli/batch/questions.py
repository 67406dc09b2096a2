"""From a line to what is sent for it, decided before anything is sent: the model, the text, what the answer has to be.

Knows which word counts: the line's own, then the options', then the template's head. Refuses to know where options
and templates come from. Raises UsageError for what cannot be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeAlias

from stackspot_cli.batch.ids import Id
from stackspot_cli.batch.lines import Line
from stackspot_cli.conversation.limits import check_agent_options, check_limits, refuse_over_long
from stackspot_cli.conversation.transcript import text_of
from stackspot_cli.domain import AgentOptions, Message, Question
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.model import Model
from stackspot_cli.structured.fitting import instruction

if TYPE_CHECKING:
    from stackspot_cli.structured.schema import Schema

Fill: TypeAlias = Callable[[Mapping[str, str], str, Sequence[str]], "tuple[str, str | None]"]
"""A template with parameters, input and files: the prompt, and the instructions before it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What holds for every line that does not say otherwise.

    model: None for the usual one. find_model, read_files, make_schema: for what a line names; a file is read as a
    piece of a prompt. files: such pieces already. fill: of the template, None without one. parameters: of `-p`.
    openai_model: said by an option, and counts more than what a line of OpenAI's names.
    """

    find_model: Callable[[str | None], Model]
    read_files: Callable[[Sequence[str]], Sequence[str]]
    make_schema: Callable[[Any], Schema | None]
    model: str | None = None
    openai_model: str | None = None
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    agent: AgentOptions = field(default_factory=AgentOptions)
    files: tuple[str, ...] = ()
    fill: Fill | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    schema: Schema | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """One line, ready to be asked. question: its text is all that the service is told at first.

    openai: to be answered in OpenAI's form.
    """

    id: Id
    model: Model
    question: Question
    schema: Schema | None = None
    openai: bool = False


def asking(line: Line, wish: Wish) -> Asking:
    model = wish.find_model(_model_named(line, wish))
    temperature = wish.temperature if line.temperature is None else line.temperature
    max_tokens = wish.max_tokens if line.max_tokens is None else line.max_tokens
    check_limits(model, temperature, max_tokens, named="max_tokens")
    check_agent_options(model, wish.agent)
    schema = wish.schema if line.schema is None or wish.schema is not None else wish.make_schema(line.schema)
    told = _told(line, wish)
    if schema is not None:
        told = _instructed(told, instruction(schema))
    text = text_of(told)
    refuse_over_long(text, model)
    assert temperature is None or isinstance(temperature, int | float), "check_limits has looked"
    assert max_tokens is None or isinstance(max_tokens, int), "check_limits has looked"
    question = Question(text, temperature, max_tokens, agent=wish.agent)
    return Asking(line.id, model, question, schema, line.openai)


def _model_named(line: Line, wish: Wish) -> str | None:
    if line.openai and wish.openai_model is not None:
        return wish.openai_model
    return wish.model if line.model is None else line.model


def _told(line: Line, wish: Wish) -> list[Message]:
    """Instructions, then what is asked."""
    files = [*wish.files, *(wish.read_files(line.files) if line.files else ())]
    system = wish.system if line.system is None else line.system
    if line.messages:
        before = [Message("system", system)] if system else []
        return [*before, *line.messages, *(Message("user", piece) for piece in files)]
    if wish.fill is not None:
        text, own = wish.fill({**wish.parameters, **line.params}, line.prompt, files)
        system = own if system is None else system
    else:
        text = "\n\n".join([line.prompt, *files])
    return [*([Message("system", system)] if system else []), Message("user", text)]


def _instructed(told: list[Message], words: str) -> list[Message]:
    """About the answer's form; after a person's own instructions, before what is asked."""
    first = next(place for place, message in enumerate(told) if message.role != "system")
    return [*told[:first], Message("system", words), *told[first:]]
