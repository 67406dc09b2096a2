"""What several commands settle alike before anything is sent: options that exclude one another, what goes on, what
a model takes, whether a person agrees.

Errors are UsageError. Refuses to know any command.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from stackspot_cli.app import App
from stackspot_cli.errors import UsageError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

if TYPE_CHECKING:
    from stackspot_cli.client.polling import PollPlan
    from stackspot_cli.client.uploads import LocalFile
    from stackspot_cli.domain import AgentOptions, Conversation
    from stackspot_cli.model import Model, Service
    from stackspot_cli.terminal.streams import Terminal

# --- options among themselves ----------------------------------------------------------------------


def check_conversation(continue_last: bool, conversation: str | None, prompt: str | None = None) -> None:
    """prompt: as an argument. An id behind `-c` would be sent as one."""
    if continue_last and conversation is not None:
        raise UsageError(_("-c and --conversation exclude one another"), _("choose one"))
    if continue_last and prompt and _looks_like_an_id(prompt):
        raise UsageError(
            _("-c takes no id, and {id} would be sent as a prompt").format(id=prompt),
            _("--conversation {id} goes on with that one").format(id=prompt),
        )


def _looks_like_an_id(text: str) -> bool:
    """Of a conversation, or the beginning of one: a ULID of this century begins with 01."""
    import re  # deferred: few calls go on with a conversation

    return re.fullmatch("01[0-9A-HJKMNP-TV-Z]{4,24}", text.strip()) is not None


def check_extract(*, first: bool, last: bool, format_: str | None, path: str) -> None:
    """path: where the text stands in the object that `--format json` prints, for jq."""
    if first and last:
        raise UsageError(_("-x and --extract-last exclude one another"), _("choose one"))
    if (first or last) and format_ in ("json", "jsonl"):
        raise UsageError(
            _("-x prints code, --format {format} an object: choose one").format(format=format_),
            _(
                "without --format the code alone is printed; without -x the object has the whole text: {filter}"
            ).format(filter=f"| jq -r '{path}'"),
        )


def extracted(*, first: bool, last: bool) -> Literal["first", "last"] | None:
    """Which code block is wanted, of an answer that is not wanted whole."""
    return "last" if last else "first" if first else None


def check_text(value: str | None, option: str) -> None:
    """An id that goes into an address as it is: bytes that are no text are none."""
    if value is not None and not value.isprintable():
        raise UsageError(
            _("{option} {value} is no id").format(option=option, value=safe_line(value, 60)),
            _("copy it again, in a terminal with a UTF-8 locale"),
        )


def check_waiting(wait: float | None, poll: float | None) -> None:
    """Seconds; None is what is usual."""
    from stackspot_cli.settings.setting_kinds import MOST_SECONDS

    if wait is not None and not 0 <= wait < MOST_SECONDS:
        raise UsageError(_("--wait is a number of seconds, 0 or more"), _("for example --wait 60"))
    if poll is not None and not 0 < poll < MOST_SECONDS:
        raise UsageError(_("--poll is a number of seconds above 0"), _("for example --poll 5"))


def poll_plan(app: App, wait: float | None, poll: float | None) -> PollPlan:
    """How long, and how often, something that runs at StackSpot is asked after."""
    from stackspot_cli.client.polling import WAIT_SECONDS, PollPlan

    return PollPlan(WAIT_SECONDS if wait is None else wait, app.poll_seconds if poll is None else poll)


def looked_at(uploads: Sequence[str]) -> tuple[LocalFile, ...]:
    """The files of `--upload`, each looked at once, before anything is read or sent."""
    if not uploads:
        return ()
    from stackspot_cli.client.uploads import look_at_all  # deferred: most calls upload nothing

    return look_at_all(uploads)


# --- what is asked of whom -------------------------------------------------------------------------


def model_to_ask(
    app: App, reference: str | None, conversation: Conversation | None, *, may_ask: bool = True
) -> Model:
    """The one that was named, else the conversation's, else the usual one. may_ask: see `App.find_model`."""
    if reference is not None:
        return app.find_model(reference, may_ask=may_ask)
    if conversation is None:
        return app.settings.usual_model(partial(app.find_model, may_ask=may_ask))
    try:
        return app.settings.find_model(conversation.model)
    except UsageError as error:
        error.message = _("{problem}, which the conversation was held with").format(problem=error.message)
        error.hint = _("name another one with -m; {more}").format(more=error.hint)
        raise


def expect(app: App, service: Service) -> None:
    """Connects to the service while stdin and libraries take their time. What can be refused has been refused."""
    app.connections.expect(app.settings.base(service).value)


def check_settings(
    app: App, model: Model, temperature: float | None, max_tokens: int | None, agent: AgentOptions
) -> None:
    """Refuses what the model's limits do not allow or would lose; notes what it has of its own."""
    from stackspot_cli.conversation.limits import check_agent_options, check_limits

    check_limits(model, temperature, max_tokens)
    check_agent_options(model, agent)
    if not model.tunable and (temperature is not None or max_tokens is not None):
        app.terminal.note(
            _("{name} takes no temperature or length: they belong to its own set-up").format(name=model.name)
        )


def check_output(output: str | None) -> None:
    """An empty name is a variable that a script has not set."""
    if output == "":
        raise UsageError(_("-o names no file"), _("-o FILE, or - for stdout"))


# --- a person's word -------------------------------------------------------------------------------


def deletion_confirmed(terminal: Terminal, question: str) -> bool:
    """Asks, unless `--yes` spared it. UsageError where nobody can answer."""
    if terminal.stdin_kind != "terminal" or terminal.stdin is None:
        raise UsageError(
            _("deleting asks first, and stdin is not a terminal"), _("add --yes to delete without asking")
        )
    if terminal.confirm(question):
        return True
    terminal.note(_("nothing was deleted"))
    return False


# --- what is kept ----------------------------------------------------------------------------------


def note_what_passes(app: App) -> None:
    """For a command that has just stored something: what `--sandbox` keeps goes with the call."""
    if app.options.sandbox:
        app.terminal.note(_("with --sandbox nothing outlasts this call: it was kept for a moment only"))
