"""The openai, anthropic, litellm, instructor, LangChain and pydantic-ai packages, as released, against the gateway.

Each runs a program of `packages/`: a loop of calls and results, and an answer with a type. Not run by default,
because they are installed from the package index (pinned, 700 MB):

    STACKSPOT_TEST_PACKAGES=1 pytest tests/e2e/test_real_packages.py

STACKSPOT_TEST_PACKAGES may also name a folder, where they are installed once and found again.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway_caller import environment, running

from stackspot_cli.sandbox import Sandbox

WANTED = os.environ.get("STACKSPOT_TEST_PACKAGES", "")
pytestmark = [
    pytest.mark.skipif(not WANTED, reason="installs six packages: set STACKSPOT_TEST_PACKAGES=1"),
    pytest.mark.timeout(1800),
]
PROGRAMS = Path(__file__).with_name("packages")
# Two rooms, because they disagree about the version of openai.
ROOMS = {
    "sdk": (
        "openai==2.54.0",
        "anthropic==2.14.0",
        "litellm==1.106.12",
        "mcp",
        "instructor==1.17.0",
        "langchain-openai==1.7.4",
        "langchain-anthropic==1.7.10",
    ),
    "pyai": ("openai==3.57.0", "anthropic==2.14.0", "pydantic-ai-slim[openai,anthropic]==2.62.0"),
}
READ = '<tool_call>\n{"name": "read", "arguments": {"path": "a.py"}}\n</tool_call>'
PERSON = '{"name": "Ana", "age": 7}'
SCRIPT = [
    {
        "when": '"name":"Person"',
        "answer": f'<tool_call>\n{{"name": "Person", "arguments": {PERSON}}}\n</tool_call>',
    },
    {"when": "Answer with one JSON value", "answer": f"Here it is:\n```json\n{PERSON}\n```"},
    {
        "when": '(?s)"name":"final_result".*=== result of read',
        "answer": f'<tool_call>\n{{"name": "final_result", "arguments": {PERSON}}}\n</tool_call>',
    },
    {"when": "=== result of read, ", "answer": "It says one."},
    {"when": '"name":"read"', "answer": f"I look.\n\n{READ}"},
]


TYPED = "name='Ana' age=7"
OPENAI = [
    '{"path": "a.py"}',
    "It says one. True",
    TYPED,
    "{'path': 'a.py'}",
    "It says one. ['response.completed', 'response.content_part.added', 'response.content_part.done']",
    TYPED,
    "True",
]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with (
        Sandbox(answers=SCRIPT) as service,
        running(environment(tmp_path, **service.environment)) as (_process, url),
    ):
        yield url


@pytest.fixture(scope="session")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a venv for each room, made where it is missing."""
    folder = Path(WANTED) if os.sep in WANTED else tmp_path_factory.mktemp("packages")
    for name, packages in ROOMS.items():
        if not (folder / name).exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
            subprocess.run([str(folder / name / "bin" / "pip"), "install", "-q", *packages], check=True)
    return folder


@pytest.mark.parametrize(
    ("room", "program", "told"),
    [
        ("sdk", "openai", OPENAI),
        ("pyai", "openai", OPENAI),
        (
            "sdk",
            "anthropic",
            [
                "tool_use {'path': 'a.py'}",
                "It says one.",
                "end_turn",
                "{'path': 'a.py'}",
                TYPED,
                "5",
                "stackspot-ai",
            ],
        ),
        ("sdk", "litellm", ['{"path": "a.py"}', "It says one."] * 2 + [PERSON]),
        ("sdk", "instructor", [TYPED] * 3),
        ("sdk", "langchain", ["read {'path': 'a.py'}", "It says one.", TYPED] * 2),
        ("pyai", "pydantic_ai", [f"{TYPED} ['a.py']"] * 3),
    ],
)
def test_a_packages_loop_of_calls_and_its_typed_answers(
    rooms: Path, url: str, tmp_path: Path, room: str, program: str, told: list[str]
) -> None:
    done = subprocess.run(
        [str(rooms / room / "bin" / "python"), str(PROGRAMS / f"{program}_package.py"), url],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == told
