"""What a person installs: the wheel, built from the source distribution, in a clean environment."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS_WITH_PAGES = 13  # stackspot itself, and each command but help
SHARED = {
    "share/bash-completion/completions/stackspot": "completions/stackspot.bash",
    "share/zsh/site-functions/_stackspot": "completions/_stackspot",
    "share/fish/vendor_completions.d/stackspot.fish": "completions/stackspot.fish",
}
pytestmark = [
    pytest.mark.skipif(not (ROOT / "pyproject.toml").is_file(), reason="not run from a source tree"),
    pytest.mark.xdist_group("wheel"),
]


@dataclass(frozen=True, slots=True)
class Installed:
    sdist: Path
    wheel: Path
    prefix: Path
    folder: Path

    def run(self, *argv: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        scripts = self.prefix / ("Scripts" if os.name == "nt" else "bin")
        kept = {
            name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ
        }
        home = {"HOME": str(self.folder), "STACKSPOTAI_HOME": str(self.folder / "home"), "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [str(scripts / "stackspot"), *argv],
            cwd=self.folder,
            env={**kept, **home, **environ},
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run([*build, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    [sdist] = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    source = folder / sdist.name.removesuffix(".tar.gz")
    subprocess.run([*build, "-t", "wheel"], cwd=source, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    prefix = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(prefix)], check=True)
    python = prefix / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    # The dependencies of this environment, after the wheel's own: a line of a .pth brings no other .pth with it.
    purelib = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(purelib, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    yield Installed(sdist, wheel, prefix, folder)


def test_it_runs_from_the_wheel_and_nowhere_else(installed: Installed) -> None:
    where = "import stackspot_cli; print(stackspot_cli.__file__)"
    python = installed.prefix / ("Scripts" if os.name == "nt" else "bin") / "python"
    run = subprocess.run(
        [str(python), "-c", where], cwd=installed.folder, capture_output=True, text=True, check=True
    )
    assert Path(run.stdout.strip()).is_relative_to(installed.prefix)


def test_the_shared_files_lie_where_man_and_the_shells_look(installed: Installed) -> None:
    wanted = {path: (ROOT / source).read_bytes() for path, source in SHARED.items()}
    wanted |= {f"share/man/man1/{page.name}": page.read_bytes() for page in (ROOT / "man").glob("*.1")}
    found = {path: (installed.prefix / path).read_bytes() for path in wanted}
    assert found == wanted
    assert len(wanted) >= COMMANDS_WITH_PAGES


def test_a_command_from_the_wheel_answers(installed: Installed) -> None:
    run = installed.run("--sandbox", "complete", "--no-stdin", "--format", "json", "Say hi")
    assert (run.returncode, run.stderr) == (0, "")
    assert '"object":"chat.completion"' in run.stdout.replace(" ", "")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--version"], 0),
        (["--help"], 0),
        (["models"], 0),
        (["--sandbox", "status"], 0),
        (["--sandbox", "chat", "--help"], 0),
        (["history", "list"], 0),
        (["complete", "--nonsense"], 2),
        (["complete", "--no-stdin", "hi"], 4),
    ],
)
def test_the_exit_codes_are_those_of_the_source(installed: Installed, argv: list[str], code: int) -> None:
    assert installed.run(*argv, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring").returncode == code


def test_a_shell_gets_its_offers_from_the_wheel(installed: Installed) -> None:
    run = installed.run(
        _STACKSPOT_COMPLETE="complete_lines", _TYPER_COMPLETE_ARGS="stackspot complete --format "
    )
    assert (run.returncode, run.stdout.split()) == (0, ["text", "markdown", "json", "jsonl"])


def test_end_to_end_tests_pass_on_the_wheel(installed: Installed) -> None:
    """Some of them; CI runs them all on the wheel, and so does `make wheel`."""
    python = installed.prefix / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [str(python), "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--noconftest"]
    run = subprocess.run(
        [*command, "tests/e2e/test_bad_days.py", "-k", "faults3 or faults7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert (run.returncode, run.stderr) == (0, ""), run.stdout


def test_the_wheel_holds_the_package_and_no_tests(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
        names = set(archive.namelist())
    version = installed.wheel.name.split("-")[1]
    assert tops == {"stackspot_cli", *(f"stackspot_cli-{version}.{part}" for part in ("data", "dist-info"))}
    assert "stackspot_cli/py.typed" in names


def test_the_source_distribution_has_what_a_distribution_needs(installed: Installed) -> None:
    """To build, to test, to read, and to generate again; and nothing that lay about."""
    with tarfile.open(installed.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "pyproject.toml",
        "man/stackspot.1",
        "completions/_stackspot",
        "docs/generate/__main__.py",
        "tests/support/program.py",
        "tests/laws/test_generated_files.py",
        "bench/__main__.py" if (ROOT / "bench" / "__main__.py").exists() else "bench/__init__.py",
    }
    assert needed - names == set()
    assert {name for name in names if "__pycache__" in name or name.startswith((".venv", ".git/"))} == set()
