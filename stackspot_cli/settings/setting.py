"""One setting: a value that knows where it came from."""

from __future__ import annotations

from dataclasses import field
from typing import Generic, Literal, TypeAlias, TypeVar

from stackspot_cli.lean_dataclasses import dataclass

T = TypeVar("T")
SettingSource: TypeAlias = Literal["option", "typed", "environment", "config", "stored", "sandbox", "default"]


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and where it came from.

    origin: as a person would look for it: "environment STACKSPOTAI_TIMEOUT". place: its line, of one in a file.
    source: for decisions: which rung of the ladder it stood on.
    """

    value: T
    origin: str
    source: SettingSource
    place: str = field(default="", compare=False)

    @property
    def explicit(self) -> bool:
        """Whether this very call said it, by an option."""
        return self.source == "option"
