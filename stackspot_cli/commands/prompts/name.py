"""The argument that names a prompt, for the commands that are about one."""

from __future__ import annotations

from typing import Annotated

import typer

from stackspot_cli.commands import shell_values
from stackspot_cli.translation import _

Name = Annotated[
    str, typer.Argument(metavar="NAME", help=_("Its name, or its path."), autocompletion=shell_values.prompts)
]
