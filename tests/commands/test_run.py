"""`stackspot run`: argv to a call, an execution to stdout, stderr and an exit code."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clock import Clock
from parsing import parse

from stackspot_cli.app import App
from stackspot_cli.commands.run import Format, Options, check, run
from stackspot_cli.errors import AnswerLacks, CommandFailed, StillRunning, UsageError
from stackspot_cli.sandbox import Sandbox
from stackspot_cli.settings.calling import GlobalOptions
from stackspot_cli.terminal.streams import Terminal

ID = "01K45T82PF8QC64C9DNHGQWHY2"


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
    assert " 50 % RUNNING: read-input" in err
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


def test_the_line_to_follow_reaches_the_same_account(make: Make, tmp_path: Any) -> None:
    config = tmp_path / "my config.yaml"
    config.write_text("{}")
    app = make()
    app.set_options(GlobalOptions(config=str(config)))
    with pytest.raises(StillRunning) as caught:
        run(Options("never-ends", "x", wait=0), app)
    assert caught.value.hint.startswith(f"follow it again: stackspot --config '{config}' run --execution ")
    app.set_options(GlobalOptions(profile="my team"))
    assert app.options.program == "stackspot --profile 'my team'"


def test_argv_becomes_options() -> None:
    line = "run S I -f a -f b --upload u --conversation C --wait 9 --poll 0.5 --format json -o F --raw --no-stdin"
    more = " --timeout 3 --deadline 4 --retries 1 --dry-run -x --extract-last --no-wait --json-input 1 --execution E"
    assert parse(*(line + more).split()) == Options(
        slug="S",
        input="I",
        files=("a", "b"),
        json_input="1",
        uploads=("u",),
        conversation="C",
        execution="E",
        wait=9.0,
        no_wait=True,
        poll=0.5,
        format=Format.json,
        extract=True,
        extract_last=True,
        output="F",
        raw=True,
        timeout=3.0,
        deadline=4.0,
        retries=1,
        no_stdin=True,
        dry_run=True,
    )
