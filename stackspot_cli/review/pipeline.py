"""The change that a build service says it builds: a pull or merge request's base, from the service's own variables.

Pure: variables and GitHub's event in, names for git out. Knows GitHub Actions, GitLab CI, Azure Pipelines and
Jenkins; refuses to know git.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Request:
    """bases: what the change is measured against, the best name first; the first that the clone has counts.

    branch: what a branch that is new to the service is measured against, in the place of bases.
    service: whose variables said so. head: the commit that must be part of what was checked out, where told.
    merges: what was checked out may be a merge made by the service, whose first parent is the base then.
    deeper: how this service is told to clone the whole history. is_push: it is no request to merge.
    """

    service: str
    bases: tuple[str, ...]
    deeper: str
    head: str | None = None
    merges: bool = False
    branch: str = ""
    is_push: bool = False

    @property
    def named(self) -> str:
        """For people."""
        return (*self.bases, self.branch)[0]


def request_of(environ: Mapping[str, str], event: bytes = b"") -> Request | None:
    """None outside of the services, and in a build of no request. event: the file at GITHUB_EVENT_PATH."""
    for read in (_github, _gitlab, _azure, _jenkins):
        request = read(environ, event)
        if request is not None and (request.bases or request.branch):
            return request
    return None


def _github(environ: Mapping[str, str], event: bytes) -> Request | None:
    """docs.github.com: "Variables reference", "Webhook events and payloads"."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return None
    told = _object(event)
    branch = environ.get("GITHUB_BASE_REF", "")
    deeper = _("give actions/checkout `fetch-depth: 0`")
    if branch or isinstance(told.get("pull_request"), dict):
        pull = told.get("pull_request")
        bases = _known(f"origin/{branch}" if branch else "", _at(pull, "base", "sha"))
        return Request("GitHub Actions", bases, deeper, _at(pull, "head", "sha") or None, merges=True)
    if isinstance(told.get("merge_group"), dict):
        return Request("GitHub Actions", _known(_at(told, "merge_group", "base_sha")), deeper)
    if environ.get("GITHUB_EVENT_NAME") == "push":
        return _push("GitHub Actions", _at(told, "before"), _at(told, "repository", "default_branch"), deeper)
    return None


def _gitlab(environ: Mapping[str, str], _event: bytes) -> Request | None:
    """docs.gitlab.com: "Predefined CI/CD variables". In a merged results pipeline the target's commit is told."""
    if not environ.get("GITLAB_CI"):
        return None
    bases = _known(
        environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""),
        environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", ""),
    )
    deeper = _("set the job's variable `GIT_DEPTH: 0`")
    if bases:
        return Request("GitLab CI", bases, deeper)
    before, default = environ.get("CI_COMMIT_BEFORE_SHA", ""), environ.get("CI_DEFAULT_BRANCH", "")
    return _push("GitLab CI", before, default if environ.get("CI_COMMIT_BRANCH") else "", deeper)


def _azure(environ: Mapping[str, str], _event: bytes) -> Request | None:
    """learn.microsoft.com: "Use predefined variables"."""
    branch = environ.get("SYSTEM_PULLREQUEST_TARGETBRANCH", "").removeprefix("refs/heads/")
    if not environ.get("TF_BUILD") or not branch:
        return None
    head = environ.get("SYSTEM_PULLREQUEST_SOURCECOMMITID") or None
    return Request(
        "Azure Pipelines",
        (f"origin/{branch}",),
        _("give the step `checkout: self` a `fetchDepth: 0`"),
        head,
        merges=True,
    )


def _jenkins(environ: Mapping[str, str], _event: bytes) -> Request | None:
    """The variables of a multibranch pipeline (the plugin Branch API)."""
    branch = environ.get("CHANGE_TARGET", "")
    if not environ.get("JENKINS_URL") or not branch:
        return None
    deeper = _("fetch the target branch, too, and no shallow clone: the job's behaviours for git say so")
    return Request("Jenkins", (f"origin/{branch}",), deeper)


def _push(service: str, before: str, default: str, deeper: str) -> Request:
    """A push tells what the branch was before; zeros where it is new: it is measured against the default branch."""
    bases = _known(before)
    branch = f"origin/{default}" if before and default and not bases else ""
    return Request(service, bases, deeper, branch=branch, is_push=True)


def _known(*names: str) -> tuple[str, ...]:
    """Without those that nobody told, and the commit of zeros that stands for none."""
    return tuple(name for name in names if name.strip("0"))


def _object(event: bytes) -> dict[str, Any]:
    try:
        told = json.loads(event or b"{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _at(value: Any, *keys: str) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
