"""One process of many that share a quota, in a world whose minute is shorter: its requests one after another.

    python quota_process.py MINUTE_SECONDS PER_MINUTE REQUESTS

PER_MINUTE 0 is no quota. Prints a line of JSON: the seconds that each request took.
"""

from __future__ import annotations

import json
import os
import sys
import time

from stackspot_cli.app import App
from stackspot_cli.network.quota import Limits
from stackspot_cli.network.shared_quota import SharedQuota
from stackspot_cli.terminal.streams import Terminal


class SmallWorld(App):
    """The app, but for the length of a minute."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(os.environ, Terminal.of_process(os.environ))
        folder = self.settings.places.cache_dir / "quota"
        self._shared = SharedQuota.of(folder, ("the account",), limits, self.terminal.note)

    @property
    def quota(self) -> SharedQuota:  # type: ignore[override]  # a cached property there
        return self._shared


def main(minute_seconds: float, per_minute: int, requests: int) -> None:
    from stackspot_cli.domain import Prompt
    from stackspot_cli.ulid import new_ulid

    app = SmallWorld(Limits(per_minute or None, None, minute_seconds))
    model = app.settings.find_model("stackspot-ai")
    app.client.sign_in()
    took = []
    for number in range(requests):
        began = time.monotonic()
        for _event in app.client.stream(model, Prompt(f"say {number}", new_ulid())):
            pass
        took.append(time.monotonic() - began)
    print(json.dumps(took))
    app.close()


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
