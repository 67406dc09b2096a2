"""Which files are not looked at, and why: by their names, by the repository's own rules, by what they are.

Knows names of lock files and generated files, and how git is asked about `.reviewignore` and attributes. Where a
commit is reviewed, the rules are those of the tree before it: a change cannot take itself out of its review.
Refuses to know diffs.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.review.git import Git
from stackspot_cli.translation import _

IGNORE_FILE = ".reviewignore"
RULE_FILES = (IGNORE_FILE, ".gitattributes")
GENERATED_ATTRIBUTES = ("linguist-generated", "gitlab-generated")
_LOCK_FILES = """
    .terraform.lock.hcl Cargo.lock Cartfile.resolved Gemfile.lock Package.resolved Pipfile.lock Podfile.lock
    bun.lock bun.lockb cabal.project.freeze composer.lock conda-lock.yml deno.lock flake.lock go.sum go.work.sum
    gradle.lockfile mix.lock npm-shrinkwrap.json package-lock.json packages.lock.json paket.lock pdm.lock
    pnpm-lock.yaml poetry.lock pubspec.lock pylock.toml rebar.lock stack.yaml.lock uv.lock yarn.lock
"""
_GENERATED = """
    *.min.js *.min.css *.min.mjs *.js.map *.css.map *.mjs.map *.pb.go *.pb.cc *.pb.h *_pb2.py *_pb2.pyi *_pb2_grpc.py
    *.g.dart *.freezed.dart *.designer.cs *.g.cs *.snap
"""
_BINARY = """
    7z avi bin bmp bz2 class db dll dylib eot exe flac gif gz icns ico jar jpeg jpg jks keystore lib mo mov mp3 mp4
    npy o otf pdf png pyc so sqlite tar tgz tif tiff ttf wasm wav webm webp whl woff woff2 xls xlsx xz zip zst
"""
LOCK_FILES = frozenset(_LOCK_FILES.lower().split())
GENERATED_NAMES = tuple(_GENERATED.split())
BINARY_NAMES = tuple(f"*.{ending}" for ending in _BINARY.split())
# golang.org/s/generatedcode, with any comment's beginning; and the mark that other generators share.
_GENERATED_MARK = re.compile(
    r"^\W{0,4}\s*(?:Code generated .* DO NOT EDIT\.?|@generated\b.*)\s*(?:\*/|-->)?$"
)
MARKED_LINES = 20
_NO_NAMES = {"", ".", "..", ".git"}  # a forged tree can hold them
MOST_RULE_BYTES = 1024 * 1024
WORDS_BYTES = 60_000  # of one command line's names


@dataclass(frozen=True, slots=True)
class LeftOut:
    """why: a few words for people."""

    path: str
    why: str


def by_name(path: str) -> str | None:
    """Why a file of this name is not looked at; None where it is."""
    name = path.rpartition("/")[2]
    if name.lower() in LOCK_FILES:
        return _("lock file")
    if _fits(name, GENERATED_NAMES):
        return _("generated")
    if _fits(name, BINARY_NAMES):
        return _("binary")
    return None


def is_marked_generated(lines: Iterable[str]) -> bool:
    """Whether one of a file's first lines says that a program wrote it. lines: those."""
    return any(_GENERATED_MARK.match(line.strip()) for line in lines)


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Rules:
    """The repository's own rules, asked of git. git: sees only what the rules are read from."""

    git: Git
    from_index: bool

    def reasons(self, paths: Sequence[str]) -> dict[str, str]:
        """Path to why it is left out, for those that are."""
        if not paths:
            return {}
        ignored = dict.fromkeys(self._ignored(), IGNORE_FILE)
        return {path: _("generated") for path in self._generated(paths)} | ignored

    def _ignored(self) -> list[str]:
        listed = self.git.ask("ls-files", "-z", "-i", "-c", f"--exclude-per-directory={IGNORE_FILE}")
        return names_of(listed)

    def _generated(self, paths: Sequence[str]) -> list[str]:
        words = [
            "check-attr",
            "-z",
            "--stdin",
            *(["--cached"] if self.from_index else []),
            *GENERATED_ATTRIBUTES,
        ]
        told = names_of(self.git.ask(*words, stdin=terminated(paths)))
        triples = zip(told[::3], told[2::3], strict=True)
        return [path for path, value in triples if value in ("set", "true")]


def rules(git: Git, top: Path, paths: Sequence[str], before: str | None, folder: Path) -> Rules:
    """before: the tree whose rules count; None for the files of the working folder. folder: an empty one of ours.

    The paths are put into an index of our own, so that git can be asked about names that its own lacks; where
    the rules are an older tree's, theirs are in it, too, and the working folder holds nothing else.
    """
    where = top if before is None else folder / "rules"
    ours = git.elsewhere(where, folder / "index")
    blob = git.ask("hash-object", "-t", "blob", "--stdin").decode().strip()
    entries = [f"100644 {blob} 0\t{path}" for path in paths]
    if before is not None:
        where.mkdir()
        for path, id_ in _rule_files(git, before, paths):
            entries.append(f"100644 {id_} 0\t{path}")
            if path.rpartition("/")[2] == IGNORE_FILE:  # which git reads from a folder alone
                (where / path).parent.mkdir(parents=True, exist_ok=True)
                (where / path).write_bytes(git.ask("cat-file", "blob", id_, limit=MOST_RULE_BYTES))
    ours.ask("update-index", "-z", "--replace", "--index-info", stdin=terminated(entries))
    return Rules(ours, before is not None)


def _rule_files(git: Git, tree: str, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The paths and blobs of those in the tree that can have a say about the paths: in their folders, and above."""
    folders = {"", *(folder for path in paths for folder in _above(path))}
    asked = sorted(folder + name for folder in folders for name in RULE_FILES)
    for names in in_batches(asked):
        for entry in names_of(git.ask("ls-tree", "-z", "--full-tree", tree, "--", *names)):
            facts, _tab, path = entry.partition("\t")
            mode, kind, id_ = facts.split(" ")
            if kind == "blob" and mode != "120000":
                yield path, id_


def _above(path: str) -> Iterator[str]:
    """The folders that it lies in, each with a slash at its end. A forged tree can hold names that are none."""
    folders = path.split("/")[:-1]
    if not _NO_NAMES & {*folders}:
        for count in range(1, len(folders) + 1):
            yield "/".join(folders[:count]) + "/"


def in_batches(
    names: Iterable[str], sizes: Mapping[str, int] | None = None, most_bytes: int = 0
) -> Iterator[list[str]]:
    """As many names as one command line holds; of those with a size no more than so many bytes together."""
    batch: list[str] = []
    words = content = 0
    for name in names:
        length = len(name.encode("utf-8", "surrogateescape")) + 1
        size = sizes.get(name, 0) if sizes else 0
        if batch and (words + length > WORDS_BYTES or (sizes and content + size > most_bytes)):
            yield batch
            batch, words, content = [], 0, 0
        batch.append(name)
        words += length
        content += size
    if batch:
        yield batch


def names_of(listed: bytes) -> list[str]:
    """What `-z` lists."""
    return [name.decode("utf-8", "surrogateescape") for name in listed.split(b"\0")[:-1]]


def terminated(names: Iterable[str]) -> bytes:
    return b"".join(name.encode("utf-8", "surrogateescape") + b"\0" for name in names)
