"""OpenAI's messages as ours: what is taken, what is refused, and the one text that is sent."""

from collections import UserDict, UserList, deque
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackspot_cli.conversation.openai_messages import read_messages
from stackspot_cli.conversation.transcript import text_of
from stackspot_cli.domain import Message
from stackspot_cli.errors import UsageError

PART = {"type": "text", "text": "Say hi"}
HI = {"role": "user", "content": "Say hi"}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}


@pytest.mark.parametrize(
    ("messages", "read"),
    [
        ([HI], (Message("user", "Say hi"),)),
        ((HI,), (Message("user", "Say hi"),)),
        (deque([MappingProxyType(HI)]), (Message("user", "Say hi"),)),
        (
            UserList([UserDict({"role": "user", "content": UserList([MappingProxyType(PART), "!"])})]),
            (Message("user", "Say hi!"),),
        ),
        (
            [{"role": "developer", "content": "Be brief"}, HI],
            (Message("system", "Be brief"), Message("user", "Say hi")),
        ),
        (
            [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "Say "}, {"type": "text", "text": "hi"}, "!"],
                }
            ],
            (Message("user", "Say hi!"),),
        ),
        ([HI, {"role": "assistant", "content": None}], (Message("user", "Say hi"), Message("assistant", ""))),
        ([{**HI, "name": "ana", "tool_calls": []}], (Message("user", "Say hi"),)),
    ],
)
def test_messages_are_read(messages: object, read: tuple[Message, ...]) -> None:
    assert read_messages(messages) == read


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        (None, "`messages` is a list of at least one message"),
        ([], "`messages` is a list of at least one message"),
        ("hi", "`messages` is a list of at least one message"),
        (b"hi", "`messages` is a list of at least one message"),
        ({"role": "user", "content": "hi"}, "`messages` is a list of at least one message"),
        (["hi"], "messages[0] is an object with `role` and `content`"),
        ([{"content": "hi"}], "messages[0] is an object with `role` and `content`"),
        ([HI, {"role": "tool", "content": "4"}], "messages[1]: StackSpot takes no tools"),
        ([HI, {"role": "assistant", "tool_calls": [{}]}], "messages[1]: StackSpot takes no tools"),
        (
            [{"role": "robot", "content": "hi"}],
            "messages[0]: the role is one of system, developer, user, assistant, not 'robot'",
        ),
        ([{"role": "user", "content": 5}], "messages[0]: the content is a text or a list of parts"),
        ([{"role": "user", "content": b"hi"}], "messages[0]: the content is a text or a list of parts"),
        ([{"role": "user", "content": None}], "messages[0]: the content is a text or a list of parts"),
        (
            [{"role": "user", "content": [IMAGE]}],
            "messages[0].content[0]: StackSpot takes text, no 'image_url'",
        ),
        (
            [{"role": "user", "content": [{"type": "text", "text": 5}]}],
            'messages[0].content[0] is an object such as {"type": "text", "text": "…"}',
        ),
        ([{"role": "user", "content": " \n"}], "`messages` holds no text to answer"),
        ([{"role": "system", "content": "Be brief"}], "`messages` holds no text to answer"),
    ],
)
def test_messages_that_cannot_be_served_are_refused(messages: object, said: str) -> None:
    with pytest.raises(UsageError) as refusal:
        read_messages(messages)
    assert refusal.value.message == said


def test_one_message_is_sent_as_it_is() -> None:
    assert text_of(read_messages([HI])) == "Say hi"


def test_the_system_message_comes_first_and_the_turns_follow_in_order() -> None:
    messages = [
        HI,
        {"role": "assistant", "content": "hi"},
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Again"},
    ]
    text = text_of(read_messages(messages))
    assert text.startswith("Be brief\n\n")
    places = [text.index(part) for part in ("user ===\nSay hi", "assistant ===\nhi", "user ===\nAgain")]
    assert places == sorted(places)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["user", "assistant"]), max_size=6), st.data())
def test_every_text_is_in_the_prompt_once_in_its_order(roles: list[str], data: st.DataObject) -> None:
    said = [
        {"role": role, "content": f"<{place}>{data.draw(st.text(max_size=8))}"}
        for place, role in enumerate(roles)
    ]
    text = text_of(read_messages([*said, {"role": "user", "content": "last"}]))
    places = [text.index(message["content"]) for message in said]
    assert places == sorted(places)
    assert text.endswith("last")
