"""What people type that is no call: what is said, and the line that is offered. Nothing of it is done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from parsing import parse
from program import Program

from stackspot_cli.app import App
from stackspot_cli.cli import parse as parse_for
from stackspot_cli.commands import examples
from stackspot_cli.errors import UsageError
from stackspot_cli.settings.calling import GlobalOptions
from stackspot_cli.terminal.streams import Terminal

HELP = "`stackspot complete --help` shows what is possible"
TAB = "TAB is switched on by a file for your shell: see docs/completion.md; pipx and packages install it"
KEY = (
    "a key is no option, for others can read those: pipe it in with `stackspot login --key-stdin`,"
    " or wait for the question"
)


NEEDLESS = "it is so without an option: did you mean `stackspot complete hi`?"
CHECKED = (
    "certificates are always checked: where a company has an authority of its own, "
    "SSL_CERT_FILE names its certificate"
)


def meant(line: str) -> str:
    return f"did you mean `{line}`?"


def quoted(line: str) -> str:
    return f"words that belong together stand in quotes: {meant(line)}"


def dashed(line: str) -> str:
    return f"what begins with a dash goes after `--`: {line}"


WRONG: list[tuple[list[str], str, str]] = [
    # a prompt where a command should be
    (["hi"], "there is no command hi", meant("stackspot complete hi")),
    (
        ["what is", "this", "-m", "x"],
        "there is no command what is",
        meant("stackspot complete -m x 'what is this'"),
    ),
    (
        ["--dry-run", "complete", "-m", "x", "hi"],
        "there is no option --dry-run",
        "--dry-run goes after the command: stackspot complete --dry-run -m x hi",
    ),
    (
        ["--offline", "--sandbox", "status"],
        "there is no option --offline",
        "--offline goes after the command: stackspot --sandbox status --offline",
    ),
    (
        ["--limit", "3", "history", "list"],
        "there is no option --limit",
        "--limit goes after the command: stackspot history list --limit 3",
    ),
    (["-p", "hi"], "there is no option -p", meant("stackspot complete hi")),
    (["-m", "x", "hi"], "there is no option -m", meant("stackspot complete -m x hi")),
    (["ask", "hi", "there"], "there is no command ask", meant("stackspot complete 'hi there'")),
    (
        ["--profile", "acme", "ask", "hi"],
        "there is no command ask",
        meant("stackspot --profile acme complete hi"),
    ),
    # words around the prompt
    (
        ["complete", "say", "hi", "to me"],
        "arguments that have no place here: hi to me",
        quoted("stackspot complete 'say hi to me'"),
    ),
    (
        ["complete", "-t", "0.1", "say", "hi"],
        "arguments that have no place here: hi",
        quoted("stackspot complete -t 0.1 'say hi'"),
    ),
    (
        ["run", "translate", "Good", "morning"],
        "arguments that have no place here: morning",
        quoted("stackspot run translate 'Good morning'"),
    ),
    (
        ["complete", "Find the bug", "add.py"],
        "arguments that have no place here: add.py",
        meant("stackspot complete 'Find the bug' -f add.py"),
    ),
    (
        ["complete", "-c", "01M8JET8", "hi"],
        "arguments that have no place here: hi",
        meant("stackspot complete --conversation 01M8JET8 hi"),
    ),
    (["complete", "- item um"], "there is no option - item um", dashed("stackspot complete -- '- item um'")),
    (
        ["complete", "--o que é isso?"],
        "there is no option --o que é isso?",
        dashed("stackspot complete -- '--o que é isso?'"),
    ),
    (
        ["complete", "- [ ] do it"],
        "there is no option - [ ] do it",
        dashed("stackspot complete -- '- [ ] do it'"),
    ),
    (["complete", "-1"], "there is no option -1", dashed("stackspot complete -- -1")),
    (
        ["models", "a", "b"],
        "arguments that have no place here: b",
        "`stackspot models --help` shows what is possible",
    ),
    (
        ["login", "id", "key"],
        "`stackspot login` takes no words beside its options",
        "`stackspot login --help` shows what is possible",
    ),
    # options in the wrong place, or of other programs
    (
        ["-m", "x", "complete", "hi"],
        "there is no option -m",
        "-m goes after the command: stackspot complete -m x hi",
    ),
    (
        ["--format", "json", "complete", "hi"],
        "there is no option --format",
        "--format goes after the command: stackspot complete --format json hi",
    ),
    (["complete", "--json", "hi"], "there is no option --json", meant("stackspot complete --format json hi")),
    (
        ["complete", "--output-format=json", "hi"],
        "there is no option --output-format",
        meant("stackspot complete --format json hi"),
    ),
    (["complete", "-n", "hi"], "there is no option -n", meant("stackspot complete --no-history hi")),
    (
        ["complete", "--prompt", "hi"],
        "there is no option --prompt",
        f"the prompt is no option: {meant('stackspot complete hi')}",
    ),
    (
        ["complete", "--frmat", "json"],
        "there is no option --frmat",
        meant("stackspot complete --format json"),
    ),
    (["complete", "--quiet", "hi"], "there is no option --quiet", HELP),
    (["complete", "--silent", "hi"], "there is no option --silent", HELP),
    (["complete", "--stream", "hi"], "there is no option --stream", NEEDLESS),
    (["complete", "--stdin", "hi"], "there is no option --stdin", NEEDLESS),
    (["complete", "--no-conversation", "hi"], "there is no option --no-conversation", NEEDLESS),
    (["complete", "--insecure", "hi"], "there is no option --insecure", CHECKED),
    (["-k", "complete", "hi"], "there is no option -k", CHECKED),
    (
        ["complete", "--max-time", "5", "hi"],
        "there is no option --max-time",
        meant("stackspot complete --deadline 5 hi"),
    ),
    (["keys", "set", "openai", "--value", "sk-1"], "there is no command keys", meant("stackspot login")),
    (["complete", "-q", "hi"], "there is no option -q", HELP),
    (["complete", "--clipboard", "hi"], "there is no option --clipboard", HELP),
    (["login", "--client-key", "abc"], "there is no option --client-key", KEY),
    (["login", "--client-secret=abc"], "there is no option --client-secret", KEY),
    # commands by other names
    (["complet", "hi"], "there is no command complet", meant("stackspot complete hi")),
    (["version"], "there is no command version", meant("stackspot --version")),
    (["completion", "bash"], "there is no command completion", TAB),
    (["--install-completion"], "there is no option --install-completion", TAB),
    (["auth", "login"], "there is no command auth", meant("stackspot login")),
    (["whoami"], "there is no command whoami", meant("stackspot status")),
    (["doctor"], "there is no command doctor", meant("stackspot status")),
    (["logs"], "there is no command logs", meant("stackspot history list")),
    (["last"], "there is no command last", meant("stackspot history list --limit 1")),
    (["repl"], "there is no command repl", meant("stackspot chat")),
    (["qc", "review", "x"], "there is no command qc", meant("stackspot run review x")),
    (["ks"], "there is no command ks", meant("stackspot knowledge list")),
    (["config", "list"], "there is no command config list", meant("stackspot config show")),
    (["history", "rm", "01M8"], "there is no command history rm", meant("stackspot history delete 01M8")),
    (["history", "clear"], "there is no command history clear", meant("stackspot history delete --all")),
    (["history", "lst"], "there is no command history lst", meant("stackspot history list")),
    (
        ["history", "xyzzy"],
        "there is no command history xyzzy",
        "`stackspot history` has list, show, search, path, export, delete",
    ),
    (["help", "modls"], "there is no command modls", meant("stackspot help models")),
    (
        ["help", "config", "xyzzy"],
        "there is no command config xyzzy",
        "`stackspot config` has show, get, set, unset, path, edit, import",
    ),
    # values
    (["complete", "-m=x", "hi"], "the value of -m stands behind it, without an equals sign", meant("-m x")),
    (["complete", "-o"], "-o needs a value", HELP),
    (["complete", "--usage=false", "hi"], "--usage takes no value", HELP),
    (["complete", "-t", "warm", "hi"], "--temperature is a number, not warm", HELP),
    (["complete", "-t", "0,2", "hi"], "--temperature is a number, not 0,2", HELP),
    (
        ["complete", "--deadline", "5m", "x"],
        "--deadline is a number, not 5m",
        "it counts seconds: --deadline 300",
    ),
    (
        ["complete", "--timeout=300s", "x"],
        "--timeout is a number, not 300s",
        "it counts seconds: --timeout 300",
    ),
    (["complete", "--max-tokens", "many", "x"], "--max-tokens is a whole number, not many", HELP),
    (
        ["complete", "--format", "md", "x"],
        "--format is text, markdown, json or jsonl, not md",
        meant("--format markdown"),
    ),
    (
        ["complete", "--format", "JSON"],
        "--format is text, markdown, json or jsonl, not JSON",
        meant("--format json"),
    ),
    (["complete", "--format", "xml"], "--format is text, markdown, json or jsonl, not xml", HELP),
    (
        ["history", "export", "--format", "markdown"],
        "--format is md, json or jsonl, not markdown",
        meant("--format md"),
    ),
    (
        ["history", "list", "--limit", "0"],
        "--limit is a whole number from 1, not 0",
        "`stackspot history list --help` shows what is possible",
    ),
    (
        ["sandbox", "--port", "99999"],
        "--port is a whole number from 0 to 65535, not 99999",
        "`stackspot sandbox --help` shows what is possible",
    ),
    (["config", "set", "x"], "VALUE is missing", "`stackspot config set --help` shows what is possible"),
]


@pytest.mark.parametrize(("argv", "message", "hint"), WRONG, ids=[" ".join(argv) for argv, *_ in WRONG])
def test_a_wrong_call_says_what_was_probably_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], message: str, hint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "add.py").write_text("def add(a, b): ...\n")
    with pytest.raises(UsageError) as refused:
        parse(*argv)
    assert (refused.value.message, refused.value.hint) == (message, hint)


@pytest.mark.parametrize(
    "argv", [["complete", "-c", "01M8JET8"], ["chat", "-c", "01M8JET8KQ5XW7V0N3R2B9ZYTC"]]
)
def test_an_id_behind_c_is_not_sent_as_a_prompt(program: Program, argv: list[str]) -> None:
    assert program.refused(*argv) == f"error: -c takes no id, and {argv[2]} would be sent as a prompt"


# --- what stands before the command may stand after it ---------------------------------------------


@pytest.mark.parametrize(
    "argv", ["--profile acme -v models", "models --profile acme -v", "-v models --profile acme"]
)
def test_the_global_options_count_in_both_places(argv: str) -> None:
    app = App({}, Terminal.fake())
    parse_for(argv.split(), app)
    assert replace(app.options) == replace(app.options, profile="acme", verbose=True)
    assert app.options.program == GlobalOptions(profile="acme").program


def test_the_one_behind_the_command_counts_where_both_are_given() -> None:
    app = App({}, Terminal.fake())
    parse_for(["--profile", "acme", "models", "--profile", "globex"], app)
    assert app.options.profile == "globex"


def test_what_follows_a_double_dash_is_no_option(program: Program) -> None:
    assert program.call("complete", "--dry-run", "--", "--profile").json["body"]["user_prompt"] == "--profile"


# --- help ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "same"),
    [
        (["help"], ["--help"]),
        (["help", "complete"], ["complete", "--help"]),
        (["help", "config", "set"], ["config", "set", "--help"]),
        (["config", "help", "set"], ["config", "set", "-h"]),
        (["config", "help"], ["config"]),
    ],
)
def test_help_before_a_command_is_help_after_it(program: Program, argv: list[str], same: list[str]) -> None:
    assert program.call(*argv).told == program.call(*same).told
    assert program.call(*argv).code == 0


@pytest.mark.parametrize("width", [24, 40, 80, 200])
@pytest.mark.parametrize("argv", [[], ["complete"], ["knowledge"], ["history", "search"]])
def test_a_help_page_fits_the_width(program: Program, argv: list[str], width: int) -> None:
    """But for words that are wider themselves, names stay whole; and for examples, which can be pasted."""
    page = program.call(*argv, "--help", size=(width, 24)).out
    typed = {f"  {line}" for _what, lines in examples.of(" ".join(argv)) for line in lines.split("\n")}
    longest = max(
        (line for line in page.splitlines() if len(line.split()) > 2 and line not in typed), key=len
    )
    assert len(longest) <= min(width, 80) + 2


def test_a_help_page_is_bold_on_a_terminal_and_plain_where_no_colour_is_wanted(program: Program) -> None:
    assert "\x1b[1mOptions:\x1b[22m" in program.call("complete", "--help", stdout_is_terminal=True).out
    for argv in (
        ["--no-color", "complete", "--help"],
        ["--no-color", "--help"],
        ["complete", "--no-color", "-h"],
    ):
        assert "\x1b" not in program.call(*argv, stdout_is_terminal=True).out


# --- names of files in a prompt --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "noted"),
    [
        (["add.py"], ["add.py"]),
        (["@add.py"], ["add.py"]),
        (["Explain @add.py, and @sub/b.py."], ["add.py", "sub/b.py"]),
        (["Explain add.py"], []),
        (["@nobody is there"], []),
        (["-f", "add.py", "add.py"], []),
    ],
)
def test_a_prompt_that_names_a_file_is_told_of_f(program: Program, argv: list[str], noted: list[str]) -> None:
    (program.folder / "sub").mkdir()
    for name in ("add.py", "sub/b.py"):
        (program.folder / name).write_text("x\n")
    told = program.run("complete", "--dry-run", *argv)
    assert told.err.splitlines() == [
        f"note: {name} is a file, and its name is sent, not its text: -f {name} sends that" for name in noted
    ]
    assert told.json["body"]["user_prompt"].startswith(argv[-1])
