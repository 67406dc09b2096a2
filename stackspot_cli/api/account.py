"""What a Python caller asks of the account beside answers: quick commands with any input, agents, uploads.

Knows what stands for what is usual. Refuses to know how each is asked (`client` does).
"""

from __future__ import annotations

from collections.abc import Sequence

from stackspot_cli.api.options import FileName
from stackspot_cli.api.questions import shown
from stackspot_cli.app import App
from stackspot_cli.client import account, quick_commands
from stackspot_cli.client.account import Agent
from stackspot_cli.client.polling import PollPlan
from stackspot_cli.client.quick_commands import Execution
from stackspot_cli.client.uploads import look_at_all
from stackspot_cli.domain import Conversation
from stackspot_cli.errors import UsageError
from stackspot_cli.model import Model
from stackspot_cli.translation import _


def model_to_ask(app: App, reference: str | None, conversation: Conversation | None) -> Model:
    """The one that was named, else the conversation's, else the usual one. UsageError."""
    if reference is not None and not isinstance(reference, str):
        raise UsageError(_("the model is a name, not {given}").format(given=shown(reference)))
    if reference:
        return app.find_model(reference)
    if conversation is not None and conversation.model:
        return app.settings.find_model(conversation.model)
    return app.settings.usual_model(app.find_model)


def agents(app: App) -> list[Agent]:
    return account.agents(app.client, account.VISIBILITIES)


def upload(app: App, names: Sequence[FileName]) -> tuple[str, ...]:
    """Their ids for a prompt. Each is looked at before the first is sent."""
    return tuple(app.new_uploads().upload_all(look_at_all(names)))


def run(
    app: App,
    slug: str | None,
    given: object,
    *,
    uploads: Sequence[FileName],
    conversation: str | None,
    execution: str | None,
    wait: float,
) -> Execution:
    """The execution when it is over. Raises CommandFailed, StillRunning, StackSpotError."""
    if (slug is None) == (execution is None):
        raise UsageError(_("name a quick command by its slug, or an execution to follow again"))
    patience = app.client.patience()
    created_now = execution is None
    if execution is None:
        _check_json(given)
        target = app.settings.find_target("command", slug or "")
        call = quick_commands.create(
            target, given, conversation_id=_own(app, conversation), upload_ids=upload(app, uploads)
        )
        execution = quick_commands.start(app.client, call, patience)
    plan = PollPlan(wait, app.poll_seconds)
    ended = quick_commands.follow(app.client, execution, plan, patience, created_now=created_now)
    if ended.state == "failed":
        raise quick_commands.failure(ended)
    return ended


def _check_json(given: object) -> None:
    import json

    try:
        json.dumps(given, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            _("the input is a text or what JSON can hold, not {given}").format(given=shown(given))
        ) from error


def _own(app: App, conversation: str | None) -> str | None:
    """The service's id of a conversation, unless it is another account's: UsageError."""
    from stackspot_cli.api.conversations import found

    if conversation is None:
        return None
    held = found(app, conversation)
    return held.remote_id or held.id
