"""A sandbox that this process speaks to, started by a test as it wants it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from stackspot_cli.sandbox import Sandbox

Serve: TypeAlias = Callable[..., Sandbox]
