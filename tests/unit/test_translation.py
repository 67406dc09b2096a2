"""Which language a locale asks for, and how a sentence finds back to its English."""

from __future__ import annotations

import json

import pytest

from stackspot_cli.translation import (
    Sentence,
    changed,
    either,
    joined,
    language,
    sentence,
    translator,
    untranslated,
    writes_decimal_comma,
)

PORTUGUESE = {"LC_ALL": "pt_BR.UTF-8"}


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, None),
        ({"LANG": "pt_BR.UTF-8"}, "pt_BR"),
        ({"LANG": "pt_BR"}, "pt_BR"),
        ({"LANG": "pt_PT.UTF-8"}, "pt_BR"),
        ({"LANG": "pt"}, "pt_BR"),
        ({"LANG": "pt-br"}, "pt_BR"),
        ({"LANG": "pt_BR@latin"}, "pt_BR"),
        ({"LANG": "ptx_BR.UTF-8"}, None),
        ({"LANG": "en_US.UTF-8"}, None),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LC_MESSAGES": "pt_BR.UTF-8", "LANG": "en_US.UTF-8"}, "pt_BR"),
        ({"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "pt_BR.UTF-8", "LANG": "pt_BR.UTF-8"}, None),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "pt_BR.UTF-8"}, "pt_BR"),
        ({"LC_ALL": "C", "LANG": "pt_BR.UTF-8"}, None),
        # LANGUAGE counts first, in its order, and English is what the sentences are written in.
        ({"LANGUAGE": "pt_BR", "LANG": "en_US.UTF-8"}, "pt_BR"),
        ({"LANGUAGE": "pt", "LC_ALL": "de_DE.UTF-8"}, "pt_BR"),
        ({"LANGUAGE": "de:pt_BR:en", "LANG": "en_US.UTF-8"}, "pt_BR"),
        ({"LANGUAGE": "en:pt_BR", "LANG": "pt_BR.UTF-8"}, None),
        ({"LANGUAGE": "de", "LANG": "pt_BR.UTF-8"}, None),
        ({"LANGUAGE": "", "LANG": "pt_BR.UTF-8"}, "pt_BR"),
        # But for the locale C, which asks for no translation.
        ({"LANGUAGE": "pt", "LC_ALL": "C"}, None),
        ({"LANGUAGE": "pt_BR", "LC_ALL": "C.UTF-8"}, None),
        ({"LANGUAGE": "pt_BR", "LANG": "POSIX"}, None),
        ({"LANGUAGE": "pt_BR"}, None),
    ],
    ids=str,
)
def test_the_language_follows_the_locale_as_gettext_does(environ: dict[str, str], wanted: str | None) -> None:
    assert language(environ) == wanted


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [({}, "pt_BR"), ({"LANG": "en_US.UTF-8"}, None), ({"LC_ALL": "C"}, None), ({"LANGUAGE": "en"}, None)],
    ids=str,
)
def test_without_variables_the_systems_own_locale_counts(environ: dict[str, str], wanted: str | None) -> None:
    assert language(environ, "Portuguese_Brazil.1252") == wanted


def test_english_sentences_are_plain_texts() -> None:
    assert type(translator({})("there is no prompt")) is str


def test_a_language_translates_and_an_unknown_sentence_stays() -> None:
    translate = translator(PORTUGUESE)
    assert translate("there is no prompt") == "não há prompt"
    assert translate("no catalogue knows this") == "no catalogue knows this"


def test_a_sentence_made_of_sentences_knows_its_english() -> None:
    inner = sentence("a chave", "the key")
    told = sentence("{what} sumiu de {path}", "{what} is gone from {path}").format(what=inner, path="c.yaml")
    assert (told, untranslated(told)) == ("a chave sumiu de c.yaml", "the key is gone from c.yaml")
    assert isinstance(told, Sentence)


def test_an_exception_in_a_sentence_is_taken_back_with_it() -> None:
    problem = ValueError(sentence("deve ser texto", "must be text"))
    told = sentence("{key} {problem}", "{key} {problem}").format(key="model", problem=problem)
    assert (told, untranslated(told)) == ("model deve ser texto", "model must be text")


def test_sentences_that_are_put_together_know_their_english() -> None:
    one, two = sentence("um", "one"), sentence("dois", "two")
    assert (joined(", ", [one, two, "3"]), untranslated(joined(", ", [one, two, "3"]))) == (
        "um, dois, 3",
        "one, two, 3",
    )
    masked = changed(lambda text: text.replace("o", "•"), one + " " + two)
    assert (masked, untranslated(masked)) == ("um d•is", "•ne tw•")
    assert (one + "; " + two, untranslated(one + "; " + two)) == ("um; dois", "one; two")


@pytest.mark.parametrize(
    ("words", "shown"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_words_of_which_one_is_enough(words: list[str], shown: str) -> None:
    assert either(words) == shown


def test_json_is_made_of_the_english() -> None:
    told = {"origin": sentence("padrão", "default"), "rest": [sentence("não", "no"), 1, None], "name": "não"}
    assert json.dumps(untranslated(told)) == json.dumps(
        {"origin": "default", "rest": ["no", 1, None], "name": "não"}
    )


# --- numbers, and others' words --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "comma"),
    [
        ({}, False),
        ({"LANG": "pt_BR.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_NUMERIC": "de_DE.UTF-8"}, True),
        ({"LANG": "pt_BR.UTF-8", "LC_NUMERIC": "C"}, False),
        ({"LANG": "pt_BR.UTF-8", "LC_ALL": "en_US.UTF-8"}, False),
        ({"LANG": "es_MX.UTF-8"}, False),
    ],
    ids=str,
)
def test_a_locale_writes_numbers_with_a_comma_or_not(environ: dict[str, str], comma: bool) -> None:
    assert writes_decimal_comma(environ) is comma


def test_a_number_in_a_translated_sentence_has_the_language_s_mark_and_keeps_its_english() -> None:
    made = sentence("espera de {seconds:g} s, {count}", "waiting {seconds:g} s, {count}").format(
        seconds=0.5, count=3
    )
    assert (made, made.english) == ("espera de 0,5 s, 3", "waiting 0.5 s, 3")


def test_words_of_the_system_that_are_not_known_stay_as_they_are() -> None:
    made = sentence("não: {why}", "no: {why}").format(why="Unheard of at position 3")
    assert (made, made.english) == ("não: Unheard of at position 3", "no: Unheard of at position 3")
