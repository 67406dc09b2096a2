"""Another way to ask touches one new file and one table: done here to a copy of the package, and then used."""

import filecmp
import shutil
from pathlib import Path

import pytest
from fault_server import END, FaultServer, delta, stream
from package_source import PACKAGE
from program import Outcome, Program

MODULE = '''
"""`/v1/echo/{slug}`: says it again."""

from stackspot_cli.routes.call import EVENT_STREAM, Call
from stackspot_cli.routes.frames import FrameReader


def request(model, prompt, version):
    return Call("POST", "tools", f"/v1/echo/{model.target}", {"say": prompt.text}, headers=EVENT_STREAM)


def reader():
    return FrameReader("answer")
'''
ROW = """\
    Route(
        "echo",
        module="echo",
        config_key="echo",
        reference="echo",
        target="slug",
        noun=_("echo"),
        service="tools",
        takes=("deep_search",),
    ),
"""
END_OF_THE_TABLE = "\n)\n\n\ndef named"
CONFIG = "providers: {stackspot: {models: {loud: {echo: canyon, best_for: being heard}}}}\n"


class Fourth:
    """The program with a fourth route."""

    def __init__(self, program: Program, package: Path) -> None:
        self.program = program
        self.package = package
        self._environ = {"PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, *argv: str, **environ: str) -> Outcome:
        return self.program.run(*argv, env={**self._environ, **environ})


@pytest.fixture
def fourth(program: Program, tmp_path: Path) -> Fourth:
    package = tmp_path / "copy" / "stackspot_cli"
    shutil.copytree(PACKAGE, package)
    (package / "routes" / "echo.py").write_text(MODULE)
    table = package / "routes" / "__init__.py"
    text = table.read_text(encoding="utf-8")
    assert text.count(END_OF_THE_TABLE) == 1
    table.write_text(text.replace(END_OF_THE_TABLE, f"\n{ROW.rstrip()}{END_OF_THE_TABLE}"), encoding="utf-8")
    program.home.mkdir()
    (program.home / "config.yaml").write_text(CONFIG)
    return Fourth(program, package)


def test_one_file_is_new_and_one_is_changed(fourth: Fourth) -> None:
    ours, theirs = (
        {path.relative_to(root) for path in root.rglob("*.py")} for root in (PACKAGE, fourth.package)
    )
    _same, changed, missing = filecmp.cmpfiles(PACKAGE, fourth.package, sorted(ours), shallow=False)
    assert sorted(theirs - ours) == [Path("routes/echo.py")]
    assert (changed, missing) == ([Path("routes/__init__.py")], [])


def test_its_models_are_listed_and_described(fourth: Fourth) -> None:
    listed = fourth.run("models", "--format", "json").json
    assert [model["name"] for model in listed if model["route"] == "echo"] == ["loud"]
    shown = fourth.run("models", "echo:canyon", "--format", "json").json
    assert (shown["name"], shown["target"]) == ("echo:canyon", "canyon")
    assert (shown["description"], shown["streaming"]) == ("echo canyon", True)


def test_its_request_can_be_looked_at(fourth: Fourth) -> None:
    request = fourth.run("complete", "-m", "loud", "--dry-run", "Hello").json
    assert (request["url"], request["body"]) == (
        f"{fourth.program.server.url}/v1/echo/canyon",
        {"say": "Hello"},
    )


def test_a_tab_offers_its_models_and_their_references(fourth: Fourth) -> None:
    def offered(line: str) -> list[str]:
        done = fourth.run(_STACKSPOT_COMPLETE="complete_lines", _TYPER_COMPLETE_ARGS=f"stackspot {line}")
        return [word.partition("\t")[0] for word in done.out.splitlines()]

    assert offered("complete -m lo") == ["loud"]
    assert offered("complete -m echo:") == ["echo:canyon"]
    assert "providers.stackspot.models.loud.echo" in offered("config get providers.stackspot.models.loud.")


def test_it_answers(fourth: Fourth, server: FaultServer) -> None:
    server.api(stream(delta("hello, "), delta("hello"), END))
    assert fourth.run("complete", "-m", "echo:canyon", "--deep-search", "Hello").told == (
        0,
        "hello, hello\n",
        "",
    )
    asked = server.requests[-1]
    assert (asked.method, asked.target, asked.json) == ("POST", "/v1/echo/canyon", {"say": "Hello"})


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("complete", "--help"), "agent:ULID, command:SLUG or echo:SLUG"),
        (("complete", "-m", "zzz", "Hi"), "also agent:ULID, command:SLUG or echo:SLUG"),
        (("complete", "-m", "echo:a/b", "Hi"), "'echo:a/b': the part after `echo:` must be a slug"),
        (("complete", "-m", "loud", "--select-model", "x", "Hi"), "loud takes no --select-model"),
        (("complete", "-m", "stackspot-ai", "--deep-search", "Hi"), "-m agent:ULID or echo:SLUG"),
        (("config", "set", "providers.stackspot.models.b.echo", "a/b"), "b.echo must be a slug"),
    ],
)
def test_the_sentences_know_it(fourth: Fourth, argv: tuple[str, ...], words: str) -> None:
    outcome = fourth.run(*argv)
    assert words in " ".join((outcome.out + outcome.err).split())
