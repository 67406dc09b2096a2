"""What a message will need, made ready while it is written: a connection, and a token that is still good.

Knows when somebody writes a message. Refuses to know keys, and how either is had. What fails here is not told: the
message itself meets it again.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from stackspot_cli.commands import shared_checks
from stackspot_cli.errors import StackSpotError

if TYPE_CHECKING:
    from stackspot_cli.commands.chat.session import Session

READY_SECONDS = 10.0  # for a token that nobody waits for yet


class Readiness:
    """Of one chat. `heed` hears the text at the prompt whenever it changes; an empty one is a new message's."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._app = session.app
        self._may_connect = self._may_ask = True

    def heed(self, text: str) -> None:
        """A character that begins no command: somebody means to ask, and soon.

        No sooner is a token asked for: who leaves a chat open for hours shall not renew it again and again.
        """
        if not text:
            self._may_connect = self._may_ask = True
        if not text or text[0] == "/":
            return
        if self._may_connect:
            self._may_connect = False
            shared_checks.expect(self._app, self._session.model.route.service)
        if self._may_ask and not self._app.token_source.is_fresh:
            self._may_ask = False
            threading.Thread(target=self._get_token, name="token", daemon=True).start()

    def _get_token(self) -> None:
        """And what asks for it. The screen is the prompt's meanwhile: this patience draws nothing."""
        from stackspot_cli.network.patience import Patience

        app = self._app
        with suppress(StackSpotError):
            app.connections.exchange  # noqa: B018  # loads libraries
            silence_seconds = app.settings.timeout_seconds.value
            app.token_source.token(Patience(silence_seconds, deadline=app.now() + READY_SECONDS, now=app.now))
