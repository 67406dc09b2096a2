"""Prints the oldest version that pyproject.toml allows of each dependency, as constraints for pip."""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
GROUPS = (PROJECT["dependencies"], PROJECT["optional-dependencies"]["serve"])

for requirement in (one for group in GROUPS for one in group):
    found = re.fullmatch(r"([A-Za-z0-9_.-]+)>=([0-9.]+)(,<[0-9.]+)?", requirement)
    assert found, f"{requirement}: a dependency has an oldest version"
    sys.stdout.write(f"{found[1]}=={found[2]}\n")
