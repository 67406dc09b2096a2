"""A quick command's execution: started, followed by the clock, and made an answer."""

from typing import Any

import pytest
from scripted_client import ScriptedClient

from stackspot_cli.client.polling import PollPlan
from stackspot_cli.client.quick_commands import create, events, failure, follow, follow_line, start
from stackspot_cli.domain import Delta, Done, Progress, Source
from stackspot_cli.errors import (
    CommandFailed,
    NotAnAnswer,
    NotFound,
    QuotaExceeded,
    RateLimited,
    StackSpotError,
    StillRunning,
    TimedOut,
    Unavailable,
)
from stackspot_cli.network.patience import Patience
from stackspot_cli.routes.call import Call
from stackspot_cli.routes.quick_command import Execution

ID = "01K45T82PF8QC64C9DNHGQWHY2"
AGAIN = f"stackspot run --execution {ID}"


def said(status: str, **more: Any) -> dict[str, Any]:
    return {"progress": {"status": status}, **more}


COMPLETED = said("COMPLETED", result="Hola")


def followed(
    client: ScriptedClient,
    plan: PollPlan | None = None,
    *,
    deadline: float | None = None,
    created_now: bool = True,
) -> Any:
    patience = client.patience(deadline=deadline)
    return follow(client, ID, plan or PollPlan(600, 5), patience, created_now=created_now).result


# --- started ---------------------------------------------------------------------------------------


def test_an_execution_is_started_by_its_call_and_known_by_its_id() -> None:
    client = ScriptedClient(f"{ID}\n")
    call = create("translate", "Hello", conversation_id="C", upload_ids=("U",))
    assert start(client, call, client.patience()) == ID
    assert client.calls == [call]
    assert call == Call(
        "POST",
        "api",
        "/v1/quick-commands/create-execution/translate",
        {"input_data": "Hello", "upload_ids": ["U"]},
        query=(("conversation_id", "C"),),
    )


def test_what_names_no_execution_has_started_none() -> None:
    client = ScriptedClient({})
    with pytest.raises(NotAnAnswer, match="no execution id"):
        start(client, create("translate", ""), client.patience())


# --- followed --------------------------------------------------------------------------------------


def test_questions_start_an_interval_after_the_creation_and_come_ever_less_often() -> None:
    client = ScriptedClient(*[said("RUNNING")] * 9, COMPLETED)
    assert followed(client) == "Hola"
    assert client.clock.slept[:4] == [5, 5, 6.25, 7.8125]
    assert client.clock.slept[-2:] == [20, 20]


def test_an_execution_that_is_followed_again_is_asked_about_at_once() -> None:
    client = ScriptedClient(COMPLETED)
    assert followed(client, created_now=False) == "Hola"
    assert client.clock.slept == []


def test_progress_is_heard_from_the_creation_on() -> None:
    client = ScriptedClient(said("CREATED"), said("RUNNING", steps=[{"step_name": "draft"}]), COMPLETED)
    followed(client)
    assert client.progress == [
        Progress("CREATED"),
        Progress("CREATED"),
        Progress("RUNNING", None, "draft"),
        Progress("COMPLETED"),
    ]
    assert client.notes == []


def test_no_question_is_asked_after_the_end_of_the_wait() -> None:
    client = ScriptedClient(said("RUNNING", steps=[{"step_name": "draft"}]))
    with pytest.raises(StillRunning) as caught:
        followed(client, PollPlan(12, 5))
    assert client.asked == [1_005, 1_010, 1_012]
    assert caught.value.message == "the quick command has not finished within 12 s (RUNNING, draft)"
    assert caught.value.hint == f"follow it again: {AGAIN}"


def test_a_wait_of_nothing_asks_once() -> None:
    client = ScriptedClient(said("RUNNING"))
    with pytest.raises(StillRunning):
        followed(client, PollPlan(0, 5), created_now=False)
    assert len(client.asked) == 1


def test_an_unknown_status_is_running_and_named_once_under_v() -> None:
    client = ScriptedClient(said("PAUSED"), said("PAUSED"), COMPLETED)
    followed(client)
    assert client.steps == ['not understood in the execution: progress.status "PAUSED"']


def test_a_queue_that_does_not_start_is_noted_once() -> None:
    client = ScriptedClient(*[said("CREATED")] * 12, COMPLETED)
    followed(client)
    assert client.notes == ["not started after 61 s: StackSpot's queue seems full; still waiting"]


@pytest.mark.parametrize(
    ("limit", "hint"),
    [
        (RateLimited("429"), "wait a minute, and follow it again"),
        (RateLimited("429", retry_after_seconds=30.0), "come back in 30 s, and follow it again"),
        (QuotaExceeded("402"), "when there is quota again, follow it"),
    ],
)
def test_a_rate_limit_ends_the_following_with_the_step_to_go_on(limit: RateLimited, hint: str) -> None:
    client = ScriptedClient(said("RUNNING"), limit)
    with pytest.raises(RateLimited) as caught:
        followed(client)
    assert caught.value.hint == f"{hint}: {AGAIN}"
    assert (client.clock.slept, client.notes) == ([5, 5], [])


@pytest.mark.parametrize(
    "failure",
    [
        RateLimited("429", retry_after_seconds=30.0),
        QuotaExceeded("402", status=402),
        Unavailable("503", status=503),
    ],
)
def test_what_no_patience_helps_ends_the_following(failure: StackSpotError) -> None:
    client = ScriptedClient(failure)
    with pytest.raises(type(failure)):
        followed(client)
    assert client.clock.slept == [5]


@pytest.mark.parametrize("failure", [Unavailable("lost"), KeyboardInterrupt(), NotAnAnswer("html")])
def test_whatever_breaks_the_following_tells_how_to_go_on(failure: BaseException) -> None:
    client = ScriptedClient(failure)
    with pytest.raises(type(failure)):
        followed(client)
    assert client.notes == [f"the quick command goes on at StackSpot; follow it again: {AGAIN}"]


def test_an_execution_that_nobody_knows_cannot_be_followed_again() -> None:
    client = ScriptedClient(NotFound("404"))
    with pytest.raises(NotFound):
        followed(client)
    assert client.notes == []


def test_the_deadline_holds_while_waiting() -> None:
    client = ScriptedClient(said("RUNNING"))
    with pytest.raises(TimedOut, match="deadline"):
        followed(client, deadline=1_012.0)
    assert client.clock.seconds == 1_012


def test_a_silent_service_is_not_waited_for_beyond_the_wait() -> None:
    def silent(_call: Call, patience: Patience) -> TimedOut:
        client.clock.seconds += patience.remaining_seconds()
        return TimedOut("silent")

    client = ScriptedClient(silent)
    with pytest.raises(StillRunning):
        followed(client, PollPlan(12, 5))
    assert client.clock.seconds <= 1_012 + 2


def test_the_line_to_follow_is_safe_in_a_shell_and_on_a_terminal() -> None:
    assert (
        follow_line("stackspot --profile 'my team'", ID)
        == f"stackspot --profile 'my team' run --execution {ID}"
    )
    assert follow_line("stackspot", "a; b\x1b") == "stackspot run --execution 'a; b␛'"


# --- what came -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "text"),
    [("Hola", [Delta("Hola")]), ({"a": 1}, [Delta('{\n  "a": 1\n}')]), ("", []), (None, [])],
)
def test_a_result_is_an_answer_that_comes_at_once(result: Any, text: list[Delta]) -> None:
    guide = Source(name="Guide")
    execution = Execution("completed", Progress("COMPLETED"), result, (guide,), "C")
    assert list(events(execution)) == [*text, guide, Done("stop", "C")]


@pytest.mark.parametrize(
    ("execution", "message"),
    [
        (Execution("failed", Progress("FAILURE")), "the quick command failed (FAILURE)"),
        (
            Execution("failed", Progress("FAILED", 0.5, "dr\x1baft"), "out of tokens"),
            "the quick command failed (FAILED) after the step 'dr␛aft': out of tokens",
        ),
        (Execution("failed", Progress("FAILURE"), {"a": 1}), "the quick command failed (FAILURE)"),
    ],
)
def test_a_failure_says_where_it_happened(execution: Execution, message: str) -> None:
    assert failure(execution).message == message
    with pytest.raises(CommandFailed, match=r"failed \(FAIL"):
        list(events(execution))
