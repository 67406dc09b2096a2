"""An OpenAI request body, decided: what is asked of StackSpot, or why it cannot be.

Pure. What OpenAI's API would take and StackSpot has no place for is ignored where the answer is still an
answer (`seed`, `top_p`, `stop`…), and refused where it would not be what was asked for (tools, images, `n`).
A temperature or length that is fine for OpenAI and beyond StackSpot's limit is moved to the limit, because the
tools that send it can seldom be told otherwise.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.conversation.plan import prompt_of
from stackspot_cli.domain import Prompt, Question
from stackspot_cli.errors import UsageError
from stackspot_cli.gateway.problems import CONTEXT_TOO_LONG, Problem
from stackspot_cli.model import Model
from stackspot_cli.translation import _, joined

OPENAI_WARMEST = 2.0
# Not translated: LiteLLM, and so Aider, know an over-long prompt by these words.
_FOR_TOOLS = "This model's maximum context length is {limit} tokens"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request. include_usage: a last chunk with token counts, where it is streamed."""

    model: Model
    prompt: Prompt
    stream: bool
    include_usage: bool


def read(
    body: bytes, *, find_model: Callable[[str], Model], default_model: str, conversation_id: str
) -> Wanted:
    """Raises Problem. find_model: raises UsageError for an unknown name."""
    asked = _object(body)
    _refuse_the_impossible(asked)
    model = _model(asked.get("model"), find_model, default_model)
    try:
        messages = read_messages(asked.get("messages"))
    except UsageError as refusal:
        raise _refused(refusal.message, "messages") from refusal
    question = Question("", _temperature(asked, model), _max_tokens(asked, model))
    try:
        prompt = prompt_of(messages, model, question, conversation_id)
    except UsageError as refusal:
        words = joined(". ", (refusal.message, _FOR_TOOLS.format(limit=model.max_input_tokens)))
        raise Problem(400, words, param="messages", code=CONTEXT_TOO_LONG) from refusal
    options = asked.get("stream_options")
    return Wanted(
        model,
        prompt,
        stream=_flag(asked, "stream"),
        include_usage=_flag(options, "include_usage") if isinstance(options, dict) else False,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _refused(_("the body is not JSON"), None) from error
    if not isinstance(asked, dict):
        raise _refused(_("the body is not a JSON object"), None)
    return asked


def _refused(message: str, param: str | None) -> Problem:
    return Problem(400, message, param=param, code="unsupported_value" if param else "invalid_json")


def _refuse_the_impossible(asked: dict[str, Any]) -> None:
    if asked.get("n") not in (None, 1):
        raise _refused(_("StackSpot gives one answer: `n` must be 1"), "n")
    for name in ("tools", "functions"):
        if asked.get(name):
            raise _refused(_("StackSpot takes no tools: leave out `{name}`").format(name=name), name)
    if _flag(asked, "logprobs"):
        raise _refused(_("StackSpot tells no probabilities: leave out `logprobs`"), "logprobs")
    form = asked.get("response_format")
    if isinstance(form, dict) and form.get("type") not in (None, "text"):
        raise _refused(
            _("StackSpot cannot promise a format: leave out `response_format`, and ask for it in the prompt"),
            "response_format",
        )
    modalities = asked.get("modalities")
    if modalities is not None and modalities != ["text"]:
        raise _refused(_("StackSpot answers in text: leave out `modalities`"), "modalities")


def _model(name: Any, find_model: Callable[[str], Model], default: str) -> Model:
    if name is not None and not isinstance(name, str):
        raise _refused(_("`model` is a name"), "model")
    try:
        return find_model(name or default)
    except UsageError as refusal:
        words = joined("", (refusal.message, " (", refusal.hint, ")")) if refusal.hint else refusal.message
        raise Problem(404, words, param="model", code="model_not_found") from refusal


def _temperature(asked: dict[str, Any], model: Model) -> float | None:
    given = asked.get("temperature")
    if given is None or not model.tunable:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= OPENAI_WARMEST:
        raise _refused(
            _("`temperature` is a number from {least} to {most}").format(
                least=model.temperature_min, most=model.temperature_max
            ),
            "temperature",
        )
    return min(max(float(given), model.temperature_min), model.temperature_max)


def _max_tokens(asked: dict[str, Any], model: Model) -> int | None:
    name = "max_completion_tokens" if asked.get("max_completion_tokens") is not None else "max_tokens"
    given = asked.get(name)
    if given is None or not model.tunable:
        return None
    whole = isinstance(given, int | float) and not isinstance(given, bool) and math.isfinite(given)
    if not whole or given < 1 or given != int(given):
        raise _refused(
            _("`{name}` is a whole number from 1 to {most}").format(name=name, most=model.max_output_tokens),
            name,
        )
    return min(int(given), model.max_output_tokens)


def _flag(asked: dict[str, Any], name: str) -> bool:
    given = asked.get(name)
    if given is not None and not isinstance(given, bool):
        raise _refused(_("`{name}` is true or false").format(name=name), name)
    return bool(given)
