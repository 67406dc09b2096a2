"""How we were called: what was said before the command, and how that stands in the commands that we name, so that
who follows a hint reaches the same account. Pure.
"""

from __future__ import annotations

from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import changed

NAME = "stackspot"


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """What was said before the command."""

    profile: str | None = None
    config: str | None = None
    sandbox: bool = False
    verbose: bool = False
    debug: bool = False
    no_color: bool = False

    @property
    def program(self) -> str:
        """How a person calls us and reaches the same account."""
        if self == GlobalOptions():
            return NAME
        import shlex  # deferred: only a line to be pasted needs it

        words = [NAME]
        if self.profile:
            words += ["--profile", self.profile]
        if self.config:
            words += ["--config", self.config]
        if self.sandbox:
            words.append("--sandbox")
        return shlex.join(words)


class Verbatim(str):
    """A text whose commands are meant as they stand: they reach another account than this call's."""

    __slots__ = ()


def reaching(program: str, text: str) -> str:
    """The text with `program` in each of our commands in it: `stackspot login` as `stackspot --profile acme login`.

    A command stands in backquotes, at the beginning or behind a colon, comma or conjunction, as hints have it; one
    with global options of its own stays as it is.
    """
    if program == NAME or NAME not in text or isinstance(text, Verbatim):
        return text
    import re  # deferred: only a call with global options, and then a note or a hint, needs it

    return changed(lambda said: re.sub(COMMAND, lambda found: program, said), text)


COMMAND = r"(?:(?<=`)|^|(?<=: )|(?<=, )|(?<= or )|(?<= ou ))stackspot(?= [a-z])"
