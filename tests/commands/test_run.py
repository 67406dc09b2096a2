"""`stackspot run`: argv to a call, an execution to stdout, stderr and an exit code."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clock import Clock

from stackspot_cli.app import App
from stackspot_cli.client.executions import Tell, follow
from stackspot_cli.client.polling import Patience
from stackspot_cli.commands.run import Format, Options, check, run
from stackspot_cli.errors import (
    AnswerLacks,
    CommandFailed,
    NotAnAnswer,
    NotFound,
    QuotaExceeded,
    RateLimited,
    StackSpotError,
    StillRunning,
    TimedOut,
    Unavailable,
    UsageError,
)
from stackspot_cli.network.patience import Patience as Watch
from stackspot_cli.routes.call import Call
from stackspot_cli.sandbox import Sandbox
from stackspot_cli.terminal.streams import Terminal

ID = "01K45T82PF8QC64C9DNHGQWHY2"


# --- following: the decisions, without a socket ------------------------------------------------------


class Script:
    """A service that answers with what is next in the script; its last answer again and again."""

    def __init__(self, clock: Clock, *answers: Any) -> None:
        self.clock = clock
        self.answers = list(answers)
        self.asked: list[float] = []
        self.deadlines: list[float | None] = []

    def json(self, call: Call, watch: Watch | None = None) -> Any:
        assert watch is not None
        self.asked.append(self.clock.seconds)
        self.deadlines.append(watch.deadline)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer() if callable(answer) else answer

    def pause(self, seconds: float, watch: Watch) -> None:
        self.clock.sleep(seconds)


def told(status: str, **more: Any) -> dict[str, Any]:
    return {"progress": {"status": status}, **more}


def told_step(status: str, step: str) -> dict[str, Any]:
    return told(status, steps=[{"step_name": step}])


COMPLETED = told("COMPLETED", result="Hola")


class Ears:
    """Who is told, and what."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.steps: list[str] = []
        self.progress: list[str] = []

    @property
    def tell(self) -> Tell:
        return Tell(lambda told: self.progress.append(told.status), self.notes.append, self.steps.append)


def followed(
    script: Script,
    ears: Ears,
    patience: Patience | None = None,
    *,
    deadline: float | None = None,
    created_now: bool = True,
) -> Any:
    watch = Watch(180.0, deadline=deadline, now=script.clock.now)
    return follow(script, ID, patience or Patience(600, 5), watch, ears.tell, created_now=created_now).result


def test_questions_start_an_interval_after_the_creation_and_come_ever_less_often() -> None:
    clock = Clock()
    script = Script(clock, *[told("RUNNING")] * 9, COMPLETED)
    assert followed(script, Ears()) == "Hola"
    assert clock.slept[:4] == [5, 5, 6.25, 7.8125]
    assert clock.slept[-2:] == [20, 20]


def test_an_execution_that_is_followed_again_is_asked_about_at_once() -> None:
    clock = Clock()
    assert followed(Script(clock, COMPLETED), Ears(), created_now=False) == "Hola"
    assert clock.slept == []


def test_progress_is_told_from_the_creation_on() -> None:
    ears = Ears()
    followed(Script(Clock(), told("CREATED"), told("RUNNING"), COMPLETED), ears)
    assert ears.progress == ["CREATED", "CREATED", "RUNNING", "COMPLETED"]
    assert ears.notes == []


def test_no_question_is_asked_after_the_end_of_the_wait() -> None:
    clock = Clock()
    script = Script(clock, told_step("RUNNING", "draft"))
    with pytest.raises(StillRunning) as caught:
        followed(script, Ears(), Patience(12, 5))
    assert script.asked == [1_005, 1_010, 1_012]
    assert caught.value.message == "the quick command has not finished within 12 s (RUNNING, draft)"
    assert caught.value.hint == f"follow it again: stackspot run --execution {ID}"


def test_a_wait_of_nothing_asks_once() -> None:
    script = Script(Clock(), told("RUNNING"))
    with pytest.raises(StillRunning):
        followed(script, Ears(), Patience(0, 5), created_now=False)
    assert len(script.asked) == 1


def test_an_unknown_status_is_running_and_named_once_under_v() -> None:
    ears = Ears()
    followed(Script(Clock(), told("PAUSED"), told("PAUSED"), COMPLETED), ears)
    assert ears.steps == ['not understood in the execution: progress.status "PAUSED"']


def test_a_queue_that_does_not_start_is_noted_once() -> None:
    ears = Ears()
    followed(Script(Clock(), *[told("CREATED")] * 12, COMPLETED), ears)
    assert ears.notes == ["not started after 61 s: StackSpot's queue seems full; still waiting"]


@pytest.mark.parametrize(
    ("limit", "hint"),
    [
        (RateLimited("429"), "wait a minute, and follow it again"),
        (RateLimited("429", retry_after_seconds=30.0), "come back in 30 s, and follow it again"),
        (QuotaExceeded("402"), "when there is quota again, follow it"),
    ],
)
def test_a_rate_limit_ends_the_following_with_the_step_to_go_on(limit: RateLimited, hint: str) -> None:
    clock, ears = Clock(), Ears()
    with pytest.raises(RateLimited) as caught:
        followed(Script(clock, told("RUNNING"), limit), ears)
    assert caught.value.hint == f"{hint}: stackspot run --execution {ID}"
    assert (clock.slept, ears.notes) == ([5, 5], [])


@pytest.mark.parametrize(
    ("failure", "patience", "expected"),
    [
        (RateLimited("429", retry_after_seconds=30.0), Patience(600, 5), RateLimited),
        (QuotaExceeded("402", status=402), Patience(600, 5), QuotaExceeded),
        (Unavailable("503", status=503), Patience(600, 5), Unavailable),
    ],
)
def test_what_no_patience_helps_ends_the_following(
    failure: StackSpotError, patience: Patience, expected: type[StackSpotError]
) -> None:
    clock = Clock()
    with pytest.raises(expected):
        followed(Script(clock, failure), Ears(), patience)
    assert clock.slept == [5]


@pytest.mark.parametrize("failure", [Unavailable("lost"), KeyboardInterrupt(), NotAnAnswer("html")])
def test_whatever_breaks_the_following_tells_how_to_go_on(failure: BaseException) -> None:
    ears = Ears()
    with pytest.raises(type(failure)):
        followed(Script(Clock(), failure), ears)
    assert ears.notes == [
        f"the quick command goes on at StackSpot; follow it again: stackspot run --execution {ID}"
    ]


def test_an_execution_that_nobody_knows_cannot_be_followed_again() -> None:
    ears = Ears()
    with pytest.raises(NotFound):
        followed(Script(Clock(), NotFound("404")), ears)
    assert ears.notes == []


def test_the_deadline_holds_while_waiting() -> None:
    clock = Clock()
    with pytest.raises(TimedOut, match="deadline"):
        followed(Script(clock, told("RUNNING")), Ears(), deadline=1_012.0)
    assert clock.seconds == 1_012


def test_a_silent_service_is_not_waited_for_beyond_the_patience() -> None:
    clock = Clock()

    class Silent(Script):
        def json(self, call: Call, watch: Watch | None = None) -> Any:
            assert watch is not None
            clock.seconds += watch.remaining_seconds()
            raise TimedOut("silent")

    with pytest.raises(StillRunning):
        followed(Silent(clock), Ears(), Patience(12, 5))
    assert clock.seconds <= 1_012 + 2


# --- the command, over a socket ----------------------------------------------------------------------


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as server:
        yield server


Make = Callable[..., App]


@pytest.fixture
def make(sandbox: Sandbox, tmp_path: Any) -> Iterator[Make]:
    """An app in a small world: the sandbox as the service, memory as the terminal, a clock that need not wait."""
    made = []

    def new(**terminal: Any) -> App:
        clock = Clock()
        environ = {**sandbox.environment, "STACKSPOTAI_HOME": str(tmp_path)}
        app = App(environ, Terminal.fake(environ=environ, **terminal), now=clock.now, sleep=clock.sleep)
        made.append(app)
        return app

    yield new
    for app in made:
        app.close()


def test_the_result_is_all_of_stdout(make: Make, sandbox: Sandbox) -> None:
    app = make()
    run(Options("translate-english-to-spanish", "Hello world", conversation="C1"), app)
    assert (app.terminal.out, app.terminal.err) == ("Hola mundo\n", "")
    created = next(request for request in sandbox.requests if "create-execution" in request.path)
    assert created.json == {"input_data": "Hello world", "upload_ids": []}
    assert created.query == {"conversation_id": "C1"}
    polled = [request for request in sandbox.requests if "callback" in request.path]
    assert [request.headers["cache-control"] for request in polled] == ["no-cache"] * 3


def test_stdin_follows_the_input_and_no_input_is_one_too(make: Make, sandbox: Sandbox) -> None:
    run(Options("explain-code", "Explain", no_wait=True), make(stdin=b"x = 1\n"))
    run(Options("explain-code", no_wait=True), make())
    sent = [request.json["input_data"] for request in sandbox.requests if "create" in request.path]
    assert sent == ["Explain\n\nx = 1\n", ""]


@pytest.mark.parametrize(
    ("given", "stdin"),
    [('{"a": [1, null]}', b""), ("-", b'{"a": [1, null]}'), ("@FILE", b"")],
    ids=["itself", "stdin", "file"],
)
def test_json_input_comes_as_itself_from_stdin_or_from_a_file(
    make: Make, sandbox: Sandbox, tmp_path: Any, given: str, stdin: bytes
) -> None:
    file = tmp_path / "input.json"
    file.write_text('{"a": [1, null]}')
    run(
        Options("explain-code", json_input=given.replace("FILE", str(file)), no_wait=True),
        make(stdin=stdin),
    )
    assert sandbox.requests[-1].json["input_data"] == {"a": [1, None]}


def test_a_name_in_the_config_file_is_its_command(make: Make, sandbox: Sandbox, tmp_path: Any) -> None:
    config = (
        "providers:\n  stackspot:\n    models:\n      es: {quick_command: translate-english-to-spanish}\n"
    )
    (tmp_path / "config.yaml").write_text(config)
    for reference in ("es", "command:translate-english-to-spanish"):
        app = make()
        run(Options(reference, "cat"), app)
        assert app.terminal.out == "gato\n"


def test_no_wait_prints_the_id_that_can_be_followed(make: Make) -> None:
    app, again = make(), make()
    run(Options("translate-english-to-spanish", "dog", no_wait=True), app)
    run(Options(execution=app.terminal.out.strip()), again)
    assert again.terminal.out == "perro\n"


def test_a_result_in_a_json_fence_is_unwrapped_by_x(make: Make) -> None:
    app = make()
    run(Options("extract-json", json_input='{"k": 1}', extract=True), app)
    assert json.loads(app.terminal.out) == {"input": {"k": 1}, "characters": 8, "lines": 1}


def test_x_without_a_fence_is_an_answer_that_lacks(make: Make) -> None:
    app = make()
    with pytest.raises(AnswerLacks):
        run(Options("translate-english-to-spanish", "dog", extract=True), app)
    assert (app.terminal.out, app.terminal.err) == ("", "perro\n")


def test_json_is_the_services_whole_object(make: Make) -> None:
    app = make()
    run(Options("translate-english-to-spanish", "dog", format=Format.json), app)
    whole = json.loads(app.terminal.out)
    assert whole["result"] == "perro"
    assert whole["progress"]["status"] == "COMPLETED"
    assert app.terminal.out.count("\n") == 1


def test_a_failed_command_ends_in_a_refusal_and_json_shows_it_all(make: Make) -> None:
    app = make()
    with pytest.raises(CommandFailed, match=r"failed \(FAILURE\) after the step 'read-input'"):
        run(Options("fails", "x", format=Format.json), app)
    assert json.loads(app.terminal.out)["progress"]["status"] == "FAILURE"
    plain = make()
    with pytest.raises(CommandFailed):
        run(Options("fails", "x"), plain)
    assert plain.terminal.out == ""


def test_the_result_goes_to_a_file(make: Make, tmp_path: Any) -> None:
    app = make()
    run(Options("translate-english-to-spanish", "dog", output=str(tmp_path / "es.txt")), app)
    assert ((tmp_path / "es.txt").read_text(), app.terminal.out) == ("perro\n", "")


def test_on_a_terminal_a_bar_tells_step_and_percentage_and_leaves_no_trace(make: Make) -> None:
    app = make(stderr_is_terminal=True)
    run(Options("translate-english-to-spanish", "dog"), app)
    err = app.terminal.err
    assert " 50 %  RUNNING: read-input" in err
    assert err.endswith("\r\x1b[K")
    assert "\n" not in err
    assert app.terminal.out == "perro\n"


def test_words_on_stderr_take_the_bars_place(make: Make) -> None:
    app = make(stderr_is_terminal=True)
    with pytest.raises(StillRunning):
        run(Options("never-ends", "x", wait=120, poll=50), app)
    app.terminal.note("after")
    assert app.terminal.err.split("\r\x1b[K")[-1] == "note: after\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(), "which quick command"),
        (Options(execution=" "), "needs the id"),
        (Options("slug", execution=ID), "SLUG would start something new"),
        (Options(execution=ID, no_wait=True), "--no-wait would start"),
        (Options("slug", "x", json_input="1"), "excludes INPUT"),
        (Options("slug", wait=1, no_wait=True), "exclude one another"),
        (Options("slug", wait=-1), "--wait is a number"),
        (Options("slug", wait=float("nan")), "--wait is a number"),
        (Options("slug", poll=0), "--poll is a number"),
        (Options("slug", extract=True, extract_last=True), "exclude one another"),
    ],
)
def test_contradictions_are_refused_before_anything_is_sent(options: Options, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        check(options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options("not a slug", "x"), "must be a slug"),
        (Options("slug", json_input="{"), "--json-input is no JSON"),
        (Options("slug", json_input="NaN"), "NaN is no JSON"),
        (Options("slug", json_input="@nowhere.json"), "cannot read nowhere.json"),
        (Options("slug", json_input="@"), "is a folder"),
        (Options("slug", "x", timeout=0), "--timeout"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(
    make: Make, sandbox: Sandbox, options: Options, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        run(options, make())
    assert list(sandbox.requests) == []


def test_a_dry_run_sends_nothing(make: Make, sandbox: Sandbox) -> None:
    app = make()
    run(Options("explain-code", json_input="[1]", dry_run=True), app)
    assert json.loads(app.terminal.out)["body"] == {"input_data": [1], "upload_ids": []}
    assert list(sandbox.requests) == []


def test_the_line_to_follow_reaches_the_same_profile() -> None:
    app = App({}, Terminal.fake())
    app.set_options(type(app.options)(profile="my team"))
    assert app.tell.follow_line(ID) == f"stackspot --profile 'my team' run --execution {ID}"


def test_argv_becomes_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from stackspot_cli.cli import run as run_cli
    from stackspot_cli.commands import run as module

    seen: list[Options] = []
    monkeypatch.setattr(module, "run", lambda options, _app: seen.append(options))
    line = "run S I -f a -f b --upload u --conversation C --wait 9 --poll 0.5 --format json -o F --raw --no-stdin"
    more = " --timeout 3 --deadline 4 --retries 1 --dry-run -x --extract-last --no-wait --json-input 1 --execution E"
    assert run_cli((line + more).split(), {"STACKSPOTAI_HOME": str(tmp_path)}, Terminal.fake()) == 0
    assert seen == [
        Options(
            "S", "I", ("a", "b"), "1", ("u",), "C", "E", 9.0, True, 0.5, module.Format.json,
            True, True, "F", True, 3.0, 4.0, 1, False, True,
        )
    ]  # fmt: skip
