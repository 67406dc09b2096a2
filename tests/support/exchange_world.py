"""An exchange against a service in memory, on a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from clock import Clock

from stackspot_cli.errors import (
    RateLimited,
    Refused,
    ServerFailed,
    StackSpotError,
)
from stackspot_cli.listener import Listener, Waiting
from stackspot_cli.network.attempt import Attempt
from stackspot_cli.network.exchange import Exchange
from stackspot_cli.network.outgoing import Outgoing
from stackspot_cli.network.patience import Patience
from stackspot_cli.network.quota import Limits
from stackspot_cli.network.retry import RetryPolicy
from stackspot_cli.network.shared_quota import SharedQuota

URL = "https://api.example/v3/chat?key=s3cr3t"


NOON = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT


Step = httpx.Response | Exception | Callable[[Attempt], "httpx.Response | Exception"]


class Service(httpx.BaseTransport):
    """Answers with what is next in the script. A function among it sees the attempt."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.script.pop(0)
        answer = step if isinstance(step, httpx.Response | Exception) else step(request.extensions["attempt"])
        if isinstance(answer, Exception):
            raise answer
        return answer


class World:
    """An exchange with a service in memory; time passes where it sleeps."""

    def __init__(self, *script: Step, retries: int = 2, debug: bool = False) -> None:
        self.clock = Clock()
        self.service = Service(*script)
        self.steps: list[str] = []
        self.wire: list[str] = []
        self.waits: list[Waiting] = []
        self.exchange = Exchange(
            self.service,
            RetryPolicy(retries, 0.5),
            user_agent="stackspot-cli/1.2.3",
            listener=Listener(
                step=self.steps.append,
                waiting=self.waits.append,
                wire=self.wire.append if debug else None,
            ),
            sleep=self.clock.sleep,
            uniform=lambda _low, high: high,
            wall_clock=lambda: NOON,
        )

    def patience(self, deadline: float | None = None, **how: object) -> Patience:
        return Patience(180.0, deadline=deadline, now=self.clock.now, **how)  # type: ignore[arg-type]

    def fetch(
        self, outgoing: Outgoing | None = None, deadline: float | None = None, limit: int = 100
    ) -> bytes:
        return self.exchange.fetch(outgoing or ASKED, self.patience(deadline), limit=limit)

    def fails(self, outgoing: Outgoing | None = None, deadline: float | None = None) -> StackSpotError:
        with pytest.raises(StackSpotError) as caught:
            self.fetch(outgoing, deadline)
        return caught.value


def explain(status: int, body: bytes, headers: Mapping[str, str], url: str) -> StackSpotError:
    kind = {429: RateLimited, 503: ServerFailed}.get(status, Refused)
    return kind(
        f"{status} {body.decode()} {headers.get('x-why', '')} {url}", "the explainer's hint", status=status
    )


ASKED = Outgoing("POST", URL, explain, {"Authorization": "Bearer t0ken"}, b"{}", repeatable=True)


ONCE = replace(ASKED, repeatable=False)


def ok(body: bytes = b"Hi") -> httpx.Response:
    return httpx.Response(200, content=body)


def busy(status: int = 503, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def counted(world: World, folder: Path, **limits: int) -> Outgoing:
    def wall_clock() -> float:
        return NOON + world.clock.seconds

    notes: list[str] = []
    quota = SharedQuota(folder / "count.json", Limits(**limits), notes.append, wall_clock=wall_clock)
    return replace(ASKED, quota=quota)
