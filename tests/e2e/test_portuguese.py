"""The real program in a Brazilian's locale: Portuguese for people, the same JSON, codes and names for scripts."""

from __future__ import annotations

import json
import re

import pytest
from fault_server import FaultServer, reply
from program import Outcome, Program

PORTUGUESE = {"LC_ALL": "pt_BR.UTF-8", "PYTHONUTF8": "1"}  # the locale itself need not be installed
ENGLISH = {"LC_ALL": "en_US.UTF-8", "PYTHONUTF8": "1"}


def in_both(program: Program, *argv: str, **env: str | None) -> tuple[Outcome, Outcome]:
    return program.run(*argv, env={**PORTUGUESE, **env}), program.run(*argv, env={**ENGLISH, **env})


def test_an_error_and_its_hint_are_portuguese(program: Program) -> None:
    assert program.run("complete", "-t", "3", "oi", env=PORTUGUESE).told == (
        2,
        "",
        "error: a temperature é um número de 0,0 a 1,0, não 3,0\n"
        "hint: 0 é o mais estável, 1 o mais criativo; padrão 0,7\n",
    )


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C.UTF-8"},
        {"LC_ALL": "C", "LANGUAGE": "pt"},
        {"LC_ALL": "en_US.UTF-8", "LANG": "pt_BR.UTF-8"},
        {"LC_ALL": None, "LANG": "pt_BR.UTF-8", "LANGUAGE": "en:pt_BR"},
    ],
    ids=str,
)
def test_another_locale_gets_english(program: Program, locale: dict[str, str | None]) -> None:
    told = program.run("complete", "-t", "3", "hi", env=locale)
    assert told.err.startswith("error: the temperature is a number from 0.0 to 1.0, not 3.0\n")


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": None, "LANG": "pt_BR.UTF-8"},
        {"LC_ALL": None, "LC_MESSAGES": "pt_BR.UTF-8", "LANG": "en_US.UTF-8"},
        {"LC_ALL": "en_US.UTF-8", "LANGUAGE": "pt_BR"},
    ],
    ids=str,
)
def test_each_variable_asks_for_portuguese(program: Program, locale: dict[str, str | None]) -> None:
    told = program.run("complete", "-t", "3", "oi", env={**locale, "PYTHONUTF8": "1"})
    assert told.err.startswith("error: a temperature é um número de 0,0 a 1,0, não 3,0\n")


@pytest.mark.parametrize("command", [[], ["complete"], ["config"], ["knowledge", "add"]], ids=str)
def test_help_is_portuguese_with_the_same_names(program: Program, command: list[str]) -> None:
    portuguese, english = in_both(program, *command, "--help", COLUMNS="200")
    option = re.compile(r"^  (-\S+(?:, --\S+)?(?: [A-Z]+| \[\S+\])?)|^  ([a-z]+)  ", re.MULTILINE)
    assert option.findall(portuguese.out) == option.findall(english.out) != []
    assert (portuguese.code, portuguese.err) == (english.code, english.err) == (0, "")
    assert portuguese.out != english.out


def test_help_tells_what_an_option_does_in_portuguese(program: Program) -> None:
    told = program.run("complete", "--help", env={**PORTUGUESE, "COLUMNS": "200"})
    assert "Entra um prompt, sai uma resposta; stdin, arquivos, pipes, CI." in told.out
    assert re.search(r"--no-stdin +Não lê o stdin\.", told.out)


@pytest.mark.parametrize("typed", ["0,2", "0.2"])
def test_a_decimal_comma_is_understood_and_a_point_always(program: Program, typed: str) -> None:
    told = program.run("complete", "--dry-run", "-t", typed, "oi", env=PORTUGUESE)
    assert (told.code, told.json["body"]["temperature"]) == (0, 0.2)


def test_elsewhere_a_comma_is_no_number(program: Program) -> None:
    told = program.run("complete", "--dry-run", "-t", "0,2", "hi", env=ENGLISH)
    assert told.told == (
        2,
        "",
        "error: --temperature is a number, not 0,2\nhint: `stackspot complete --help` shows what is possible\n",
    )


def test_numbers_in_sentences_follow_the_language_and_not_in_json(program: Program) -> None:
    portuguese, english = in_both(program, "models", "stackspot-ai")
    assert "até 16.384 tokens" in portuguese.out and "up to 16,384 tokens" in english.out
    assert program.run("models", "stackspot-ai", "--format", "json", env=PORTUGUESE).json == (
        program.run("models", "stackspot-ai", "--format", "json", env=ENGLISH).json
    )


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["complete", "say", "hi"], "argumentos que não cabem aqui: hi"),
        (["complet", "oi"], "não existe o comando complet"),
        (["complete", "--nope", "oi"], "não existe a opção --nope"),
        (["complete", "-o"], "-o precisa de um valor"),
        (["complete", "--format", "xml", "oi"], "--format é text, markdown, json ou jsonl, não xml"),
        (["complete", "-f", "nada.txt", "oi"], "não existe o arquivo nada.txt"),
        (
            ["run", "x", "--json-input", "@nada.json"],
            "não foi possível ler nada.json: não existe esse arquivo ou pasta",
        ),
    ],
)
def test_the_library_s_and_the_system_s_words_are_portuguese(
    program: Program, argv: list[str], message: str
) -> None:
    assert program.run(*argv, env=PORTUGUESE).err.splitlines()[0] == f"error: {message}"


@pytest.mark.parametrize(
    "argv",
    [
        ["models", "--format", "json"],
        ["models", "agent:01K45T82PF8QC64C9DNHGQWHY2", "--format", "json"],
        ["config", "show", "--format", "json"],
        ["--sandbox", "config", "show", "--format", "json"],
        ["complete", "--dry-run", "oi"],
        ["complete", "--dry-run", "-m", "agent:01K45T82PF8QC64C9DNHGQWHY2", "--upload", "pedido.txt", "oi"],
        ["status", "--offline", "--format", "json"],
        ["status", "--format", "json"],
        ["history", "list", "--format", "json"],
    ],
    ids=" ".join,
)
def test_json_does_not_change_with_the_locale(program: Program, argv: list[str]) -> None:
    (program.folder / "pedido.txt").write_text("oi")
    found = in_both(program, *argv)
    assert found[0].code == found[1].code
    assert _steady(found[0]) == _steady(found[1])


def test_json_does_not_change_where_nothing_is_set(program: Program) -> None:
    """Where every origin and problem is a sentence."""
    unset = {"STACKSPOTAI_CLIENT_ID": None, "STACKSPOTAI_CLIENT_KEY": None, "SSL_CERT_FILE": "/nowhere.pem"}
    for argv in (["status", "--offline"], ["config", "show"]):
        portuguese, english = in_both(program, *argv, "--format", "json", **unset)
        assert _steady(portuguese) == _steady(english)
    assert '"origin": "nowhere"' in portuguese.out


def test_an_error_in_json_lines_is_english_and_on_stderr_portuguese(
    program: Program, server: FaultServer
) -> None:
    server.api(reply(403))
    told = program.run("complete", "--format", "jsonl", "oi", env=PORTUGUESE)
    assert {key: told.lines[-1][key] for key in ("type", "code", "exit_code", "message")} == {
        "type": "error",
        "code": "AUTH",
        "exit_code": 4,
        "message": "StackSpot does not permit this (403)",
    }
    assert told.err.startswith(
        "error: o StackSpot não permite isto (403)\nhint: verifique as permissões de acesso:"
    )


def _steady(outcome: Outcome) -> object:
    """The JSON without what differs from one call to the next."""
    text = re.sub(r"\b01[0-9A-HJKMNP-TV-Z]{24}\b", "ULID", outcome.out)
    text = re.sub(r"(127\.0\.0\.1:|stackspot-sandbox-)\w+", r"\1…", text)
    return _without_times(json.loads(text))


def _without_times(value: object) -> object:
    match value:
        case dict():
            return {key: _without_times(one) for key, one in value.items() if "expires" not in key}
        case list():
            return [_without_times(one) for one in value]
        case float():
            return 0.0
    return value
