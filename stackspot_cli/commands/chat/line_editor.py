"""The prompt of a chat on a terminal: keys in, inputs out. The one file that imports prompt_toolkit.

    editor = LineEditor(keyboard, history, offers=…, bottom_line=…, vi=False)
    editor.read()                                        # an Input, Interrupted, or None at the end

Knows keys, completion menus and the line below the prompt; refuses to know what an input means.
Loaded by `chat` on a terminal alone: prompt_toolkit takes a tenth of a second.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, get_common_complete_suffix
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import ColorDepth, Output, create_output
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import CompleteStyle
from prompt_toolkit.styles import Style

from stackspot_cli.commands.chat.inputs import Input, Interrupted, block_is_open, goes_on, input_of
from stackspot_cli.commands.chat.keyboard import Keyboard
from stackspot_cli.errors import StackSpotError
from stackspot_cli.history.typed_lines import InputHistory
from stackspot_cli.listener import ignore
from stackspot_cli.safe_text import safe_line

PROMPT, CONTINUATION, WRAPPED = "> ", ". ", "  "
# prompt_toolkit leaves spaces without a style out, and `> ` is what expect scripts wait for.
DRAWN = "bg:default"
# After Esc: longer, and it was a key of its own (vi) and not the beginning of Alt-Enter.
ESCAPE_SECONDS = 0.05
SEQUENCE_SECONDS = 0.3  # between the keys of one command, such as Esc Enter
MENU_ROWS = 17  # the prompt's line, and what prompt_toolkit's menu shows at most
MENU_SPARES = 2  # rows of the terminal that the menu leaves: for the bottom line, and one more
STYLE = {"bottom-toolbar": "noreverse ansibrightblack", "bottom-toolbar.text": "noreverse"}
PLAIN_STYLE = {"bottom-toolbar": "noreverse", "bottom-toolbar.text": "noreverse"}

Offers = Callable[[str], tuple[int, Iterable[tuple[str, str]]]]
"""Text before the cursor -> how many of its last characters are replaced, and (text, meta) of what may stand there."""


class LineEditor:
    """keyboard: what was typed early is taken from it. bottom_line: asked once for each prompt.

    typing: told what stands at the prompt, whenever that changes.
    """

    def __init__(
        self,
        keyboard: Keyboard,
        history: InputHistory,
        *,
        offers: Offers,
        bottom_line: Callable[[], str],
        vi: bool,
        color: bool,
        typing: Callable[[str], None] = ignore,
    ) -> None:
        self._bottom_line = bottom_line
        self._typing = typing
        self._pasted = ""  # what a paste put into the empty prompt
        self._as_pasted = ""  # the whole text as a paste left it
        self._completer = _Completer(offers)
        source = create_input()
        self._session: PromptSession[str] = PromptSession(
            [(DRAWN, PROMPT)],
            multiline=True,
            vi_mode=vi,
            history=_Kept(history),
            completer=self._completer,
            complete_while_typing=False,
            complete_style=CompleteStyle.COLUMN,
            key_bindings=self._keys(),
            prompt_continuation=_continuation,
            style=Style.from_dict(STYLE if color else PLAIN_STYLE),
            color_depth=None if color else ColorDepth.DEPTH_1_BIT,
            enable_suspend=True,
            input=source,
            output=_output(),
        )
        self._session.default_buffer.on_text_changed += lambda buffer: typing(buffer.text)
        self._session.app.ttimeoutlen = ESCAPE_SECONDS
        self._session.app.timeoutlen = SEQUENCE_SECONDS
        if keyboard.early:
            pressed: list[KeyPress] = []
            parser = Vt100Parser(pressed.append)
            parser.feed(keyboard.early.decode("utf-8", "surrogateescape"))
            parser.flush()
            store_typeahead(source, pressed)
            keyboard.early = b""

    def read(self) -> Input | Interrupted | None:
        """The next input. None: the end (Ctrl-D, or the terminal has gone)."""
        self._pasted = self._as_pasted = ""
        self._typing("")
        line = self._bottom_line()
        try:
            text = self._session.prompt(bottom_toolbar=line)
        except KeyboardInterrupt:
            return Interrupted(bool(self._session.default_buffer.text))
        except EOFError:
            return None
        if self._pasted and text.startswith(self._pasted):
            return Input(text, verbatim=True)
        return input_of(text)

    # --- keys --------------------------------------------------------------------------------------

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        at_prompt = has_focus(DEFAULT_BUFFER)
        keys.add("enter", filter=at_prompt)(self._enter)
        keys.add("escape", "enter", filter=at_prompt)(_new_line)
        keys.add("c-j", filter=at_prompt)(_new_line)
        keys.add("tab", filter=at_prompt)(self._complete)
        keys.add(Keys.BracketedPaste, filter=at_prompt)(self._paste)
        return keys

    def _enter(self, event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.text == self._pasted:
            buffer.validate_and_handle()
        elif block_is_open(buffer.text):
            buffer.newline(copy_margin=False)
        elif (
            buffer.document.is_cursor_at_the_end
            and goes_on(buffer.document.current_line)
            and buffer.text != self._as_pasted  # a pasted backslash is text
        ):
            buffer.delete_before_cursor()
            buffer.newline(copy_margin=False)
        else:
            buffer.validate_and_handle()

    def _complete(self, event: KeyPressEvent) -> None:
        """At once, and not beside the keys as prompt_toolkit does it: Enter may follow on its heels."""
        buffer = event.current_buffer
        if buffer.complete_state:
            buffer.complete_next()
            return
        found = list(self._completer.get_completions(buffer.document, CompleteEvent()))
        if len(found) == 1:
            buffer.apply_completion(found[0])
        elif found:
            buffer.insert_text(get_common_complete_suffix(buffer.document, found))
            most = event.app.output.get_size().rows - MENU_SPARES
            self._session.reserve_space_for_menu = max(2, min(1 + len(found), MENU_ROWS, most))
            buffer.start_completion()

    def _paste(self, event: KeyPressEvent) -> None:
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")
        if not event.current_buffer.text and "\n" in text.strip():
            self._pasted = text
        event.current_buffer.insert_text(text)
        self._as_pasted = event.current_buffer.text


def _new_line(event: KeyPressEvent) -> None:
    event.current_buffer.newline(copy_margin=False)


def _continuation(_width: int, _line: int, wrapped: int) -> StyleAndTextTuples:
    return [(DRAWN, WRAPPED if wrapped else CONTINUATION)]


class _Kept(History):
    """prompt_toolkit's side of the input history."""

    def __init__(self, history: InputHistory) -> None:
        super().__init__()
        self._history = history

    def load_history_strings(self) -> Iterable[str]:
        return reversed(self._history.load())

    def append_string(self, string: str) -> None:
        if not string.startswith(" "):
            super().append_string(string)

    def store_string(self, string: str) -> None:
        self._history.add(string)


class _Completer(Completer):
    def __init__(self, offers: Offers) -> None:
        self._offers = offers

    def get_completions(self, document: Document, _event: CompleteEvent) -> Iterable[Completion]:
        try:
            count, found = self._offers(document.text_before_cursor)
        except StackSpotError:
            return  # a history that cannot be read completes nothing; /history says why
        for text, meta in found:
            yield Completion(text, -count, display=safe_line(text), display_meta=safe_line(meta, 60))


class _Screen(Vt100_Output):
    """Asks the terminal nothing. An answer to "where is the cursor?" may come late, among the person's keys."""

    def get_rows_below_cursor_position(self) -> int:
        return 1  # enough for prompt_toolkit to draw the bottom line; it then follows the prompt closely

    def disable_bracketed_paste(self) -> None:
        """The keyboard does it at the end: a paste while an answer comes shall be one message, too."""


def _output() -> Output:
    """On stdout, or on stderr where stdout goes elsewhere."""
    stream: TextIO = sys.stdout if sys.stdout is not None and sys.stdout.isatty() else sys.stderr
    if sys.platform == "win32":
        return create_output(stream)
    screen = _Screen.from_pty(stream)
    screen.enable_cpr = False
    return screen
