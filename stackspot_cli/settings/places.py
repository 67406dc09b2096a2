"""Where the files lie: the config file, and the folders for what is kept. None need exist, and none is made.

Knows the variables that move them and the platform's folders. Refuses to know what is in a file.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from stackspot_cli.errors import UsageError
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.safe_text import safe_line
from stackspot_cli.settings.setting import Setting
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True)
class Places:
    """The files and folders; none of them need exist."""

    config_path: Setting[Path]
    config_dir: Path
    data_dir: Path
    cache_dir: Path

    @property
    def config_required(self) -> bool:
        """A file that the user named must exist; the default one need not."""
        return self.config_path.source != "default"

    @property
    def history_path(self) -> Path:
        return self.data_dir / "history.db"


def locate(config: str | Path | None, environ: Mapping[str, str]) -> Places:
    """config: the file that the command line names; None where it names none. Errors: UsageError."""
    home = environ.get("STACKSPOTAI_HOME", "")
    if home:
        config_dir = data_dir = cache_dir = absolute(home, _variable("STACKSPOTAI_HOME"))
    else:
        config_dir, data_dir, cache_dir = _platform_folders(environ)
    variable = environ.get("STACKSPOTAI_CONFIG", "")
    if config:
        path = Setting(absolute(config, _("option --config")), _("option --config"), "option")
    elif variable:
        origin = _variable("STACKSPOTAI_CONFIG")
        path = Setting(absolute(variable, origin), origin, "environment")
    else:
        path = Setting(config_dir / "config.yaml", _("default"), "default")
    return Places(path, config_dir, data_dir, cache_dir)


def _variable(name: str) -> str:
    return _("environment {name}").format(name=name)


def absolute(path: str | Path, origin: str) -> Path:
    """Errors: UsageError, for `~nobody`, and for a relative path where the working folder is gone."""
    try:
        return Path(path).expanduser().absolute()
    except (RuntimeError, OSError) as problem:
        nobody = isinstance(problem, RuntimeError)  # pathlib's answer to `~nobody`
        why = _("there is no such user") if nobody else _("the working folder is gone")
        raise UsageError(
            _("{origin}: {path} leads nowhere: {why}").format(
                origin=origin, path=safe_line(str(path)), why=why
            ),
            _("name the whole path, from / on"),
        ) from problem


def _platform_folders(environ: Mapping[str, str]) -> tuple[Path, Path, Path]:
    """Config, data, cache. Linux by hand: platformdirs takes 18 ms for the same three lines."""
    system: str = sys.platform  # a variable: mypy would call one half of this unreachable
    if system == "linux":
        return (
            _xdg(environ, "XDG_CONFIG_HOME", ".config"),
            _xdg(environ, "XDG_DATA_HOME", ".local/share"),
            _xdg(environ, "XDG_CACHE_HOME", ".cache"),
        )
    import platformdirs  # deferred: see above

    folders = platformdirs.PlatformDirs("stackspot", appauthor=False)
    return folders.user_config_path, folders.user_data_path, folders.user_cache_path


def _xdg(environ: Mapping[str, str], variable: str, below_home: str) -> Path:
    named = environ.get(variable, "").strip()
    if named and Path(named).is_absolute():  # the specification: a relative one is ignored
        return Path(named) / "stackspot"
    home = environ.get("HOME", "")
    return (Path(home) if home else _home()) / below_home / "stackspot"


def _home() -> Path:
    """What the system's list of users says; `/` for somebody who is not in it, as containers have it."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/")
