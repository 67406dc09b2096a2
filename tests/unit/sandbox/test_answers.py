"""What the sandbox says, without its sockets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.sandbox.answers import Received, answer, deltas, estimate_tokens


@given(st.text(alphabet=st.sampled_from("ab \n\t\r`é\u2028"), max_size=60))
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    assert "".join(deltas(text)) == text


def test_the_pieces_are_words_with_the_space_before_them() -> None:
    assert deltas("Hi, you!\n\n    x = 1\n") == ["Hi,", " you!", "\n\n    x", " =", " 1", "\n"]


@given(st.text(max_size=200), st.integers(1, 9), st.none() | st.text(max_size=200))
def test_every_prompt_has_an_answer_that_tells_its_size_and_its_turn(
    prompt: str, turn: int, earlier: str | None
) -> None:
    text = answer(Received(prompt, ("model", "m"), turn, earlier))
    assert f"{len(prompt)} character" in text
    assert f"turn {turn}" in text
    assert ("Before that you said" in text) == (earlier is not None)
    assert text == text.strip("\n")


@pytest.mark.parametrize(
    ("prompt", "opening"),
    [
        ("Say hi", "Hi! "),
        ("diga olá", "Oi! "),
        ("ping", "Hi! "),
        ("Say hello in Python", "## Greeting in Python"),
        ("hello, how does an event stream break off?", "# Hello from the sandbox"),
        ("is_prime", "## Prime in Python"),
        ("fibonacci in Java", "## Greeting in Java"),
        ("a factorial in Go", "## Factorial in Go"),
        ("Escreva um poema", "# Hello from the sandbox"),
        ("Explain this\n\nwalk.py\n```py\ndef walk(p): …\n```", "# Hello from the sandbox"),
        ("Explain this function\n\ndef walk(p):\n    return p", "# Hello from the sandbox"),
        ("What breaks in this Python code?\n\ndiff --git a/x b/x\n+class A:", "# Hello from the sandbox"),
        ("Write a factorial as in\n\nwalk.py\n```py\ndef walk(p): …\n```", "## Factorial in Python"),
        ("Write a class in Java", "## Greeting in Java"),
    ],
)
def test_the_answer_suits_the_prompt(prompt: str, opening: str) -> None:
    assert answer(Received(prompt, ("model", "m"))).startswith(opening)


TRANSCRIPT = """Be brief.

This is our conversation so far.

=== user ===
Write a factorial

=== assistant ===
```python
...
```

=== user ===
{}"""


@pytest.mark.parametrize(
    ("message", "opening"),
    [
        ("Why does it work so well?", "# Hello from the sandbox"),
        ("thanks", "Hi! "),
        ("Now in Rust", "## Greeting in Rust"),
    ],
)
def test_the_last_message_of_a_transcript_is_what_is_answered(message: str, opening: str) -> None:
    text = answer(Received(TRANSCRIPT.format(message), ("model", "m")))
    assert text.startswith(opening)
    assert "transcript" in text
    assert "3 messages" in text


def test_a_long_prompt_is_quoted_by_its_beginning_and_its_end() -> None:
    text = answer(Received("why " * 40, ("agent", "a|`b`")))
    assert f"Your prompt begins: `{'why ' * 14}why…`" in text
    assert f"It ends: `…{'why ' * 14}why`" in text
    assert "| agent | `a\u00a6'b'` |" in text


@pytest.mark.parametrize(("length", "tokens"), [(0, 1), (1, 1), (4, 1), (5, 2), (400, 100)])
def test_four_characters_are_about_a_token(length: int, tokens: int) -> None:
    assert estimate_tokens("x" * length) == tokens
