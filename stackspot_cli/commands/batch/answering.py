"""A batch under way: jobs that ask and write down, a line that tells how far it is, and how it ended.

Knows jobs, OUT and the terminal. Refuses to know how a line is read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from stackspot_cli.app import App
from stackspot_cli.batch.asker import Asker, rest_seconds
from stackspot_cli.batch.jobs import Jobs
from stackspot_cli.batch.questions import Asking
from stackspot_cli.batch.result import BatchResult, Came, out_line
from stackspot_cli.batch.tally import Tally
from stackspot_cli.commands.batch.drawing import BatchDrawing
from stackspot_cli.commands.batch.looking import Refused
from stackspot_cli.commands.batch.out import Out
from stackspot_cli.commands.batch.preparing import Prepared, SharedUploads
from stackspot_cli.conversation.answer import Answer, Start
from stackspot_cli.errors import StackSpotError
from stackspot_cli.listener import Waiting

if TYPE_CHECKING:
    pass

Task = Asking | Refused


class Batch:
    """One run over the lines that have no answer yet."""

    def __init__(
        self, app: App, prepared: Prepared, out: Out, tally: Tally, *, max_failures: int | None
    ) -> None:
        self._app = app
        self._out = out
        self._tally = tally
        self._max_failures = max_failures
        self._lock = threading.Lock()
        self._asker = asker_of(app, prepared)

    def run(self, tasks: Iterator[Task], jobs: int) -> None:
        """To the end, or to what ends it: raises that. What was answered by then stands in OUT."""
        self._app.client.sign_in()  # before the jobs begin: what is wrong with the credentials is said once
        drawing = BatchDrawing(self._app.terminal, self._tally, self._app.now)
        under_way: Jobs[Task, bool] = Jobs(tasks, self._answer, jobs)
        with self._app.terminal.drawing(drawing):
            try:
                self._wait(under_way)
            finally:
                under_way.close()
                drawing.stop()

    def _wait(self, jobs: Jobs[Task, bool]) -> None:
        while True:
            due = self._app.terminal.idle()
            try:
                jobs.take(due)
            except StopIteration:
                return

    def _answer(self, task: Task, jobs: Jobs[Task, bool]) -> bool:
        """In a job's thread, which no Ctrl-C interrupts: an answer that is there is written down."""
        came = refused(task) if isinstance(task, Refused) else self._asker.ask(task, jobs)
        self._out.write(out_line(came))
        with self._lock:
            self._tally.add(came.result, self._app.now())
            if self._max_failures is not None and self._tally.failed >= self._max_failures:
                jobs.stop()
        return came.result.ok


def refused(task: Refused) -> Came:
    return Came(BatchResult(task.id, error=task.error), None, Answer(), Start("", ""), openai=False)


def asker_of(app: App, prepared: Prepared) -> Asker:
    client = app.client

    def told(error: StackSpotError, seconds: float) -> None:
        client.listener.waiting(Waiting(seconds, error.message))

    return Asker(
        client.stream,
        client.patience,
        demands=prepared.demands,
        extract=prepared.extract,
        uploads=SharedUploads(app, prepared.uploads) if prepared.uploads else None,
        rest_seconds=rest_seconds(app.settings),
        told=told,
        now=app.now,
    )
