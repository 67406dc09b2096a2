"""One account as a Python object: opened on first use, let go of at the end, and questions made ready for it.

Knows what can be refused without asking the service. Refuses to know how an answer is handed over (`stackspot`).
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from stackspot_cli.api.conversations import Asked
from stackspot_cli.api.failures import keyword
from stackspot_cli.api.options import Turn
from stackspot_cli.api.questions import (
    ChatMessages,
    ToolUse,
    shown,
)
from stackspot_cli.app import App
from stackspot_cli.conversation.transcript import text_of
from stackspot_cli.domain import Message, Question
from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.process.forks import renew_in_children
from stackspot_cli.settings.calling import GlobalOptions
from stackspot_cli.settings.setting_kinds import MOST_RETRIES
from stackspot_cli.settings.settings import Overrides
from stackspot_cli.terminal.logged import logged_terminal
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.api.tool_use import Asking
    from stackspot_cli.client.client import Client
    from stackspot_cli.structured.schema import Schema
    from stackspot_cli.tools.room import Room


class AccountClient:
    """What `StackSpot` stands on. `close`, or leaving a `with`, lets go of the connections."""

    def __init__(
        self,
        profile: str | None = None,
        config: str | os.PathLike[str] | None = None,
        model: str | None = None,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        retries: int | None = None,
        sandbox: bool = False,
    ) -> None:
        for name, seconds in (("timeout", timeout), ("deadline", deadline)):
            if seconds is not None and not (_is_number(seconds) and 0 < seconds < float("inf")):
                raise UsageError(
                    _("{name} is a number of seconds above 0, not {given}").format(
                        name=name, given=shown(seconds)
                    )
                )
        if retries is not None and (not isinstance(retries, int) or not 0 <= retries <= MOST_RETRIES):
            raise UsageError(
                _("{name} is a whole number from {least} to {most}, not {value}").format(
                    name="retries", least=0, most=MOST_RETRIES, value=shown(retries)
                )
            )
        app = App(os.environ, logged_terminal(os.environ))
        app.set_options(
            GlobalOptions(profile, None if config is None else str(Path(config)), sandbox=sandbox)
        )
        app.override(Overrides(model=model, timeout=timeout, deadline=deadline, retries=retries))
        self._app = app
        self._lock = threading.Lock()
        self._close = weakref.finalize(self, app.close)
        renew_in_children(self)
        self._rooms: dict[str, Room] = {}

    def close(self) -> None:
        """Lets go of the connections, and of the sandbox. Safe to call twice."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def renew_after_fork(self) -> None:
        self._lock = threading.Lock()
        self._app.renew_after_fork()

    @property
    def reaching(self) -> Callable[[str], str]:
        """See `calling`: what this client's hints name reaches its account."""
        return self._app.terminal.reaching

    def _open(self) -> App:
        with self._lock:
            if not self._close.alive:
                raise UsageError(_("this StackSpot was closed"), _("make a new one"))
            self._app.client, self._app.connections  # noqa: B018  # made by one thread alone
            return self._app

    def prepare(
        self,
        messages: Sequence[Message],
        model: str | None,
        temperature: float | None,
        max_tokens: int | None,
        turn: Turn,
        *,
        schema: Schema | None = None,
    ) -> Asked:
        """Everything that can be refused without asking the service, and what to ask it; the uploads are done then.

        schema: what the answer has to be; the instructions for it are then part of the prompt.
        """
        from stackspot_cli.api import conversations
        from stackspot_cli.api.account import model_to_ask, upload
        from stackspot_cli.conversation.limits import check_agent_options, check_limits

        app = self._open()
        with self._lock:
            app.account  # noqa: B018  # asks the keyring, once
        held = None if turn.conversation is None else conversations.found(app, turn.conversation)
        asked = model_to_ask(app, model, held)
        check_limits(asked, temperature, max_tokens, named="max_tokens")
        check_agent_options(asked, turn.agent, named=keyword)
        question = Question(text_of(messages), temperature, max_tokens, agent=turn.agent)
        if schema is not None:
            from stackspot_cli.structured.fitting import instruction

            question = replace(question, instruction=instruction(schema))
        plan = conversations.planned(app, held, question, asked)
        if turn.uploads:
            plan = replace(plan, prompt=replace(plan.prompt, upload_ids=upload(app, turn.uploads)))
        return Asked(app.client, plan, conversations.OF_THIS_PROCESS, self.reaching)

    def prepare_tools(
        self,
        messages: ChatMessages,
        model: str | None,
        temperature: float | None,
        max_tokens: int | None,
        use: ToolUse,
    ) -> tuple[Asking, Client]:
        """The same for what may be answered by calls, or must have a form."""
        from stackspot_cli.api.account import model_to_ask
        from stackspot_cli.api.tool_use import Asking, inquiry_of
        from stackspot_cli.conversation.limits import check_limits
        from stackspot_cli.tools.room import Room

        app = self._open()
        asked = model_to_ask(app, model, None)
        check_limits(asked, temperature, max_tokens, named="max_tokens")
        question = Question("", temperature, max_tokens)
        room = self._rooms.setdefault(asked.name, Room(asked))
        return Asking(inquiry_of(messages, use), asked, question, room), app.client


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
