"""The tools themselves, as released: Aider, llm, LiteLLM and the openai package against the gateway, and StackSpot's
public SDK, stkai, against the sandbox.

Not run by default, because each is installed from the package index into a venv of its own (Aider is big):

    STACKSPOT_TEST_AIDER=1 pytest tests/e2e/test_real_tools.py

STACKSPOT_TEST_AIDER may also name a folder, where they are installed once and found again. What Aider and llm are
configured with is what `stackspot serve --print-config` prints.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from stackspot_cli.sandbox import Sandbox

WANTED = os.environ.get("STACKSPOT_TEST_AIDER", "")
pytestmark = [
    pytest.mark.skipif(not WANTED, reason="installs Aider: set STACKSPOT_TEST_AIDER=1"),
    pytest.mark.timeout(1800),
]
BEFORE = "def double(n: int) -> int:\n    return 2 * n\n"
AFTER = BEFORE + "\n\ndef factorial(n: int) -> int:\n    return 1 if n < 2 else n * factorial(n - 1)\n"
Gateway = Callable[..., str]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """Serves these answers, the last one from then on; gives the address."""
    with ExitStack() as stack:

        def start(*answers: str) -> str:
            server = stack.enter_context(Sandbox(answers=[{"answers": answers}]))
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "stackspot_cli", "serve", "--port", "0"],
                    env={**os.environ, **server.environment, "STACKSPOTAI_HOME": str(tmp_path / "home")},
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            assert process.stdout
            return process.stdout.readline().strip() + "/v1"

        yield start


def printed(client: str, url: str) -> str:
    """What `--print-config` prints for the gateway at this address."""
    port = url.removesuffix("/v1").rpartition(":")[2]
    command = ["serve", "--port", port, "--print-config", client, "-m", "stackspot-ai-code"]
    run = subprocess.run(
        [sys.executable, "-m", "stackspot_cli", *command], check=True, capture_output=True, text=True
    )
    return run.stdout


def installed(folder: Path, *packages: str, python: str = sys.executable) -> Path:
    """A venv's `bin` with the packages in it."""
    if os.sep in WANTED:
        folder = Path(WANTED) / folder.name
        if folder.exists():
            return folder / "bin"
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(folder / "bin/pip"), "install", "-q", *packages], check=True)
    return folder / "bin"


def run(command: list[str], cwd: Path, **environ: str) -> str:
    plain = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**plain, "HOME": str(cwd), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_aider_edits_a_file_in_a_repository(gateway: Gateway, tmp_path: Path) -> None:
    aider = installed(tmp_path / "aider", "aider-chat") / "aider"
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "maths.py").write_text(BEFORE)
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "Start"]):
        run([*git, *command], repository)
    url = gateway(f"I add it.\n\nmaths.py\n```python\n{AFTER}```\n")
    (repository / ".aider.conf.yml").write_text(
        printed("aider", url) + "check-update: false\nanalytics: false\nyes-always: true\n"
    )
    told = run(
        [str(aider), "--message", "Add a factorial function", "maths.py"],
        repository,
        LITELLM_LOCAL_MODEL_COST_MAP="True",
    )
    assert "Applied edit to maths.py" in told
    assert (repository / "maths.py").read_text() == AFTER
    assert len(run([*git, "log", "--oneline", "--", "maths.py"], repository).splitlines()) == 2


ASK_OPENAI = """
import sys
from openai import BadRequestError, OpenAI
client = OpenAI(base_url=sys.argv[1], api_key="any")
ask = {"model": "stackspot-ai-code", "messages": [{"role": "user", "content": "Say it"}]}
print(client.chat.completions.create(**ask).choices[0].message.content)
chunks = list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
print("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices))
print(chunks[-1].usage.total_tokens > 0, "stackspot-ai-code" in [model.id for model in client.models.list()])
try:
    client.chat.completions.create(**ask, n=2)
except BadRequestError as error:
    print(error.param)
"""

ASK_LITELLM = """
import sys
import litellm
ask = {"model": "openai/stackspot-ai-code", "api_base": sys.argv[1], "api_key": "any"}
said = [{"role": "user", "content": "Say it"}]
print(litellm.completion(**ask, messages=said).choices[0].message.content)
print("".join(chunk.choices[0].delta.content or "" for chunk in litellm.completion(**ask, messages=said, stream=True)))
try:
    litellm.completion(**ask, messages=[{"role": "user", "content": "word " * 20_000}])
except litellm.ContextWindowExceededError:
    print("too long")
"""


def test_the_openai_package_and_litellm_and_llm_answer(gateway: Gateway, tmp_path: Path) -> None:
    tools = installed(tmp_path / "tools", "openai", "litellm", "llm")
    url = gateway("Olá, world")
    python = [str(tools / "python"), "-c"]
    assert run([*python, ASK_OPENAI, url], tmp_path) == "Olá, world\nOlá, world\nTrue True\nn\n"
    litellm = run([*python, ASK_LITELLM, url], tmp_path, LITELLM_LOCAL_MODEL_COST_MAP="True")
    assert [line for line in litellm.splitlines() if "o" in line and "LiteLLM" not in line][:2] == [
        "Olá, world"
    ] * 2
    assert "too long" in litellm
    (tmp_path / "extra-openai-models.yaml").write_text(printed("llm", url))
    asked = [str(tools / "llm"), "-m", "stackspot", "Say it"]
    assert run(asked, tmp_path, LLM_USER_PATH=str(tmp_path)) == "Olá, world\n"


def test_llm_calls_a_function_and_answers_with_a_form(gateway: Gateway, tmp_path: Path) -> None:
    llm = str(installed(tmp_path / "tools", "openai", "litellm", "llm") / "llm")
    call = '<tool_call>\n{"name": "read", "arguments": {"path": "a.py"}}\n</tool_call>'
    url = gateway(call, "It says one.", '```json\n{"name": "Ana", "age": 7}\n```')
    (tmp_path / "extra-openai-models.yaml").write_text(printed("llm", url))
    function = "def read(path: str) -> str:\n    print('asked for', path)\n    return 'x = 1'\n"
    asked = [llm, "-m", "stackspot", "--functions", function, "--no-stream", "What does a.py say?"]
    told = run(asked, tmp_path, LLM_USER_PATH=str(tmp_path))
    assert told.splitlines()[:: len(told.splitlines()) - 1] == ["asked for a.py", "It says one."]
    asked = [llm, "-m", "stackspot", "--schema", "name, age int", "Who?"]
    assert run(asked, tmp_path, LLM_USER_PATH=str(tmp_path)).strip() == '{"name": "Ana", "age": 7}'


# --- stkai, which needs Python 3.12 --------------------------------------------------------------------

ASK_STKAI = """
import sys
from pathlib import Path
from stkai import STKAI, Agent, ChatRequest, FileUploader, FileUploadRequest, RemoteQuickCommand, RqcRequest
from stkai import UseConversation

url, note = sys.argv[1:]
STKAI.configure(
    auth={"client_id": "sandbox-client", "client_secret": "sandbox-key-not-a-secret",
          "token_url": f"{url}/sandbox/oidc/oauth/token"},
    agent={"base_url": url, "retry_initial_delay": 0.01},
    rqc={"base_url": url, "poll_interval": 0.05, "retry_initial_delay": 0.01},
    file_upload={"base_url": url, "retry_initial_delay": 0.01},
)
agent = Agent("01HQ3W8ZK9V5X2M7C4N6B8D0EF")  # anybody's
def ask(prompt, **more):
    answer = agent.chat(ChatRequest(prompt, **more))
    return answer.result if answer.is_success() else answer.error
whole = agent.chat(ChatRequest("Say it", return_knowledge_sources=True))
print(whole.result, whole.stop_reason, whole.knowledge_sources, whole.tokens.total > 0)
with agent.chat_stream(ChatRequest("Say it")) as stream:
    print("".join(stream.text_stream), stream.response.tokens.total > 0)
with UseConversation():
    ask("Hi")
    with agent.chat_stream(ChatRequest("Hello")) as stream:
        print("".join(stream.text_stream).partition("conversation ")[2])
    print(ask("Hi again").partition("conversation ")[2])
print({one.result for one in agent.chat_many([ChatRequest(f"Say {number}") for number in range(12)])})
uploaded = FileUploader().upload(FileUploadRequest(file_path=note))
print(ask("Hi there", upload_ids=[uploaded.upload_id]).partition("attachments ")[2].partition(",")[0])
command = RemoteQuickCommand("any-command-of-yours", listeners=[])
print(command.execute(RqcRequest(payload="Judge it")).result)
print([one.result for one in command.execute_many([RqcRequest(payload={"judge": n}) for n in range(3)])])
print(ask("busy"), "|", ask("forbidden"))
"""
STKAI_RULES = [
    {"when": "^Say it", "answer": "Olá, world"},
    {"when": "^Say [0-9]", "answer": "one of many"},
    {"when": "(?i)judge", "answer": '{"approved": true}'},
    {"when": "busy", "answer": "at last", "fault": "server-error", "times": 2},
    {"when": "forbidden", "fault": "forbidden"},
]
STKAI_SAID = """\
Olá, world stop ['stackspot-knowledge'] True
Olá, world True
turn 2. Before that you said: `Hi`
turn 3. Before that you said: `Hello`
{'one of many'}
`note.txt`
{'approved': True}
[{'approved': True}, {'approved': True}, {'approved': True}]
at last | Chat message failed due to an HTTP error 403: \n"""


def newer_python() -> str:
    """A Python from 3.12 on: ours, one on the PATH, or one of pyenv's."""
    names = ["python3.12", "python3.13", "python3.14"]
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    there = [
        sys.executable,
        *filter(None, map(shutil.which, names)),
        *map(str, root.glob("3.1[2-9]*/bin/python3")),
    ]
    ask = ["-c", "import sys, venv; sys.exit(sys.version_info < (3, 12))"]
    for python in there:
        if subprocess.run([python, *ask], capture_output=True).returncode == 0:
            return python
    pytest.skip("stkai needs Python 3.12 or newer")


def test_stkai_chats_streams_uploads_and_runs_quick_commands(tmp_path: Path) -> None:
    python = installed(tmp_path / "stkai", "stkai==0.4.18", python=newer_python()) / "python"
    (tmp_path / "note.txt").write_text("hello")
    with Sandbox(answers=STKAI_RULES) as server:
        said = run([str(python), "-c", ASK_STKAI, server.url, "note.txt"], tmp_path)
        prompts = [request.json["user_prompt"] for request in server.requests if "/chat" in request.path]
        sent = next(request.json for request in server.requests if "/chat" in request.path)
    assert said == STKAI_SAID
    assert prompts.count("busy") == 3  # twice a 503, which it tries again
    assert sent["stackspot_knowledge"] == "true"  # as a text: that is how it is written
