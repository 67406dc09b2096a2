"""Which change is meant: what was asked for, or what a build builds, or what the upstream branch does not have.

Knows git's names for commits. Refuses to know what is in the change.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.review.git import Git, GitFailed
from stackspot_cli.review.pipeline import Request, request_of
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

EVENT_BYTES = 8 * 1024 * 1024  # GitHub's largest webhook payload is 25 MB; a pull request's is below 1
SHORT = 10  # characters of a commit's id, for people

Side: TypeAlias = Literal["commit", "index", "files"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for; at most one of them."""

    base: str | None = None
    staged: bool = False
    commit: str | None = None
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """old: the tree or commit before; None where files are looked at whole. new: the commit after it.

    side: where what is new stands: in a commit, in the index, or in the files of the working folder.
    described: for people. to_head: what lies in the working folder may have gone on from there.
    """

    described: str
    side: Side
    old: str | None = None
    new: str | None = None
    to_head: bool = False


def choose(wanted: Wanted, git: Git, environ: Mapping[str, str]) -> Compared:
    """Raises UsageError where the change cannot be had from this clone."""
    if wanted.paths:
        return Compared(_("the files as they are"), "files")
    if wanted.commit is not None:
        return _one_commit(git, wanted.commit)
    head = git.line("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if wanted.staged:
        return Compared(_("what is staged"), "index", head or empty_tree(git))
    if wanted.base is not None:
        return _since(git, _commit(git, wanted.base, "--base"), wanted.base, head)
    request = request_of(environ, _event(environ))
    if request is not None:
        return _of_request(git, request, head)
    return _not_upstream(git, head)


def empty_tree(git: Git) -> str:
    """The id of the tree without files, in this repository's own hash."""
    return git.ask("hash-object", "-t", "tree", "--stdin").decode().strip()


def _one_commit(git: Git, name: str) -> Compared:
    commit = _commit(git, name, "--commit")
    before = git.line("rev-parse", "--verify", "--quiet", f"{commit}^1")
    if before is None and _parents(git, commit):
        raise _too_shallow(git, name, None)
    return Compared(
        _("the commit {commit}").format(commit=_shown(name, commit)),
        "commit",
        before or empty_tree(git),
        commit,
    )


def _since(git: Git, base: str, name: str, head: str | None) -> Compared:
    """From where the two lines of development parted to HEAD."""
    if head is None:
        raise UsageError(
            _("the repository has no commit yet, so there is nothing between it and {name}").format(
                name=safe_line(name)
            ),
            _("leave out --base: what is not committed yet is looked at then"),
        )
    parted = git.line("merge-base", base, head)
    if parted is None:
        raise _too_shallow(git, name, None)
    described = _("{base} to HEAD ({commit})").format(base=_shown(name, parted), commit=head[:SHORT])
    return Compared(described, "commit", parted, head, to_head=True)


def _of_request(git: Git, request: Request, head: str | None) -> Compared:
    if head is None:
        raise _too_shallow(git, "HEAD", request)
    parents = _parents(git, head)
    _check_head(git, request, head, parents)
    if request.merges and len(parents) == 2 and request.head in (parents[1], None):
        # The service has merged the request into its base for this build: the first parent is that base.
        if git.line("rev-parse", "--verify", "--quiet", f"{parents[0]}^{{commit}}") is None:
            raise _too_shallow(git, request.named, request)
        return _described(request, parents[0], head)
    for name in request.bases or (request.branch,):
        base = git.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        parted = git.line("merge-base", base, head) if base else None
        if parted is not None:
            return _described(request, parted, head)
    raise _too_shallow(git, request.named, request)


def _described(request: Request, base: str, head: str) -> Compared:
    form = (
        _("the push that {service} builds, {base} to {commit}")
        if request.is_push
        else _("the request of {service}, {base} to {commit}")
    )
    described = form.format(service=request.service, base=base[:SHORT], commit=head[:SHORT])
    return Compared(described, "commit", base, head, to_head=True)


def _check_head(git: Git, request: Request, head: str, parents: list[str]) -> None:
    """A checkout of the base alone would look like a request without a change."""
    if request.head is None or request.head == head or request.head in parents:
        return
    try:
        git.ask("merge-base", "--is-ancestor", request.head, head)
    except GitFailed as error:
        raise UsageError(
            _("what was checked out ({commit}) does not hold the request's own commit {head}").format(
                commit=head[:SHORT], head=safe_line(request.head)[:SHORT]
            ),
            _("check out the request, not its base; or name the change: --base REV"),
        ) from error


def _parents(git: Git, commit: str) -> list[str]:
    """As the commit itself tells them: in a shallow clone git would say that it has none."""
    head, _blank, _message = git.ask("cat-file", "commit", commit).partition(b"\n\n")
    return [line[len(b"parent ") :].decode() for line in head.split(b"\n") if line.startswith(b"parent ")]


def _not_upstream(git: Git, head: str | None) -> Compared:
    """Everything that the upstream branch lacks, committed or not; without one: what is not committed."""
    if head is None:
        return Compared(_("what is not committed yet"), "files", empty_tree(git))
    upstream = git.line("rev-parse", "--abbrev-ref", "--verify", "--quiet", "@{upstream}")
    base = git.line("rev-parse", "--verify", "--quiet", "@{upstream}^{commit}") if upstream else None
    parted = git.line("merge-base", base, head) if base else None
    if upstream is None or parted is None or parted == head:
        return Compared(_("what is not committed yet"), "files", head)
    described = _("everything that {branch} does not have, committed or not").format(
        branch=safe_line(upstream, 100)
    )
    return Compared(described, "files", parted)


def _commit(git: Git, name: str, option: str) -> str:
    found = None
    if name and not name.startswith("-"):
        found = git.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found is None:
        if git.line("rev-parse", "--is-shallow-repository") == "true":
            raise _too_shallow(git, name, None)
        raise UsageError(
            _("{option}: git knows no commit {name}").format(option=option, name=safe_line(name, 100)),
            _("a branch, a tag or a commit; `git log --oneline` shows some"),
        )
    return found


def _too_shallow(git: Git, name: str, request: Request | None) -> UsageError:
    """Why two commits cannot be compared in this clone."""
    shallow = git.line("rev-parse", "--is-shallow-repository") == "true"
    if request is not None:
        message = _("{service}: this clone does not reach back to {name}").format(
            service=request.service, name=safe_line(name, 100)
        )
        return UsageError(message, request.deeper)
    if shallow:
        return UsageError(
            _("this clone is shallow and does not reach back to {name}").format(name=safe_line(name, 100)),
            _("git fetch --unshallow origin; in a pipeline, clone the whole history"),
        )
    return UsageError(
        _("HEAD and {name} have no common history").format(name=safe_line(name, 100)),
        _("name another one with --base; `--commit REV` looks at one commit"),
    )


def _shown(name: str, commit: str) -> str:
    name = safe_line(name, 100)
    return name if commit.startswith(name) else f"{name} ({commit[:SHORT]})"


def _event(environ: Mapping[str, str]) -> bytes:
    """GitHub's description of what set the workflow off; nothing elsewhere."""
    path = environ.get("GITHUB_EVENT_PATH")
    if environ.get("GITHUB_ACTIONS") != "true" or not path:
        return b""
    try:
        with Path(os.fspath(path)).open("rb") as file:
            return file.read(EVENT_BYTES)
    except OSError:
        return b""
