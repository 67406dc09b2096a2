"""Only the code of an answer: its first, or last, fenced block."""

from __future__ import annotations

from collections.abc import Callable

from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.domain import Delta, Event
from stackspot_cli.errors import AnswerLacks
from stackspot_cli.markdown.fences import CodeBlock, as_received, code_blocks
from stackspot_cli.output.text import TextSink
from stackspot_cli.translation import _


class CodeSink:
    """Without a block the answer goes aside, and is an error.

    text: takes the code. raw: exactly as it came. aside: where an answer without code is shown. to_file: whether it
    goes into a file, which then keeps what came of a broken answer.
    """

    def __init__(
        self, text: TextSink, aside: Callable[[str], None], *, last: bool, to_file: bool, raw: bool = False
    ) -> None:
        self._text = text
        self._aside = aside
        self._last = last
        self._to_file = to_file
        self._raw = raw

    def start(self, start: Start) -> None:
        pass

    def event(self, event: Event) -> None:
        pass

    def tick(self) -> float | None:
        return None

    def done(self, answer: Answer) -> None:
        blocks = code_blocks(answer.text)
        if not blocks:
            self._aside(answer.text.rstrip("\n"))
            raise AnswerLacks(
                _("the answer holds no fenced code block"),
                _("ask for code in the prompt, or leave out -x; the answer is above"),
            )
        self._put_block(answer.text, blocks, -1 if self._last else 0)

    def broken(self, answer: Answer, error: BaseException) -> None:
        text = answer.text
        blocks = code_blocks(text)
        whole = next((number for number, block in enumerate(blocks) if block.closed), None)
        if whole is not None and not self._last:
            self._put_block(text, blocks, whole)
        elif self._to_file:
            self._put(text)  # into `FILE.part`
        elif text:
            self._aside(text.rstrip("\n"))

    def _put_block(self, text: str, blocks: list[CodeBlock], number: int) -> None:
        self._put(as_received(text, number) if self._raw else blocks[number].code)

    def _put(self, text: str) -> None:
        if text:  # an empty block is no empty line
            self._text.event(Delta(text))
            self._text.done(Answer(0))
