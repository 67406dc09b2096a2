"""What a person should see to, although it works."""

from __future__ import annotations

import time

import pytest

from stackspot_cli.commands.status.examination import remarks
from stackspot_cli.commands.status.report import ServiceFacts
from stackspot_cli.network.probe import Probe


def test_a_clock_that_is_off_is_remarked() -> None:
    late = Probe("https://x", (), status=200, server_time=time.time() + 600)
    assert remarks(None, (ServiceFacts("idm", late),)) == [
        "this machine's clock is -600 s off: set it right, or tokens are renewed at the wrong time"
    ]


@pytest.mark.parametrize("seconds", [0, 50, -50])
def test_a_clock_that_is_right_enough_is_not(seconds: float) -> None:
    near = Probe("https://x", (), status=200, server_time=time.time() + seconds)
    assert remarks(None, (ServiceFacts("idm", near),)) == []


def test_one_service_whose_clock_is_wrong_does_not_count() -> None:
    probes = [Probe("https://x", (), status=200, server_time=time.time() + off) for off in (0, 1, 9_000)]
    assert remarks(None, tuple(ServiceFacts("idm", probe) for probe in probes)) == []
