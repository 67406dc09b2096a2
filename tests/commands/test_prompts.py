"""Prompts that live in files: `stackspot prompts`, `complete -T`, and `/NAME` in a chat."""

from pathlib import Path
from typing import Any

import pytest
from fault_server import END, FaultServer, delta, stream
from program import Outcome, Program

REVIEW = """---
description: Looks at a change
model: stackspot-ai-code
system: You look for {{focus}}.
temperature: 0.1
max_tokens: 100
params: {focus: bugs, ticket: null}
fail_unless: ^OK$
---
For {{ ticket }}:

{{input}}

Say OK or what is wrong. \\{{ticket}} stays.
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one prompt, in whose subfolder we are."""
    folder = tmp_path / "repo"
    (folder / ".git").mkdir(parents=True)
    (folder / ".stackspot" / "prompts").mkdir(parents=True)
    (folder / ".stackspot" / "prompts" / "look.md").write_text(REVIEW)
    (folder / "src").mkdir()
    monkeypatch.chdir(folder / "src")
    return folder


def asked(program: Program, server: FaultServer, *argv: str, answer: str = "OK", **more: Any) -> Any:
    server.api(stream(delta(answer), END))
    outcome = program.call("complete", *argv, **more)
    assert outcome.code == 0, outcome.err
    return server.api_requests[-1].json


def refused(program: Program, server: FaultServer, *argv: str, **more: Any) -> str:
    outcome = program.call("complete", *argv, **more)
    assert (outcome.code, outcome.out, server.api_requests) == (2, "", [])
    return outcome.err


def test_the_head_and_the_body_make_the_request(program: Program, server: FaultServer, project: Path) -> None:
    sent = asked(program, server, "-T", "look", "-p", "ticket=A-1", "Mind", stdin=b"the diff\n")
    assert sent["user_prompt"] == (
        "You look for bugs.\n\nFor A-1:\n\nMind\n\nthe diff\n\nSay OK or what is wrong. {{ticket}} stays."
    )
    assert (sent["model"], sent["temperature"], sent["max_tokens"]) == ("stackspot-ai-code", 0.1, 100)


def test_options_win_over_the_head(program: Program, server: FaultServer, project: Path) -> None:
    argv = ("-T", "look", "-p", "ticket=1", "-m", "stackspot-ai", "-t", "0.9", "-s", "Be kind.", "x")
    sent = asked(program, server, *argv, "--fail-unless", "fine", answer="fine")
    assert (sent["model"], sent["temperature"]) == ("stackspot-ai", 0.9)
    assert sent["user_prompt"].startswith("Be kind.\n\nFor 1:")


def test_the_heads_patterns_decide(program: Program, server: FaultServer, project: Path) -> None:
    server.api(stream(delta("Not OK"), END))
    outcome = program.call("complete", "-T", "look", "-p", "ticket=1", "x")
    assert (outcome.code, outcome.out) == (8, "Not OK\n")


def test_a_parameter_is_a_word_or_a_file(
    program: Program, server: FaultServer, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "focus.txt").write_text("what is in {{input}}\n")
    given = ("-p", "ticket=a=b", "-p", f"focus=@{tmp_path / 'focus.txt'}")
    sent = asked(program, server, "-T", "look", *given, "x")
    assert sent["user_prompt"].startswith("You look for what is in {{input}}.\n\nFor a=b:\n\nx\n")
    sent = asked(program, server, "-T", "look", "-p", "ticket=@@home", "x")
    assert "For @home:" in sent["user_prompt"]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("-T", "lok", "x"), "did you mean look?"),
        (("-T", "look", "x"), "the prompt look needs ticket"),
        (("-T", "look", "-p", "ticket=1", "-p", "fokus=x", "x"), "did you mean focus?"),
        (("-T", "look", "-p", "ticket", "x"), "-p takes KEY=VALUE"),
        (("-T", "look", "-p", "ticket=1", "-p", "ticket=2", "x"), "twice"),
        (("-T", "look", "-p", "ticket=@/no/such", "x"), "/no/such"),
        (("-T", "look", "-p", "ticket=1"), "is about an input, and there is none"),
        (("-T", "./no/such.md", "x"), "there is no file ./no/such.md"),
        (("-p", "a=b", "x"), "no prompt was chosen"),
    ],
)
def test_what_is_wrong_is_told_with_what_there_is(
    program: Program, server: FaultServer, project: Path, argv: tuple[str, ...], words: str
) -> None:
    assert words in refused(program, server, *argv)


def write(project: Path, name: str, text: str) -> None:
    (project / ".stackspot" / "prompts" / name).write_text(text)


def test_its_files_are_the_projects(program: Program, server: FaultServer, project: Path) -> None:
    (project / "RULES.md").write_text("Be brief.\n")
    write(project, "p.md", "---\nfiles: '*.md'\n---\nFollow the rules.\n")
    sent = asked(program, server, "-T", "p", stdin=b"in", answer="x")
    assert sent["user_prompt"].startswith("Follow the rules.\n\n")
    assert "RULES.md" in sent["user_prompt"]
    assert sent["user_prompt"].endswith("Be brief.\n```\n\nin")


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "link"])
@pytest.mark.parametrize("key", ["files", "upload", "schema"])
def test_a_projects_prompt_reaches_nothing_outside_the_project(
    program: Program, server: FaultServer, project: Path, key: str, name: str
) -> None:
    (project.parent / "secret").write_text("s")
    (project / "link").symlink_to(project.parent / "secret")
    name = {"schema": {"link": "./link"}}.get(key, {}).get(name, name)
    write(project, "evil.md", f"---\n{key}: {name}\n---\nx\n")
    assert "lies outside the project" in refused(program, server, "-T", "evil")


def test_a_projects_prompt_chooses_no_address_and_no_key(
    program: Program, server: FaultServer, project: Path
) -> None:
    write(project, "evil.md", "---\nprofile: other\nendpoint_url: http://x.example\nclient_key: k\n---\nHi\n")
    server.api(stream(delta("x"), END))
    outcome = program.call("complete", "-T", "evil")
    assert (outcome.code, outcome.out) == (0, "x\n")
    assert (
        outcome.err.count("not understood in its head, and left out: profile, endpoint_url, client_key") == 1
    )


def test_a_head_that_cannot_be_read_is_told_with_its_place(
    program: Program, server: FaultServer, project: Path
) -> None:
    write(project, "bad.md", "---\ntemperature: warm\n---\nHi\n")
    err = refused(program, server, "-T", "bad")
    assert "bad.md" in err
    assert "line 2" in err


def test_a_schema_of_the_head_makes_a_value(program: Program, server: FaultServer, project: Path) -> None:
    write(project, "verdict.md", "---\nschema: 'approved bool'\n---\nMay it be merged?\n\n{{input}}\n")
    server.api(stream(delta('Yes: {"approved": true}'), END))
    assert program.call("complete", "-T", "verdict", stdin=b"diff").told == (0, '{"approved": true}\n', "")


def test_github_models_prompts_are_read(program: Program, server: FaultServer, project: Path) -> None:
    (project / "summarize.prompt.yml").write_text(
        "messages:\n  - role: system\n    content: Be brief.\n  - role: user\n    content: 'Sum up: {{input}}'\n"
        "model: openai/gpt-4o\nmodelParameters: {temperature: 0.2}\n"
    )
    sent = asked(program, server, "-T", "../summarize.prompt.yml", stdin=b"much", answer="x")
    assert (sent["user_prompt"], sent["model"], sent["temperature"]) == (
        "Be brief.\n\nSum up: much",
        "stackspot-ai",
        0.2,
    )


@pytest.mark.parametrize("locale", ["C.UTF-8", "pt_BR.UTF-8"])
@pytest.mark.parametrize("name", ["review", "explain", "tests", "commit", "translate"])
def test_those_that_ship_work_by_their_names(
    program: Program, server: FaultServer, name: str, locale: str
) -> None:
    sent = asked(program, server, "-T", name, stdin=b"x = 1\n", env={"LC_ALL": locale}, answer="x")
    assert sent["user_prompt"].endswith("x = 1")
    shown = program.call("prompts", "show", name, env={"LC_ALL": locale}).out
    assert (f"/{'en' if locale == 'C.UTF-8' else 'pt_BR'}/{name}.md") in program.call(
        "prompts", "path", name, env={"LC_ALL": locale}
    ).out
    assert shown.splitlines()[1].startswith("description: ")


# --- stackspot prompts -------------------------------------------------------------------------------


def prompts(program: Program, *argv: str, **more: Any) -> Outcome:
    return program.call("prompts", *argv, **more)


def test_the_list_says_where_each_comes_from(program: Program, project: Path) -> None:
    listed = {one["name"]: one for one in prompts(program, "list", "--format", "json").json}
    assert listed["look"] == {
        "name": "look",
        "origin": "project",
        "path": str(project / ".stackspot" / "prompts" / "look.md"),
        "description": "Looks at a change",
        "model": "stackspot-ai-code",
        "parameters": {"focus": "bugs", "ticket": None},
        "error": None,
    }
    assert {name for name, one in listed.items() if one["origin"] == "built-in"} == {
        "review",
        "explain",
        "tests",
        "commit",
        "translate",
    }
    text = prompts(program, "list").out
    assert text.splitlines()[0].split() == ["NAME", "FROM", "PARAMETERS", "DESCRIPTION"]
    assert "look" in text


def test_one_that_cannot_be_read_is_listed_with_what_is_wrong(program: Program, project: Path) -> None:
    write(project, "bad.md", "---\n[\n---\nx\n")
    [bad] = [one for one in prompts(program, "list", "--format", "json").json if one["name"] == "bad"]
    assert "line" in bad["error"]


def test_show_is_the_file_and_path_is_where_it_is(program: Program, project: Path) -> None:
    assert prompts(program, "show", "look").told == (0, REVIEW, "")
    path = project / ".stackspot" / "prompts" / "look.md"
    assert prompts(program, "path", "look").told == (0, f"{path}\n", "")
    folders = prompts(program, "path").out.splitlines()
    assert folders[:2] == [str(one / ".stackspot" / "prompts") for one in (project / "src", project)]
    assert prompts(program, "show", "nope").code == 2


def test_new_begins_one_in_the_project_or_in_the_persons_folder(program: Program, project: Path) -> None:
    outcome = prompts(program, "new", "notes")
    assert outcome.out == f"{project / '.stackspot' / 'prompts' / 'notes.md'}\n"
    mine = Path(prompts(program, "new", "--user", "notes").out.strip())
    assert mine.parent.name == "prompts"
    assert not mine.is_relative_to(project)
    assert mine.stat().st_mode & 0o777 == 0o600
    assert prompts(program, "new", "notes").code == 2
    assert prompts(program, "new", "../notes").code == 2
    assert prompts(program, "new", "piped", stdin=b"Explain {{input}}\n").code == 0
    assert prompts(program, "show", "piped").out == "Explain {{input}}\n"


def test_a_prompt_that_ships_is_edited_as_a_copy_of_ones_own(
    program: Program, server: FaultServer, tmp_path: Path
) -> None:
    editor = {"EDITOR": "sed -i s/Explain/Elucidate/"}
    assert prompts(program, "edit", "explain", env=editor).code == 0
    assert "Elucidate" in prompts(program, "show", "explain").out
    [mine] = [one for one in prompts(program, "list", "--format", "json").json if one["name"] == "explain"]
    assert mine["origin"] == "user"


def test_what_cannot_be_read_is_not_kept(program: Program, project: Path) -> None:
    outcome = prompts(program, "edit", "look", env={"EDITOR": "sed -i 1,2s/description/[/"})
    assert outcome.code == 2
    assert "look.md is as it was" in outcome.err
    assert prompts(program, "show", "look").out == REVIEW


# --- in a chat ---------------------------------------------------------------------------------------


def chat(program: Program, lines: str) -> Outcome:
    return program.call("chat", "--commands", stdin=lines.encode())


def test_in_a_chat_a_prompt_is_a_command(program: Program, server: FaultServer, project: Path) -> None:
    server.api(stream(delta("OK"), END))
    assert chat(program, "/look ticket=7 the diff\n").told == (0, "OK\n", "")
    assert server.api_requests[0].json["user_prompt"].startswith("You look for bugs.\n\nFor 7:\n\nthe diff\n")


def test_in_a_chat_a_schema_holds_until_it_is_taken_away(program: Program, server: FaultServer) -> None:
    server.api(*(stream(delta(text), END) for text in ("no", '{"ok": true}', "Hello")))
    outcome = chat(program, "/schema ok bool\nIs it?\n/schema -\nHi\n")
    assert (outcome.code, outcome.out) == (0, '{"ok": true}\nHello\n')
    assert [line.partition(":")[0] for line in outcome.err.splitlines()] == ["schema", "schema"]
    assert server.api_requests[2].json["user_prompt"] == "Hi"


def test_in_a_chat_a_prompts_schema_holds_for_its_answer_alone(
    program: Program, server: FaultServer, project: Path
) -> None:
    write(project, "verdict.md", "---\nschema: 'ok bool'\n---\nIs it?\n")
    server.api(*(stream(delta(text), END) for text in ('Yes: {"ok": true}', "Hello")))
    assert chat(program, "/verdict\nHi\n").out == '{"ok": true}\nHello\n'


def test_in_a_chat_they_are_listed(program: Program, project: Path) -> None:
    outcome = chat(program, "/prompts\n")
    assert "/look" in outcome.err
    assert "Looks at a change" in outcome.err
    assert outcome.out == ""
