"""One part's way: remembered, or asked about with the patience of this call, and remembered then."""

from __future__ import annotations

from collections.abc import Callable, Generator

from stackspot_cli.app import App
from stackspot_cli.commands.answer import scope_of
from stackspot_cli.commands.review.rules import House
from stackspot_cli.domain import Event, Prompt
from stackspot_cli.errors import LocalError
from stackspot_cli.model import Model
from stackspot_cli.review.asking import Asker
from stackspot_cli.review.looking import TICK_SECONDS, Looked
from stackspot_cli.review.memory import FOLDER, Memory, key_of
from stackspot_cli.review.parts import Part
from stackspot_cli.review.rules import prompt_for
from stackspot_cli.translation import _
from stackspot_cli.ulid import new_ulid

STEADY = 0.0  # the same change should get the same findings


class Reviewer:
    """Asks about parts; `look` may run in many threads. ends: see `App.ends`.

    check: called where a thread would wait for the network; it raises where nobody waits for the answer any more.
    """

    def __init__(self, app: App, model: Model, house: House, *, fresh: bool, ends: float | None) -> None:
        self.check: Callable[[], object] = lambda: None
        self._app = app
        self._house = house
        self._ends = ends
        self._fresh = fresh
        self._model = model
        self._scope = scope_of(app, model)
        self._temperature = (house.temperature or STEADY) if model.tunable else None
        history = app.kept_history
        self._memory = None if history is None else Memory(app.settings.places.data_dir / FOLDER)
        self._asker = Asker(
            model,
            self._stream,
            app.account,
            self._scope,
            new_ulid,
            history,
            self._temperature,
            house.max_tokens if model.tunable else None,
        )

    def recalled(self, part: Part) -> Looked | None:
        """What was found in this part before."""
        if self._memory is None or self._fresh:
            return None
        claims = self._memory.recall(self._key(prompt_for(part, self._house.text)))
        return None if claims is None else Looked(part, claims, remembered=True)

    def look(self, part: Part) -> Looked:
        """Raises StackSpotError."""
        prompt = prompt_for(part, self._house.text)
        self._app.listener.step(_("asked: {title}").format(title=prompt.partition("\n")[0]))
        claims = self._asker.ask(prompt)
        memory = self._memory
        if memory is not None:
            try:
                memory.keep(self._key(prompt), claims)
            except LocalError as error:  # an answer that cannot be kept costs a note, not the answer
                self._memory = None
                self._app.terminal.note(
                    _("what was found is not remembered: {why}").format(why=error.message)
                )
        return Looked(part, claims)

    def close(self) -> None:
        if self._memory is not None:
            self._memory.trim()

    def _key(self, prompt: str) -> str:
        model = f"{self._model.route.name}:{self._model.target}"
        return key_of(prompt, model=model, scope=self._scope, temperature=self._temperature)

    def _stream(self, model: Model, prompt: Prompt) -> Generator[Event, None, None]:
        client = self._app.client
        return client.stream(model, prompt, client.patience(self._idle).another(ends=self._ends))

    def _idle(self) -> float:
        self.check()
        return TICK_SECONDS
