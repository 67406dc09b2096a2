"""Two gateways of one account: together they stay within its quota, and say so to whoever is too many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from gateway_caller import HI, environment, post, prompts, running

from stackspot_cli.sandbox import Sandbox

QUOTA, EACH = 6, 5
# A minute's quota is waited for, where a deadline allows it; a day's never is.
SETTINGS = [
    {"STACKSPOTAI_PER_DAY": str(QUOTA)},
    {"STACKSPOTAI_PER_MINUTE": str(QUOTA), "STACKSPOTAI_DEADLINE": "20"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=["per_day", "per_minute"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_two_gateways_ask_no_more_than_the_quota_of_both(
    tmp_path: Path, settings: dict[str, str], stream: bool
) -> None:
    with (
        Sandbox() as service,
        running(environment(tmp_path, **service.environment, **settings)) as (_first, one),
        running(environment(tmp_path, **service.environment, **settings)) as (_second, other),
        ThreadPoolExecutor(2 * EACH) as callers,
    ):
        answers = list(callers.map(lambda url: post(url, {**HI, "stream": stream}), [one, other] * EACH))
        assert sorted(answer.status_code for answer in answers) == [200] * QUOTA + [429] * (2 * EACH - QUOTA)
        assert len(prompts(service)) == QUOTA
        assert {told(answer) for answer in answers} == {(False, ""), (True, "the quota of this")}


def told(answer: httpx.Response) -> tuple[bool, str]:
    """Whether it says when to come again, and how its error begins."""
    error = "" if answer.status_code == 200 else answer.json()["error"]["message"]
    return "retry-after" in answer.headers, " ".join(error.split()[:4])
