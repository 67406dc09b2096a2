"""What a Python caller asks."""

import pytest

from stackspot_cli.api.questions import messages_of
from stackspot_cli.domain import Message
from stackspot_cli.errors import UsageError


def test_a_text_or_messages_with_instructions_before_them() -> None:
    assert messages_of("Say hi", None) == (Message("user", "Say hi"),)
    asked = [{"role": "user", "content": "Say hi"}]
    assert messages_of(asked, "Be brief.") == (Message("system", "Be brief."), Message("user", "Say hi"))


@pytest.mark.parametrize(
    ("prompt", "system", "message"),
    [
        (" ", None, "the prompt is empty"),
        (3, None, "the prompt is a text or a list of messages, not 3"),
        ("x", 3, "the instructions are a text, not 3"),
        ([], None, "`messages` is a list of at least one message"),
    ],
)
def test_anything_else_is_refused(prompt: object, system: str | None, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        messages_of(prompt, system)
    assert refused.value.message == message
