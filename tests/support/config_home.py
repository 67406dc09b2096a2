"""A folder with a config file of one's own, for tests of what is read from it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from stackspot_cli.errors import UsageError
from stackspot_cli.settings.settings import Overrides, Settings, load


class ConfigHome:
    """A home of one's own; `load` reads its config file and collects the notes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self.notes: list[str] = []

    def load(self, text: str | None = None, env: Mapping[str, str] | None = None, **options: Any) -> Settings:
        if text is not None:
            self.config.write_text(text, encoding="utf-8")
        environ = {"STACKSPOTAI_HOME": str(self.folder), **(env or {})}
        return load(Overrides(**options), environ, note=self.notes.append)

    def fails(self, text: str | None = None, env: Mapping[str, str] | None = None, **options: Any) -> str:
        with pytest.raises(UsageError) as caught:
            self.load(text, env, **options)
        assert caught.value.exit_code == 2
        assert caught.value.hint
        return caught.value.message.replace(str(self.config), "FILE")
