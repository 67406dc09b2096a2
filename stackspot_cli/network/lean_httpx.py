"""httpx without its command line, which it imports where click and rich are installed: 60 ms that nobody here wants.

Everything of the room takes httpx from here, so that it is loaded in this way whoever comes first.
"""

from __future__ import annotations

import sys

if "httpx" not in sys.modules:
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # None makes that one import fail, as without click
    import httpx

    del sys.modules["httpx._main"]
else:
    import httpx

__all__ = ["httpx"]
