"""Conversations of the account that asks, and what to type for those of another one.

Knows how a call reaches another account: by its profile, or by its service's address. Refuses to know what makes
two accounts differ (`account`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial

from stackspot_cli.account import difference
from stackspot_cli.app import App
from stackspot_cli.domain import Conversation
from stackspot_cli.errors import StackSpotError, UsageError
from stackspot_cli.lean_dataclasses import replace
from stackspot_cli.safe_text import safe_line
from stackspot_cli.settings.calling import GlobalOptions, Verbatim
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.translation import _

CHAT = "chat --conversation {id}"
COMPLETE = "complete --conversation {id} …"
RUN = "run … --conversation {id}"


def conversation_to_go_on_with(
    app: App, continue_last: bool, conversation: str | None, *, command: str
) -> Conversation | None:
    """The account's last or the named one, where the options say so. command: as it would be typed, with an {id}."""
    if not continue_last and conversation is None:
        return None
    found = own(app, conversation, command=command)
    # A turn that is not kept must not be part of what the service has seen of the kept conversation.
    return found if app.kept_history is not None else replace(found, in_sync=False)


def own(app: App, named: str | None, *, command: str) -> Conversation:
    """The account's last conversation, or the named one. UsageError for another account's, with what to type.

    command: what goes on with it, an {id} in it.
    """
    from stackspot_cli.conversation.past import resume  # deferred: most conversations are new

    return resume(
        app.history, account=app.account, named=named, way_back=partial(way_back, app, command=command)
    )


def refuse_strange(app: App, id_: str, *, command: str) -> None:
    """For an id that goes to the service as it is. UsageError where we know it as another account's."""
    held = app.history.holder(id_)
    named = _("conversation {id}").format(id=safe_line(id_, 60))
    strange = "" if held is None else difference(held.account, app.account, what=named)
    if held is not None and strange:
        raise UsageError(strange, way_back(app, held, command=command))


def way_back(app: App, conversation: Conversation, *, command: str) -> str:
    """The call that asks as who held the conversation, where one can be found; else what it takes."""
    command = command.format(id=conversation.id)
    for options, environ in _calls(app, conversation):
        if _reaches(app, conversation, options, environ):
            assigned = "".join(f"{name}={value} " for name, value in environ.items())
            return Verbatim(f"{assigned}{options.program} {command}")
    held = conversation.account
    if held.profile != app.account.profile:
        return Verbatim(f"{replace(app.options, profile=held.profile).program} {command}")
    return _("ask as that account; `stackspot history show {id}` shows what was said").format(
        id=conversation.id
    )


def _calls(app: App, conversation: Conversation) -> Iterator[tuple[GlobalOptions, dict[str, str]]]:
    """Without `--profile`, with it; with the service's address in the environment, where it is one address."""
    held = conversation.account
    service = held.service or ""
    for environ in ({}, {"STACKSPOTAI_ENDPOINT_URL": service}) if service and " " not in service else ({},):
        for profile in (None, held.profile):
            yield replace(app.options, profile=profile), environ


def _reaches(app: App, conversation: Conversation, options: GlobalOptions, environ: dict[str, str]) -> bool:
    twin = App({**app.environ, **environ}, _mute(app.environ), now=app.now, sleep=app.sleep)
    twin.set_options(options)
    with closing(twin):
        try:
            known = twin.account.client_id is not None
            return known and not difference(conversation.account, twin.account, what="")
        except StackSpotError:  # a broken setting of the other one
            return False


def _mute(environ: Mapping[str, str]) -> Terminal:
    """One that nobody sees."""
    return Terminal(
        None,
        None,
        None,
        environ,
        stdin_kind="none",
        stdout_is_terminal=False,
        stderr_is_terminal=False,
    )
