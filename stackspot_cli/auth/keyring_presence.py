"""Whether `keyring` could find a keyring on this machine, without loading it: a third of what a command takes to start.

Knows what keyring looks at: its variable, its config file, the packages that bring a back-end, and that each of its own
ones for Linux and the BSDs is reached over the session's D-Bus. Refuses to know which one it would choose: wherever
one may be, keyring is asked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

# A session's bus, and what starts one when it is first wanted; libsecret's own choice of a file in place of it.
_BUSES = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "SECRET_BACKEND")


def may_be(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """False where keyring would say that there is none."""
    return (
        platform in ("darwin", "win32", "cygwin")
        or "keyring" in sys.modules  # the program around us may have chosen one
        or "PYTHON_KEYRING_BACKEND" in environ
        or any(environ.get(name) for name in _BUSES)
        or any(map(_may_be_there, _places(environ)))
        or _is_brought()
    )


def _places(environ: Mapping[str, str]) -> Iterator[str]:
    """Where a bus listens, and where keyring's config file is or has been."""
    yield f"/run/user/{os.getuid()}/bus"
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        yield f"{runtime}/bus"
    for variable, usual in (("XDG_CONFIG_HOME", "~/.config"), ("XDG_DATA_HOME", "~/.local/share")):
        folder = environ.get(variable) or os.path.expanduser(usual)  # noqa: PTH111  # Path's raises without a home
        yield f"{folder}/python_keyring"


def _may_be_there(path: str) -> bool:
    """Also where that cannot be told: then keyring says why."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return path.startswith("~")  # nobody's home
    except OSError:
        return True
    return True


def _is_brought() -> bool:
    """Whether a package beside keyring itself brings a back-end, or what it brings cannot be told."""
    from importlib import metadata

    try:
        found = metadata.entry_points(group="keyring.backends")
        return any(one.value.partition(":")[0].split(".")[0].strip() != "keyring" for one in found)
    except Exception:  # noqa: BLE001  # files of others, of which keyring says what there is to say
        return True
