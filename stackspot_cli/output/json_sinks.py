"""Answers for scripts: one OpenAI `chat.completion` object, or an event a line."""

from __future__ import annotations

from collections.abc import Callable

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.conversation.openai_completion import completion
from stackspot_cli.domain import Delta, Done, Event, Source, Usage
from stackspot_cli.errors import ExitCode, StackSpotError, Terminated
from stackspot_cli.exact_json import dumps
from stackspot_cli.output.sink import Out
from stackspot_cli.translation import _, untranslated


class JsonSink:
    """One object at the end; a broken answer is one, too, where any of it came."""

    def __init__(self, out: Out, *, ascii_only: bool = False) -> None:
        self._out = out
        self._ascii_only = ascii_only
        self._start = Start("", "")

    def start(self, start: Start) -> None:
        self._start = start

    def event(self, event: Event) -> None:
        pass

    def tick(self) -> float | None:
        return None

    def done(self, answer: Answer) -> None:
        reason = (answer.done.stop_reason or "stop") if answer.done else None  # the service's own word
        self._out.write(dumps(completion(answer, self._start, reason), ascii_only=self._ascii_only) + "\n")
        self._out.flush()

    def broken(self, answer: Answer, error: BaseException) -> None:
        if answer.growing:
            self.done(answer)


class JsonLinesSink:
    """An event a line, flushed as it happens; how it ended is the last line.

    lack: what a whole answer lacks of all that was demanded; then that is how it ended. reaching: see `calling`.
    """

    def __init__(
        self,
        out: Out,
        *,
        ascii_only: bool = False,
        lack: Callable[[Answer], StackSpotError | None] = lambda _answer: None,
        reaching: Callable[[str], str] = str,
    ) -> None:
        self._out = out
        self._reaching = reaching
        self._ascii_only = ascii_only
        self._lack = lack

    def start(self, start: Start) -> None:
        self._line({"type": "start", "model": start.model, "conversation_id": start.conversation_id})
        self._out.flush()

    def event(self, event: Event) -> None:
        match event:
            case Delta(text):
                self._line({"type": "delta", "text": text})
            case Source():
                fields = event.fields()
                if "type" in fields:  # the line's own `type` says what the line is
                    fields["source_type"] = fields.pop("type")
                self._line({"type": "source", **fields})
            case Usage():
                if not event.estimated:
                    self._line({"type": "usage", **event.counts()})
            case Done():
                pass  # the last line, when nothing can break any more

    def tick(self) -> float | None:
        self._out.flush()
        return None

    def done(self, answer: Answer) -> None:
        lack = self._lack(answer)
        if lack is not None:
            self._line(error_object(lack, self._reaching))
        elif answer.done is not None:
            done = answer.done
            estimate = {"usage_estimate": answer.usage.counts()} if answer.usage.estimated else {}
            last = {"type": "done", "stop_reason": done.stop_reason, "message_id": done.message_id}
            self._line({**last, **estimate})
        self._out.flush()

    def broken(self, answer: Answer, error: BaseException) -> None:
        self._line(error_object(error, self._reaching))
        self._out.flush()

    def _line(self, value: dict[str, object]) -> None:
        self._out.write(dumps(value, ascii_only=self._ascii_only) + "\n")


def error_object(error: BaseException, reaching: Callable[[str], str] = str) -> dict[str, object]:
    """The last line of an answer that did not come whole. reaching: see `calling`."""
    match error:
        case StackSpotError():
            message, hint = error.message, reaching(error.hint)
        case KeyboardInterrupt() | GeneratorExit():
            message, hint = _("interrupted"), ""
        case Terminated():
            message, hint = _("terminated"), ""
        case _:
            message, hint = type(error).__name__, ""
    code = ExitCode.of(error)
    return {
        "type": "error",
        "code": code.name,
        "exit_code": int(code),
        "message": untranslated(message),
        "hint": untranslated(hint),
    }
