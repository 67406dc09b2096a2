"""The quick command route: what is sent, and every shape of what comes back."""

from typing import Any

import pytest

from stackspot_cli.domain import Progress, Prompt, Source
from stackspot_cli.errors import NotAnAnswer
from stackspot_cli.model import Model
from stackspot_cli.routes import named, quick_command
from stackspot_cli.routes.call import Call

ID = "01K45T82PF8QC64C9DNHGQWHY2"


def told(status: Any = "RUNNING", **more: Any) -> dict[str, Any]:
    return {"execution_id": ID, "progress": {"status": status, "execution_percentage": 0.25}, **more}


def test_an_execution_is_created_from_any_json() -> None:
    assert quick_command.create("review", {"a": [1]}, conversation_id="C&1", upload_ids=("U",)) == Call(
        "POST",
        "api",
        "/v1/quick-commands/create-execution/review",
        {"input_data": {"a": [1]}, "upload_ids": ["U"]},
        query=(("conversation_id", "C&1"),),
    )
    assert quick_command.create("a/b", "").target == "/v1/quick-commands/create-execution/a%2Fb"


def test_a_prompt_for_a_command_is_its_input() -> None:
    model = Model("translate", named("command"), "to-spanish")
    call = quick_command.request(model, Prompt("Hello", "C1", temperature=0.1, upload_ids=("U1",)), "1.0")
    assert call.target == "/v1/quick-commands/create-execution/to-spanish?conversation_id=C1"
    assert call.body == {"input_data": "Hello", "upload_ids": ["U1"]}
    assert not call.repeatable


def test_the_callback_is_never_answered_from_a_cache_and_may_be_repeated() -> None:
    assert quick_command.callback("a b/../c") == Call(
        "GET",
        "api",
        "/v1/quick-commands/callback/a%20b%2F..%2Fc",
        headers=(("Cache-Control", "no-cache"),),
        repeatable=True,
    )


@pytest.mark.parametrize("answer", [ID, f" {ID}\n", {"execution_id": ID}, {"executionId": ID}, {"id": ID}])
def test_an_execution_id_is_found_in_each_known_shape(answer: Any) -> None:
    assert quick_command.execution_id(answer) == ID


@pytest.mark.parametrize("answer", ["", None, 7, [], {}, {"execution_id": None}, "x" * 201, "a\x1b[0m"])
def test_no_execution_id_is_no_answer(answer: Any) -> None:
    with pytest.raises(NotAnAnswer, match="no execution id"):
        quick_command.execution_id(answer)


@pytest.mark.parametrize(
    ("status", "state", "odd"),
    [
        ("CREATED", "waiting", ()),
        ("RUNNING", "running", ()),
        ("COMPLETED", "completed", ()),
        ("completed", "completed", ()),
        ("FAILURE", "failed", ()),
        ("FAILED", "failed", ()),
        ("PAUSED", "running", ('progress.status "PAUSED"',)),
        (None, "running", ("progress.status null",)),
        (7, "running", ("progress.status 7",)),
    ],
)
def test_each_status_has_its_meaning_and_an_unknown_one_is_running(
    status: Any, state: str, odd: tuple[str, ...]
) -> None:
    execution = quick_command.read(told(status))
    assert (execution.state, execution.odd) == (state, odd)


def test_progress_tells_the_status_the_part_and_the_last_step() -> None:
    steps = [
        {"step_name": "answer", "execution_order": 1, "step_result": {"answer": "b"}},
        {"step_name": "read", "execution_order": 0, "step_result": None},
    ]
    execution = quick_command.read(told(steps=steps, conversation_id="C1"))
    assert execution.progress == Progress("RUNNING", 0.25, "answer")
    assert execution.conversation_id == "C1"
    assert execution.result is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0.0),
        (0.5, 0.5),
        (1, 1.0),
        (50, 0.5),
        ("0.5", 0.5),
        (-1, 0.0),
        (None, None),
        ("x", None),
        (True, None),
        (float("nan"), None),
        (10**400, None),
        (float("inf"), 1.0),
    ],
)
def test_a_percentage_is_a_part_of_one(value: Any, expected: float | None) -> None:
    answer = {"progress": {"status": "RUNNING", "execution_percentage": value}}
    assert quick_command.read(answer).progress.percentage == expected


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ("Hola", "Hola"),
        ("", ""),
        ({"a": "é"}, '{\n  "a": "é"\n}'),
        ([1], "[\n  1\n]"),
        (0, "0"),
        (False, "false"),
    ],
)
def test_a_result_may_be_any_json(result: Any, text: str) -> None:
    execution = quick_command.read(told("COMPLETED", result=result))
    assert (execution.result, execution.text, execution.is_over) == (result, text, True)


def test_without_a_result_the_last_steps_answer_is_one() -> None:
    steps = [
        {"execution_order": 1, "step_result": {"answer": "second"}},
        {"execution_order": 0, "step_result": {"answer": "first"}},
        {"execution_order": 2, "step_result": {}},
    ]
    assert quick_command.read(told("COMPLETED", result=None, steps=steps)).result == "second"
    assert quick_command.read(told("COMPLETED", result="own", steps=steps)).result == "own"
    assert quick_command.read(told("COMPLETED")).result is None


def test_a_result_without_any_progress_is_an_end() -> None:
    assert quick_command.read({"result": "Hola"}).state == "completed"


def test_sources_are_those_of_all_steps_once_each() -> None:
    manual, faq = {"name": "Manual", "slug": "m", "document_score": 0.9}, "faq.md"
    steps = [
        {"step_result": {"sources": [manual]}},
        {"step_result": {"sources": [faq, manual, None]}},
        {"step_result": "text"},
        "odd",
    ]
    assert quick_command.read(told(steps=steps)).sources == (
        Source(name="Manual", slug="m", document_score=0.9),
        Source(name="faq.md"),
    )


@pytest.mark.parametrize("answer", [None, [], "text", 3])
def test_what_is_no_object_is_no_execution(answer: Any) -> None:
    with pytest.raises(NotAnAnswer):
        quick_command.read(answer)


def test_the_services_object_is_kept_untouched() -> None:
    answer = told("COMPLETED", result="x", unknown={"deep": [1.50]})
    assert quick_command.read(answer).whole is answer
