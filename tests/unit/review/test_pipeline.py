from __future__ import annotations

import json
from typing import Any

import pytest

from stackspot_cli.review.pipeline import request_of

ZEROS = "0" * 40
DEFAULT = {"default_branch": "main"}
PULL = {"pull_request": {"base": {"sha": "b" * 40}, "head": {"sha": "a" * 40}}}


@pytest.mark.parametrize(
    ("environ", "event", "expected"),
    [
        ({}, PULL, None),
        ({"GITHUB_BASE_REF": "main"}, PULL, None),  # a variable alone is no build
        ({"GITHUB_ACTIONS": "true"}, {}, None),
        ({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "schedule"}, {}, None),
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"},
            {},
            ("GitHub Actions", ("origin/main",), None, True),
        ),
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"},
            PULL,
            ("GitHub Actions", ("origin/main", "b" * 40), "a" * 40, True),
        ),
        ({"GITHUB_ACTIONS": "true"}, PULL, ("GitHub Actions", ("b" * 40,), "a" * 40, True)),
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "merge_group"},
            {"merge_group": {"base_sha": "c" * 40}},
            ("GitHub Actions", ("c" * 40,), None, False),
        ),
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"},
            {"before": "d" * 40},
            ("GitHub Actions", ("d" * 40,), None, False),
        ),
        ({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"}, {"before": ZEROS}, None),
        ({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"}, {"repository": DEFAULT}, None),
        ({"GITHUB_ACTIONS": "true"}, {"pull_request": []}, None),
        ({"GITHUB_ACTIONS": "true"}, [1], None),
        (
            {
                "GITLAB_CI": "true",
                "CI_MERGE_REQUEST_DIFF_BASE_SHA": "e" * 40,
                "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "",
            },
            {},
            ("GitLab CI", ("e" * 40,), None, False),
        ),
        (
            {
                "GITLAB_CI": "true",
                "CI_MERGE_REQUEST_DIFF_BASE_SHA": "e" * 40,
                "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "f" * 40,
            },
            {},
            ("GitLab CI", ("f" * 40, "e" * 40), None, False),
        ),
        (
            {"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": "1" * 40},
            {},
            ("GitLab CI", ("1" * 40,), None, False),
        ),
        ({"GITLAB_CI": "true", "CI_COMMIT_BEFORE_SHA": ZEROS}, {}, None),
        (
            {
                "TF_BUILD": "True",
                "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
                "SYSTEM_PULLREQUEST_SOURCECOMMITID": "a" * 40,
            },
            {},
            ("Azure Pipelines", ("origin/main",), "a" * 40, True),
        ),
        ({"TF_BUILD": "True"}, {}, None),
        (
            {"JENKINS_URL": "https://j.x/", "CHANGE_TARGET": "main"},
            {},
            ("Jenkins", ("origin/main",), None, False),
        ),
        ({"JENKINS_URL": "https://j.example/"}, {}, None),
    ],
)
def test_each_service_tells_its_own_base(environ: dict[str, str], event: Any, expected: Any) -> None:
    request = request_of(environ, json.dumps(event).encode())
    told = None if request is None else (request.service, request.bases, request.head, request.merges)
    assert told == expected


@pytest.mark.parametrize(
    ("environ", "event"),
    [
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"},
            {"before": ZEROS, "repository": DEFAULT},
        ),
        (
            {
                "GITLAB_CI": "true",
                "CI_COMMIT_BEFORE_SHA": ZEROS,
                "CI_COMMIT_BRANCH": "topic",
                "CI_DEFAULT_BRANCH": "main",
            },
            {},
        ),
    ],
)
def test_a_branch_that_is_new_is_measured_against_the_default_one(
    environ: dict[str, str], event: Any
) -> None:
    request = request_of(environ, json.dumps(event).encode())
    assert request is not None
    assert (request.bases, request.branch, request.named) == ((), "origin/main", "origin/main")


@pytest.mark.parametrize("event", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_an_event_that_cannot_be_read_tells_nothing(event: bytes) -> None:
    request = request_of({"GITHUB_ACTIONS": "true", "GITHUB_BASE_REF": "main"}, event)
    assert request is not None and request.bases == ("origin/main",)
