"""httpx is loaded without its command line, whoever comes first; asked of a process that has loaded nothing yet."""

import subprocess
import sys

import pytest

from stackspot_cli.network.lean_httpx import httpx


@pytest.mark.parametrize(
    "first",
    ["", "import httpx", "import stackspot_cli.network.exchange", "import stackspot_cli.network.failures"],
)
def test_the_library_is_whole_and_its_command_line_is_left_out(first: str) -> None:
    lines = [first, "from stackspot_cli.network.lean_httpx import httpx", "import sys"]
    lines.append(
        "print(httpx.URL('http://x/y').path, sys.modules.get('httpx._main'), sys.modules['httpx'] is httpx)"
    )
    told = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.split()[:1] + told.stdout.split()[-1:] == ["/y", "True"]
    if first != "import httpx":  # whoever has it already pays for it already
        assert told.stdout == "/y None True\n"


def test_it_is_the_same_library_for_everybody() -> None:
    assert httpx is sys.modules["httpx"]
