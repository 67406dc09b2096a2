"""A process without root's rights, whoever runs the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
# The libraries are loaded with the rights that can read them; then the rights go.
DROP = f"""
import os
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid({NOBODY}, {NOBODY}, {NOBODY})
    os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
"""


@contextmanager
def folder_of_somebody() -> Iterator[Path]:
    """A folder that is theirs, where they may come: pytest's own is closed to everybody else."""
    folder = Path(tempfile.mkdtemp(prefix="stackspot-test-"))
    try:
        give(folder)
        yield folder
    finally:
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o700)
        shutil.rmtree(folder)


def give(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def run_as_somebody(imports: str, code: str, *arguments: str, **environ: str) -> str:
    """What the code prints. imports: loaded before the rights go. `arguments` are its `sys.argv[1:]`."""
    program = f"import sys\n{imports}\n{DROP}\n{code}"
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environ}, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
