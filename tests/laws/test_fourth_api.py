"""Another API of the gateway touches one new file and one table: done here to a copy of the package, and then asked."""

import filecmp
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from package_source import PACKAGE

from stackspot_cli.sandbox import Sandbox

MODULE = '''
"""`POST /v1/echo`: `ask` in, `said` out."""

from stackspot_cli.dialects import asked as fields
from stackspot_cli.dialects.asked import Asked
from stackspot_cli.dialects.chat_completions import read_tools
from stackspot_cli.tools.inquiry import Inquiry, Said


def read(body):
    tools, choice, only = read_tools(body)
    return Asked(Inquiry((Said("user", body["ask"]),), tools, choice, only), stream=fields.flag(body, "stream"))


def error(problem):
    return {"wrong": problem.words}


class Writer:
    def __init__(self, before):
        self.before = before

    def begin(self):
        return b"begin|"

    def text(self, text):
        return f"{text}|".encode()

    def call(self, call):
        return f"call {call.tool.own} {call.arguments}|".encode()

    def end(self, after):
        return b"end"

    def keep_alive(self):
        return b"wait|"

    def failure(self, problem):
        return b"failed"

    def whole(self, text, calls, after):
        return {"said": text, "calls": [call.tool.own for call in calls]}
'''
ROW = '    Api("echo", "/v1/echo", "call_", echo.read, echo.Writer, echo.error),\n'
END_OF_THE_TABLE = "\n)\nBY_PATH"
IMPORT = "from stackspot_cli.dialects import chat_completions,"
CALL = '<tool_call>\n{"name": "read", "arguments": {}}\n</tool_call>'
TOOLS = [{"type": "function", "function": {"name": "read"}}]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    package = tmp_path / "copy" / "stackspot_cli"
    shutil.copytree(PACKAGE, package)
    (package / "dialects" / "echo.py").write_text(MODULE)
    table = package / "dialects" / "apis.py"
    text = table.read_text(encoding="utf-8")
    assert text.count(END_OF_THE_TABLE) == text.count(IMPORT) == 1
    text = text.replace(END_OF_THE_TABLE, f"\n{ROW.rstrip()}{END_OF_THE_TABLE}")
    table.write_text(text.replace(IMPORT, f"{IMPORT} echo,"), encoding="utf-8")
    return package


@pytest.fixture
def url(package: Path, tmp_path: Path) -> Iterator[str]:
    with Sandbox(answers=[{"answer": f"Hi.\n{CALL}"}]) as service, ExitStack() as stack:
        environ = {**os.environ, **service.environment, "PYTHONPATH": str(package.parent)}
        gateway = subprocess.Popen(
            [sys.executable, "-c", "from stackspot_cli.__main__ import main; main()", "serve", "--port", "0"],
            env={**environ, "STACKSPOTAI_HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=package.parent,
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.enter_context(gateway)
        stack.callback(gateway.kill)
        assert gateway.stdout
        yield gateway.stdout.readline().strip() + "/v1/echo"


def test_one_file_is_new_and_one_is_changed(package: Path) -> None:
    ours, theirs = ({path.relative_to(root) for path in root.rglob("*.py")} for root in (PACKAGE, package))
    _same, changed, missing = filecmp.cmpfiles(PACKAGE, package, sorted(ours), shallow=False)
    assert sorted(theirs - ours) == [Path("dialects/echo.py")]
    assert (changed, missing) == ([Path("dialects/apis.py")], [])


def test_it_answers_with_text_and_calls_whole_and_streamed_and_with_its_own_errors(url: str) -> None:
    asked = {"ask": "Say hi", "tools": TOOLS}
    with httpx.Client(trust_env=False, verify=False, timeout=60) as caller:
        assert caller.post(url, json=asked).json() == {"said": "Hi.", "calls": ["read"]}
        streamed = caller.post(url, json={**asked, "stream": True}).text
        assert streamed == "begin|Hi.|call read {}|end"
        refused = caller.post(url, json={**asked, "stream": "yes"})
    assert (refused.status_code, refused.json()) == (400, {"wrong": "`stream` is true or false"})
