"""Codex, Claude Code, opencode and Copilot CLI, as released, read, write and change files through the gateway.

Each runs in a network namespace that has only loopback, against a scripted service, configured by what
`stackspot serve --print-config` prints. Not run by default, because they are installed from the npm registry (1 GB):

    STACKSPOT_TEST_AGENTS=1 pytest tests/e2e/test_coding_agents.py

STACKSPOT_TEST_AGENTS may also name a folder, where they are installed once and found again.
"""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from coding_agents import HANDS, PACKAGES, Outcome, Scene, alone

WANTED = os.environ.get("STACKSPOT_TEST_AGENTS", "")
pytestmark = [
    pytest.mark.skipif(not WANTED, reason="installs four coding agents: set STACKSPOT_TEST_AGENTS=1"),
    pytest.mark.timeout(1800),
]
SMALL, LARGE = "stackspot-ai-code", "agent:01K45T82PF8QC64C9DNHGQWHY2"
CLIENTS = sorted(PACKAGES)
Play = Callable[..., Outcome]


@pytest.fixture(scope="session")
def binaries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(WANTED) if os.sep in WANTED else tmp_path_factory.mktemp("agents")
    folder.mkdir(parents=True, exist_ok=True)
    missing = [
        package for name, package in PACKAGES.items() if not (folder / "node_modules/.bin" / name).exists()
    ]
    if missing:
        (folder / "package.json").write_text("{}")
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--silent", *missing], cwd=folder, check=True
        )
    return folder / "node_modules" / ".bin"


@pytest.fixture
def play(binaries: Path) -> Play:
    def play(client: str, model: str, answers: list[str], **more: object) -> Outcome:
        return alone(Scene(client, model, str(binaries / client), answers, **more))  # type: ignore[arg-type]

    return play


@pytest.mark.parametrize("model", [SMALL, LARGE], ids=["16,384 tokens", "an agent"])
@pytest.mark.parametrize("client", CLIENTS)
def test_it_reads_writes_and_changes_files(play: Play, client: str, model: str) -> None:
    hands = HANDS[client]
    outcome = play(
        client,
        model,
        [
            f"I look first.\n\n{hands.read('hello.py')}",
            hands.write("new.txt", "one\ntwo\n"),
            f"Now I change it.\n{hands.change('hello.py', 'hello', 'goodbye')}",
            f"{hands.read('hello.py')}\n{hands.read('new.txt')}",
            "All done: it says goodbye.",
        ],
    )
    assert (outcome.code, outcome.files) == (0, {"hello.py": "print('goodbye')\n", "new.txt": "one\ntwo\n"})
    assert "All done: it says goodbye." in outcome.out
    last = outcome.prompts[-1]
    assert all(seen in last for seen in ("print('hello')", "print('goodbye')", "one", "two")), (
        "results come back"
    )
    assert "tool_call>" not in outcome.out, "no call is shown as text"


@pytest.mark.parametrize("client", CLIENTS)
def test_with_all_of_its_tools_it_works_on_16384_tokens(play: Play, client: str) -> None:
    """Where nobody switched anything off; Claude Code's first request alone is longer than that."""
    hands = HANDS[client]
    answers = [
        hands.read("hello.py"),
        hands.change("hello.py", "hello", "goodbye"),
        "All done: it says goodbye.",
    ]
    outcome = play(client, SMALL, answers, printed_for=LARGE)
    assert (outcome.code, outcome.files) == (0, {"hello.py": "print('goodbye')\n"}), outcome.log
    assert max(map(len, outcome.prompts)) < 16_384 * 4
    assert ("left out: tools step" in outcome.log) == (client == "claude")


@pytest.mark.parametrize(
    ("client", "path", "how"),
    [
        ("copilot", "/v1/responses", {"environ": {"COPILOT_PROVIDER_WIRE_API": "responses"}}),
        (
            "copilot",
            "/v1/messages",
            {
                "environ": {
                    "COPILOT_PROVIDER_TYPE": "anthropic",
                    "COPILOT_PROVIDER_BASE_URL": "http://127.0.0.1:8765",
                }
            },
        ),
        ("opencode", "/v1/responses", {"replaced": {"@ai-sdk/openai-compatible": "@ai-sdk/openai"}}),
        ("opencode", "/v1/messages", {"replaced": {"@ai-sdk/openai-compatible": "@ai-sdk/anthropic"}}),
    ],
)
def test_it_works_by_the_other_apis_that_it_speaks(
    play: Play, client: str, path: str, how: dict[str, dict[str, str]]
) -> None:
    hands = HANDS[client]
    answers = [
        hands.read("hello.py"),
        hands.change("hello.py", "hello", "goodbye"),
        "All done: it says goodbye.",
    ]
    outcome = play(client, SMALL, answers, **how)
    assert (outcome.code, outcome.files) == (0, {"hello.py": "print('goodbye')\n"}), outcome.log
    assert f"POST {path} 200" in outcome.log


@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_wrong_is_mended_behind_its_back(play: Play, client: str) -> None:
    hands = HANDS[client]
    good = hands.write("new.txt", "one\n")
    outcome = play(client, SMALL, [good.replace('{"name": "', '{"name": "no-', 1), good, "All done."])
    assert (outcome.code, outcome.files["new.txt"]) == (0, "one\n")
    assert "repairs 1" in outcome.log


@pytest.mark.parametrize("client", CLIENTS)
def test_a_long_session_stays_within_a_small_window(play: Play, client: str) -> None:
    """Fourteen files of some 9,000 characters each would be twice what the model takes."""
    hands = HANDS[client]
    files = {f"part{number}.txt": f"<{number}> " + "some words here\n" * 560 for number in range(14)}
    outcome = play(
        client,
        SMALL,
        [*(hands.read(name) for name in files), hands.write("new.txt", "read\n"), "All done: fourteen."],
        files=files,
    )
    assert (outcome.code, outcome.files.get("new.txt")) == (0, "read\n"), outcome.log
    assert "All done: fourteen." in outcome.out
    summaries = (
        len(outcome.prompts) - 16
    )  # which some clients ask for themselves, by what they are told of usage
    assert 0 <= summaries <= 4, "no client gave up, and none went round in circles"
    assert "left out: " in outcome.log or summaries, outcome.log
    assert " 400 " not in outcome.log
    assert max(map(len, outcome.prompts)) < 16_384 * 4


@pytest.mark.parametrize("client", CLIENTS)
def test_one_file_that_is_larger_than_the_window_ends_no_session(play: Play, client: str) -> None:
    hands = HANDS[client]
    files = {"big.txt": "".join(f"line {number} of a big file\n" for number in range(12_000))}
    outcome = play(client, SMALL, [hands.read("big.txt"), "All done: it is big."], files=files)
    assert (outcome.code, "All done: it is big." in outcome.out) == (0, True), outcome.log


@pytest.mark.parametrize("client", CLIENTS)
def test_the_key_is_taken_from_the_environment(play: Play, client: str) -> None:
    outcome = play(client, SMALL, ["All done."], key="open-sesame")
    assert (outcome.code, "All done." in outcome.out) == (0, True), outcome.log
    assert "open-sesame" not in outcome.log
