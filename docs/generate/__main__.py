"""`python -m docs.generate [--check]`, from the root of the source tree."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def plain_world() -> None:
    """English, and nobody's settings: before the first import of the package, which reads the locale."""
    for name in list(os.environ):
        if name.startswith(("LC_", "LANG", "STACKSPOT", "_TYPER")) or name == "COLUMNS":
            del os.environ[name]
    os.environ["LC_ALL"] = "C.UTF-8"


def everything() -> dict[str, bytes]:
    """Path below the root to what the file should hold."""
    try:
        from docs.generate import architecture, catalogue, completions, gallery, man, tables
    except ModuleNotFoundError as error:
        raise SystemExit(f"docs.generate needs {error.name}: pip install -e '.[dev]'") from error

    found: dict[str, str | bytes] = {}
    for module in (man, completions, architecture, gallery, tables, catalogue):
        found |= module.files()
    return {name: text.encode() if isinstance(text, str) else text for name, text in found.items()}


def lagging(wanted: Mapping[str, bytes]) -> list[str]:
    """The files that are missing, differ, or are left over from a command that is no more."""
    different = [
        name
        for name, content in wanted.items()
        if not (ROOT / name).is_file() or (ROOT / name).read_bytes() != content
    ]
    return sorted(different + left_over(wanted))


def left_over(wanted: Mapping[str, bytes]) -> list[str]:
    """Folders that hold generated files alone hold no others."""
    there = [
        path for folder in ("man", "completions") for path in (ROOT / folder).glob("*") if path.is_file()
    ]
    return sorted(
        name for name in (path.relative_to(ROOT).as_posix() for path in there) if name not in wanted
    )


def main(arguments: list[str]) -> int:
    plain_world()
    wanted = everything()
    late = lagging(wanted)
    if arguments == ["--check"]:
        for name in late:
            sys.stdout.write(f"{name} lags: run `python -m docs.generate` and commit what it writes\n")
        return 1 if late else 0
    for name in late:
        path = ROOT / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted[name])
        else:
            path.unlink()
        sys.stdout.write(f"{'wrote' if name in wanted else 'removed'} {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
