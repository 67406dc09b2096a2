from __future__ import annotations

import json
from pathlib import Path

import pytest
from repository import ENVIRON, Repository

from stackspot_cli.errors import UsageError
from stackspot_cli.review.choice import Compared, Wanted, choose
from stackspot_cli.review.git import repository as repository_at


def chosen(repository: Repository, wanted: Wanted = Wanted(), **environ: str) -> Compared:  # noqa: B008  # frozen
    git, _top = repository_at(repository.folder, ENVIRON)
    return choose(wanted, git, {**ENVIRON, **environ})


def sides(compared: Compared) -> tuple[str | None, str | None, str]:
    return compared.old, compared.new, compared.side


@pytest.fixture
def commits(repository: Repository) -> dict[str, str]:
    """`main` went on after `topic` left it."""
    first = repository.commit(a="1\n")
    repository.git("checkout", "-q", "-b", "topic")
    topic = repository.commit(b="1\n")
    repository.git("checkout", "-q", "main")
    main = repository.commit(c="1\n")
    repository.git("checkout", "-q", "topic")
    return {"first": first, "topic": topic, "main": main}


def test_what_was_asked_for(repository: Repository, commits: dict[str, str]) -> None:
    first, topic = commits["first"], commits["topic"]
    assert sides(chosen(repository, Wanted(base="main"))) == (first, topic, "commit")
    assert sides(chosen(repository, Wanted(base=first[:8]))) == (first, topic, "commit")
    assert sides(chosen(repository, Wanted(commit="topic"))) == (first, topic, "commit")
    assert sides(chosen(repository, Wanted(staged=True))) == (topic, None, "index")
    assert sides(chosen(repository, Wanted(paths=("a",)))) == (None, None, "files")


def test_without_a_choice_what_is_not_committed(repository: Repository, commits: dict[str, str]) -> None:
    assert sides(chosen(repository)) == (commits["topic"], None, "files")
    assert chosen(repository).described == "what is not committed yet"


def test_without_a_choice_what_the_upstream_branch_lacks(
    repository: Repository, commits: dict[str, str]
) -> None:
    repository.git("branch", "-q", "--set-upstream-to=main")
    compared = chosen(repository)
    assert sides(compared) == (commits["first"], None, "files")
    assert compared.described == "everything that main does not have, committed or not"
    repository.git("branch", "-q", "-f", "copy", "topic")
    repository.git("branch", "-q", "--set-upstream-to=copy")
    assert sides(chosen(repository)) == (commits["topic"], None, "files")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted(base="nothing"), "--base: git knows no commit nothing"),
        (Wanted(base="--output=x"), "--base: git knows no commit --output=x"),
        (Wanted(base=""), "--base: git knows no commit "),
        (Wanted(commit="HEAD:a"), "--commit: git knows no commit HEAD:a"),
        (Wanted(commit="main..topic"), "--commit: git knows no commit main..topic"),
    ],
)
def test_what_is_no_commit_is_refused(
    repository: Repository, commits: dict[str, str], wanted: Wanted, message: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        chosen(repository, wanted)
    assert refusal.value.message == message


def test_branches_without_a_common_history(repository: Repository, commits: dict[str, str]) -> None:
    repository.git("checkout", "-q", "--orphan", "other")
    repository.commit()
    with pytest.raises(UsageError, match="no common history"):
        chosen(repository, Wanted(base="main"))


def test_a_repository_without_a_commit(repository: Repository) -> None:
    empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    assert sides(chosen(repository)) == (empty, None, "files")
    assert sides(chosen(repository, Wanted(staged=True))) == (empty, None, "index")
    repository.git(
        "update-ref", "refs/heads/other", repository.git("commit-tree", "-m", "x", empty, check=False) or ""
    )
    with pytest.raises(UsageError, match="no commit yet"):
        chosen(repository, Wanted(base="other"))


# --- in a build ------------------------------------------------------------------------------------


GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"}


@pytest.fixture
def merged(repository: Repository, commits: dict[str, str]) -> dict[str, str]:
    """As GitHub and Azure check a request out: merged into its base for the build."""
    repository.git("update-ref", "refs/remotes/origin/main", commits["main"])
    repository.git("checkout", "-q", "--detach", "main")
    repository.git("merge", "-q", "-m", "merge", "topic")
    return {**commits, "merge": repository.git("rev-parse", "HEAD")}


def event(tmp_path: Path, head: str, base: str = "") -> str:
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"pull_request": {"head": {"sha": head}, "base": {"sha": base}}}))
    return str(path)


def test_github_merges_a_request_into_its_base(
    repository: Repository, merged: dict[str, str], tmp_path: Path
) -> None:
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_BASE_REF": "main",
        "GITHUB_EVENT_PATH": event(tmp_path, merged["topic"], merged["first"]),
    }
    compared = chosen(repository, **github)
    assert sides(compared) == (merged["main"], merged["merge"], "commit")
    assert compared.described.startswith("the request of GitHub Actions, ")
    assert (
        sides(chosen(repository, Wanted(base="topic"), **github))[0] == merged["topic"]
    )  # what was asked for counts


def test_github_with_the_requests_own_commit_checked_out(
    repository: Repository, merged: dict[str, str], tmp_path: Path
) -> None:
    repository.git("checkout", "-q", "topic")
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_BASE_REF": "main",
        "GITHUB_EVENT_PATH": event(tmp_path, merged["topic"]),
    }
    assert sides(chosen(repository, **github)) == (merged["first"], merged["topic"], "commit")


def test_a_build_that_checked_out_the_base_alone_is_refused(
    repository: Repository, merged: dict[str, str], tmp_path: Path
) -> None:
    repository.git("checkout", "-q", "main")
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_BASE_REF": "main",
        "GITHUB_EVENT_PATH": event(tmp_path, merged["topic"]),
    }
    with pytest.raises(UsageError, match="does not hold the request's own commit"):
        chosen(repository, **github)


def test_gitlab_tells_the_base_itself(repository: Repository, commits: dict[str, str]) -> None:
    gitlab = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": commits["first"]}
    assert sides(chosen(repository, **gitlab)) == (commits["first"], commits["topic"], "commit")


def test_a_branch_that_is_new_to_the_service_is_measured_against_the_default_one(
    repository: Repository, commits: dict[str, str]
) -> None:
    gitlab = {"GITLAB_CI": "true", "CI_COMMIT_BRANCH": "topic", "CI_DEFAULT_BRANCH": "main"}
    gitlab |= {"CI_COMMIT_BEFORE_SHA": "0" * 40}
    with pytest.raises(UsageError, match="GitLab CI: this clone does not reach back to origin/main"):
        chosen(repository, **gitlab)
    repository.git("update-ref", "refs/remotes/origin/main", "main")
    compared = chosen(repository, **gitlab)
    assert sides(compared) == (commits["first"], commits["topic"], "commit")
    assert compared.described.startswith("the push that GitLab CI builds, ")


def test_azure_and_jenkins_tell_the_branch(repository: Repository, merged: dict[str, str]) -> None:
    azure = {
        "TF_BUILD": "True",
        "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
        "SYSTEM_PULLREQUEST_SOURCECOMMITID": merged["topic"],
    }
    assert sides(chosen(repository, **azure)) == (merged["main"], merged["merge"], "commit")
    repository.git("checkout", "-q", "topic")
    jenkins = {"JENKINS_URL": "https://j.example/", "CHANGE_TARGET": "main"}
    assert sides(chosen(repository, **jenkins)) == (merged["first"], merged["topic"], "commit")


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_is_told_how_to_be_a_deep_one(
    repository: Repository, merged: dict[str, str], tmp_path: Path, depth: int
) -> None:
    shallow = Repository(tmp_path / "shallow")
    shallow.git("fetch", "-q", f"--depth={depth}", repository.folder.as_uri(), merged["merge"])
    shallow.git("checkout", "-q", "FETCH_HEAD")
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_BASE_REF": "main",
        "GITHUB_EVENT_PATH": event(tmp_path, merged["topic"], merged["main"]),
    }
    if depth == 2:  # the base is there: that is enough
        assert sides(chosen(shallow, **github)) == (merged["main"], merged["merge"], "commit")
        return
    with pytest.raises(UsageError) as refusal:
        chosen(shallow, **github)
    assert (refusal.value.message, refusal.value.hint) == (
        "GitHub Actions: this clone does not reach back to origin/main",
        "give actions/checkout `fetch-depth: 0`",
    )
    with pytest.raises(UsageError) as refusal:
        chosen(shallow, Wanted(base=merged["first"]))
    assert refusal.value.hint.startswith("git fetch --unshallow origin")
    with pytest.raises(UsageError, match="this clone is shallow"):
        chosen(shallow, Wanted(commit="HEAD"))
    gitlab = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_DIFF_BASE_SHA": merged["first"]}
    with pytest.raises(UsageError) as refusal:
        chosen(shallow, **gitlab)
    assert refusal.value.hint == "set the job's variable `GIT_DEPTH: 0`"
