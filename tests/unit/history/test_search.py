"""Finding words: all of them, each the beginning of a word, case and accents aside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackspot_cli.history.search import (
    EXCERPT_CHARACTERS,
    excerpt,
    fold,
    match_expression,
    matches,
    words_of,
)


def test_case_and_accents_are_put_aside() -> None:
    assert fold("Paginação ÉTÉ") == "paginacao ete"
    assert words_of("C++ e_mail, olá!") == ["c", "e", "mail", "ola"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["pagin"], True),
        (["PAGINAÇÃO", "lista"], True),
        (["aginacao"], False),
        (["pagina", "absent"], False),
        (["uma lista"], True),
        (["lista fim"], False),  # one word of the prompt, one of the answer: no run of words
        ([], True),
    ],
)
def test_each_word_begins_a_word(words: list[str], found: bool) -> None:
    assert matches("Paginação de uma lista", "fim", words) is found


@given(st.text(max_size=30))
def test_nothing_that_is_typed_is_an_operator(typed: str) -> None:
    expression = match_expression([typed])
    assert expression.startswith('"')
    assert expression.endswith('" *')
    assert '"' not in expression[1:-3]


def test_an_excerpt_is_the_neighbourhood_on_one_line() -> None:
    text = "begin " * 50 + "the\nneedle " + "end " * 80
    found = excerpt(text, ["needle"])
    assert "the needle end" in found
    assert (found[0], found[-1]) == ("…", "…")
    assert len(found) == EXCERPT_CHARACTERS + 2
    assert excerpt("short", ["absent"]) == "short"
