"""Where prompts lie, and which one a name means: the project's, the user's, those that ship with the program.

Knows folders and the rule that a project's prompt is text and nothing more: it opens no file outside the project.
Refuses to know what a prompt is used for. Nothing is created by looking.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.nearest import nearest
from stackspot_cli.prompts import reading
from stackspot_cli.prompts.template import Template
from stackspot_cli.safe_text import safe_line
from stackspot_cli.settings import config_file
from stackspot_cli.translation import _, language

PROJECT_FOLDER = ".stackspot"
Origin: TypeAlias = Literal["project", "user", "built-in"]


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of prompts. project: the folder that holds `.stackspot`, which its files may not leave."""

    folder: Path
    origin: Origin
    project: Path | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A prompt's file, not read yet."""

    name: str
    path: Path
    place: Place


@dataclass(frozen=True, slots=True)
class Library:
    """The places in which a name is looked for, in their order."""

    places: tuple[Place, ...]

    def entries(self) -> Iterator[Entry]:
        """One for each name: the first place that has it counts."""
        seen = set()
        for place in self.places:
            for path in _files(place.folder):
                name = reading.name_of(path)
                if name not in seen:
                    seen.add(name)
                    yield Entry(name, path, place)

    def find(self, reference: str) -> Entry:
        """A name, or a path. Raises UsageError with what there is."""
        if is_path(reference):
            path = Path(reference)
            if path.is_file():
                return Entry(reading.name_of(path), path, self._place_of(path))
            raise UsageError(
                _("there is no file {path}").format(path=safe_line(reference)),
                _("a name without a slash is looked for among the prompts: `stackspot prompts list`"),
            )
        entries = list(self.entries())
        for entry in entries:
            if entry.name == reference:
                if entry.place.origin == "user":  # it may name any file: somebody else's word is not enough
                    config_file.refuse_doubtful(entry.path)
                return entry
        names = [entry.name for entry in entries]
        near = nearest(reference, names)
        raise UsageError(
            _("there is no prompt {name}").format(name=safe_line(reference, 60)),
            _("did you mean {names}?").format(names=", ".join(near))
            if near
            else _("there are {names}; `stackspot prompts new {new}` makes one").format(
                names=", ".join(names), new=safe_line(reference, 60)
            ),
        )

    def _place_of(self, path: Path) -> Place:
        """A path within a project's own folder of prompts is the project's; any other is the user's."""
        real = path.resolve()
        for place in self.places:
            if place.origin == "project" and real.is_relative_to(place.folder.resolve()):
                return place
        return Place(path.parent, "user")


def load(entry: Entry) -> Template:
    """Raises ConfigError with line and column, and for a project's prompt that is a link to elsewhere."""
    return reading.read(text_of(entry), entry.path)


def text_of(entry: Entry) -> str:
    """Raises ConfigError for a file that is no text, and for a project's prompt that is a link to elsewhere."""
    _stay_inside(entry, entry.path, entry.path.name)
    return config_file.read_text(entry.path, required=True) or ""


def place_for_new(library: Library, *, user: bool) -> Place:
    """Where a new prompt belongs: at the top of the repository that we are in, else to the person."""
    projects = [place for place in library.places if place.origin == "project"]
    in_repository = [place for place in projects if place.project and (place.project / ".git").exists()]
    existing = [place for place in projects if place.folder.is_dir()]
    if not user and (found := existing or in_repository):
        return found[0]
    return next(place for place in library.places if place.origin == "user")


def files_of(entry: Entry, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The files that a head names, seen from the project, else from the prompt's own folder; globs are followed.

    Raises ConfigError where a project's prompt names what lies outside the project, UsageError for what is
    not there.
    """
    import glob  # deferred: few prompts name files

    base = entry.place.project or entry.path.parent
    found: list[str] = []
    for pattern in patterns:
        is_name = os.path.lexists(base / pattern)
        names = [pattern] if is_name else glob.glob(pattern, root_dir=base, recursive=True)  # noqa: PTH207  # Path has no root_dir
        paths = [base / name for name in sorted(names) if not (base / name).is_dir()]
        if not paths:
            raise UsageError(
                _("no file {path}").format(path=safe_line(pattern)),
                _("{path} names it; its names are seen from {folder}").format(path=entry.path, folder=base),
            )
        for path in paths:
            _stay_inside(entry, path, pattern)
            found.append(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))
    return tuple(dict.fromkeys(found))


def _stay_inside(entry: Entry, path: Path, shown: str) -> None:
    """A project's prompt is text that somebody else may have written: it reaches nothing outside the project."""
    project = entry.place.project
    if project is not None and not path.resolve().is_relative_to(project.resolve()):
        raise ConfigError(
            _("{path}: {name} lies outside the project").format(path=entry.path, name=safe_line(shown)),
            _("a project's prompt names files of the project; give others with -f"),
        )


def library_here(config_dir: Path, environ: Mapping[str, str]) -> Library:
    """As seen from the folder that we are in, in the language of the locale."""
    try:
        here = Path.cwd()
    except OSError:  # a folder that is gone has no project
        here = Path(os.sep)
    return library(here, config_dir / "prompts", language(environ))


def library(working_folder: Path, user_folder: Path, language_: str | None) -> Library:
    """user_folder: the `prompts` folder of the user's configuration. language_: of the prompts that ship with us."""
    shipped = Path(__file__).parent / "shipped" / (language_ or "en")
    projects = [
        Place(folder / PROJECT_FOLDER / "prompts", "project", folder) for folder in up_to_top(working_folder)
    ]
    return Library((*projects, Place(user_folder, "user"), Place(shipped, "built-in")))


def up_to_top(folder: Path) -> Iterator[Path]:
    """The folder and those above it, up to the top of its repository; only itself where it is in none."""
    above = [folder, *folder.parents]
    top = next((number for number, one in enumerate(above) if (one / ".git").exists()), 0)
    yield from above[: top + 1]


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.name.endswith((".md", *reading.GITHUB))
            and not path.name.startswith(".")
            and path.is_file()
        )
    except OSError:
        return []


def is_path(reference: str) -> bool:
    return os.sep in reference or "/" in reference or reference.endswith((".md", *reading.GITHUB))
