"""One answer to one inquiry, what was wrong asked for once more."""

from collections.abc import Generator
from itertools import count

import pytest

from stackspot_cli.domain import Delta, Done, Event, Prompt, Question, Usage
from stackspot_cli.errors import AnswerCut, BadRequest
from stackspot_cli.model import Model
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS
from stackspot_cli.structured.schema import from_document
from stackspot_cli.tools.inquiry import Call, Inquiry, Item, Result, Said, Tool, ToolName
from stackspot_cli.tools.room import Room
from stackspot_cli.tools.rounds import AnswerEvent, DoesNotFit, Finished, answer
from stackspot_cli.tools.sending import PromptTooLong, Sender, ToolsTooLong

MODEL = BUILT_IN_MODELS[0]
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
READ, LIST = Tool(ToolName("Read"), "", SCHEMA), Tool(ToolName("List"), "", {"type": "object"})
TASK = Said("user", "Do it")


def written(name: str, arguments: str) -> str:
    return f'<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>'


GOOD, BAD = written("Read", '{"path": "a"}'), written("Read", '{"paths": "a"}')
READING = ("Read", '{"path": "a"}')


class Service:
    """Answers with what it was told, one after the other; notes what it was asked, and what was closed early."""

    def __init__(self, *answers: str | BadRequest, usage: Usage | None = None, step: int = 3) -> None:
        self.answers = list(answers)
        self.asked: list[Prompt] = []
        self.unread: list[str] = []
        self.usage = usage
        self.step = step

    def stream(self, _model: Model, prompt: Prompt) -> Generator[Event, None, None]:
        self.asked.append(prompt)
        text = self.answers.pop(0)
        if isinstance(text, BadRequest):
            raise text
        place = 0
        try:
            while place < len(text):
                place += self.step
                yield Delta(text[place - self.step : place])
            if self.usage:
                yield self.usage
            yield Done("stop", prompt.conversation_id)
        finally:
            self.unread.append(text[place:])


def sender(room: Room | None = None) -> Sender:
    ids = count(1)
    return Sender(MODEL, Question(""), room or Room(MODEL), lambda: f"conversation-{next(ids)}")


def ask(
    service: Service, *items: Item, room: Room | None = None, **more: object
) -> tuple[str, list[tuple[str, str]], Finished]:
    """The text, the calls, and the end."""
    ids = count(1)
    inquiry = Inquiry(items or (TASK,), **more)  # type: ignore[arg-type]
    events = list(answer(inquiry, sender(room), service.stream, new_id=lambda: f"call_{next(ids)}"))
    assert isinstance(events[-1], Finished)
    calls = [event for event in events if isinstance(event, Call)]
    assert events[-2 - len(calls) : -2] == calls, "calls leave together, at the end"
    text = "".join(event.text for event in events if isinstance(event, Delta))
    return text, [(call.tool.shown, call.arguments) for call in calls], events[-1]


def test_without_tools_the_answer_passes_as_it_comes() -> None:
    service = Service(GOOD)
    text, calls, end = ask(service)
    assert (text, calls, end.reason, end.repairs) == (GOOD, [], "stop", 0)
    assert [prompt.text for prompt in service.asked] == ["Do it"]


def test_text_and_calls() -> None:
    text, calls, end = ask(Service(f"I look.\n{GOOD}\n{written('List', '{}')}"), tools=(READ, LIST))
    assert (text, calls) == ("I look.", [READING, ("List", "{}")])
    assert (end.reason, end.repairs) == ("calls", 0)


def test_a_broken_call_is_asked_for_once_more_and_good_ones_are_kept_in_their_order() -> None:
    service = Service(f"I look.\n{BAD}\n{written('List', '{}')}", f"Sorry.\n{GOOD}")
    text, calls, end = ask(service, tools=(READ, LIST))
    assert (text, calls) == ("I look.", [READING, ("List", "{}")])
    assert (end.reason, end.repairs) == ("calls", 1)
    first, again = service.asked
    assert first.conversation_id != again.conversation_id
    assert first.text.split("=== end")[0] in again.text, "the same prompt, and more"
    assert BAD in again.text
    assert '- the arguments of Read do not fit: "path" is missing' in again.text
    assert "The other 1 you wrote are kept" in again.text


def test_a_good_call_that_comes_again_with_the_repair_is_one() -> None:
    _text, calls, _end = ask(
        Service(f"{written('List', '{}')}\n{BAD}", f"{written('List', '{}')}\n{GOOD}"), tools=(READ, LIST)
    )
    assert calls == [("List", "{}"), READING]


@pytest.mark.parametrize(
    ("first", "complaint", "more"),
    [
        (written("Reed", '{"path": "a"}'), 'there is no tool "Reed"; there are: Read', {}),
        (
            '<tool_call>{"name": "Read", "arguments": {"path": "a" "b"}}</tool_call>',
            "this call is no JSON",
            {},
        ),
        ("I think about it.", "a tool must be called, and none was", {"choice": "required"}),
        ("I think about it.", "the tool Read must be called", {"choice": "required", "only": "Read"}),
        (
            written("List", "{}"),
            'there is no tool "List"; there are: Read',
            {"choice": "required", "only": "Read"},
        ),
    ],
)
def test_whatever_is_wrong_is_told_to_the_model(first: str, complaint: str, more: dict[str, str]) -> None:
    service = Service(first, GOOD)
    _text, calls, end = ask(service, tools=(READ, LIST), **more)
    assert (calls, end.repairs, complaint in service.asked[1].text) == ([READING], 1, True)


@pytest.mark.parametrize("second", [BAD, "I cannot.", written("Nothing", "{}")])
def test_what_is_wrong_twice_is_an_error(second: str) -> None:
    service = Service(BAD, second)
    with pytest.raises(DoesNotFit):
        ask(service, tools=(READ,))
    assert len(service.asked) == 2


def test_a_named_call_is_enough_whatever_else_is_called() -> None:
    _text, calls, end = ask(
        Service(f"{written('List', '{}')}{GOOD}"), tools=(READ, LIST), choice="required", only="Read"
    )
    assert (calls, end.repairs) == ([READING], 0)


def test_where_one_call_is_wanted_the_first_ends_the_answer() -> None:
    service = Service(f"{GOOD}\n{written('List', '{}')}" + "x" * 100)
    _text, calls, _end = ask(service, tools=(READ, LIST), parallel=False)
    assert calls == [READING]
    assert len(service.unread[0]) > 90, "the request was closed"


def test_the_models_own_continuation_ends_the_answer() -> None:
    service = Service(f"{GOOD}\n=== result of Read, call_1 ===\ninvented" + "x" * 100)
    text, calls, _end = ask(service, tools=(READ,))
    assert (text, calls) == ("", [READING])
    assert len(service.unread[0]) > 90


def test_a_stop_string_ends_the_answer() -> None:
    service = Service("Thought\nObservation: invented" + "x" * 100)
    text, _calls, end = ask(service, stop=("\nObservation:",))
    assert (text, end.reason, end.stop) == ("Thought", "stop", "\nObservation:")
    assert len(service.unread[0]) > 90


def test_calls_do_not_leave_an_answer_that_breaks_off() -> None:
    def stream(_model: Model, _prompt: Prompt) -> Generator[Event, None, None]:
        yield Delta(f"I look.\n{GOOD}\n")
        raise AnswerCut("the answer broke off")

    events: list[AnswerEvent] = []
    asked = answer(Inquiry((TASK,), (READ,)), sender(), stream, new_id=lambda: "1")
    with pytest.raises(AnswerCut):
        for event in asked:
            events.append(event)
    assert events == [Delta("I look.")]


def test_an_answer_at_its_longest_says_so() -> None:
    def stream(_model: Model, prompt: Prompt) -> Generator[Event, None, None]:
        yield Delta("half")
        yield Done("length", prompt.conversation_id)

    *_rest, end = answer(Inquiry((TASK,)), sender(), stream, new_id=lambda: "1")
    assert isinstance(end, Finished)
    assert end.reason == "length"


# --- a form ----------------------------------------------------------------------------------------

FORM = from_document({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]})


def test_the_value_is_taken_out_of_whatever_stands_around_it() -> None:
    text, _calls, end = ask(Service('Here it is:\n```json\n{"n": 1}\n```\nAnything else?'), form=FORM)
    assert (text, end.repairs) == ('{"n": 1}', 0)


def test_a_value_that_does_not_fit_is_asked_for_once_more() -> None:
    service = Service('{"n": "one"}', '{"n": 1}')
    assert ask(service, form=FORM)[0] == '{"n": 1}'
    assert '- /n: "one" is not of type integer' in service.asked[1].text
    with pytest.raises(DoesNotFit):
        ask(Service("none", "none"), form=FORM)


def test_with_tools_a_call_is_an_answer_and_so_is_a_value() -> None:
    assert ask(Service(f"I look.\n{GOOD}"), tools=(READ,), form=FORM)[:2] == ("I look.", [READING])
    assert ask(Service('{"n": 1}'), tools=(READ,), form=FORM)[:2] == ('{"n": 1}', [])


# --- sizes -----------------------------------------------------------------------------------------

TOO_LONG = BadRequest(
    "Input tokens exceed the configured limit of 16384 tokens. Your messages resulted in 20000 tokens.",
    status=400,
    service_code="INFERENCE_6001_LLM_MODEL_BAD_REQUEST",
)
LONG_PAST = (
    TASK,
    *(
        item
        for number in range(10)
        for item in (Call(f"c{number}", READ.name, "{}"), Result(f"c{number}", "x" * 5_000))
    ),
)


def test_what_the_service_finds_too_long_is_shortened_once_more_and_remembered() -> None:
    room = Room(MODEL)
    service = Service(TOO_LONG, "Done.")
    assert ask(service, *LONG_PAST, room=room, tools=(READ,))[0] == "Done."
    first, again = (len(prompt.text) for prompt in service.asked)
    assert again < first * 16_384 / 20_000
    later = Service("Done.")
    ask(later, *LONG_PAST, room=room, tools=(READ,))
    assert len(later.asked[0].text) < first * 16_384 / 20_000


def test_what_cannot_be_shortened_is_refused_with_both_numbers() -> None:
    with pytest.raises(PromptTooLong) as refused:
        ask(Service(TOO_LONG), Said("user", "x" * 60_000))
    assert (refused.value.tokens, refused.value.limit) == (20_000, 16_384)
    with pytest.raises(PromptTooLong) as refused:
        ask(Service(), Said("user", "word " * 20_000))
    assert (refused.value.tokens >= 20_000, refused.value.limit) == (True, 16_384)


def test_tools_that_leave_no_room_are_refused_in_other_words() -> None:
    many = tuple(Tool(ToolName(f"tool{number:04}"), "word " * 20, SCHEMA) for number in range(1_000))
    with pytest.raises(ToolsTooLong):
        ask(Service(), tools=many)
    with pytest.raises(ToolsTooLong):
        ask(Service(TOO_LONG), tools=many[:500])


def test_counts_of_the_service_teach_the_estimate() -> None:
    room = Room(MODEL)
    before = room.tokens(40_000)
    for _turn in range(5):
        service = Service("ok", usage=Usage(20_000, 1))
        ask(service, Said("user", "x" * 40_000), room=room)
    assert before == 10_000
    assert 18_000 < room.tokens(40_000) <= 20_000
    assert room.characters < 40_000


def test_usage_is_of_the_first_prompt_and_of_all_that_was_written() -> None:
    service = Service(BAD, GOOD, usage=Usage(100, 10))
    events = list(answer(Inquiry((TASK,), (READ,)), sender(), service.stream, new_id=lambda: "1"))
    assert [event for event in events if isinstance(event, Usage)] == [Usage(100, 20)]
