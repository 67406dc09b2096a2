"""One answer, added up once as it comes."""

from answers import DONE, GUIDE, WHOLE

from stackspot_cli.conversation.answer import Answer, Start, added_up
from stackspot_cli.domain import Delta, Usage


def test_all_of_it_is_added_up_before_it_is_passed_on() -> None:
    answer = Answer()
    texts = [(event, answer.text) for event in added_up(WHOLE, answer)]
    assert [event for event, _text in texts] == WHOLE
    assert [text for _event, text in texts][:2] == ["Hello", "Hello there"]
    assert (answer.text, answer.sources, answer.usage, answer.done) == (
        "Hello there",
        [GUIDE],
        Usage(7, 2),
        DONE,
    )


def test_who_has_no_use_for_the_text_keeps_none() -> None:
    answer = Answer(0)
    answer.add(Delta("x"))
    answer.add(DONE)
    assert (answer.text, bool(answer.growing), answer.done) == ("", False, DONE)


def test_every_answer_has_a_name_of_its_own_and_the_time_of_its_beginning() -> None:
    one, other = Start("m", "c"), Start("m", "c")
    assert one.answer_id != other.answer_id
    assert one.created > 1_700_000_000
