"""`complete`'s options, as far as they make sense for many prompts: what is said of every line."""

from __future__ import annotations

from typing import Annotated

import typer

from stackspot_cli.commands import shared_options
from stackspot_cli.domain import AgentOptions
from stackspot_cli.lean_dataclasses import dataclass
from stackspot_cli.translation import _


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOptions:
    """What holds for every line that does not say otherwise."""

    model: shared_options.Model = None
    system: shared_options.System = None
    files: shared_options.Files = ()
    encoding: Annotated[
        str | None,
        typer.Option(
            "--encoding",
            metavar="NAME",
            help=_("Of IN, files and stdin; default: UTF-8, or what is found out."),
        ),
    ] = None
    temperature: shared_options.Temperature = None
    max_tokens: shared_options.MaxTokens = None
    template: shared_options.Template = None
    parameters: shared_options.Parameters = ()
    uploads: shared_options.Uploads = ()
    agent: shared_options.Agent = AgentOptions()  # frozen
    require_sources: Annotated[
        bool, typer.Option("--require-sources", help=_("An answer without sources is a failure."))
    ] = False
    extract: shared_options.Extract = False
    extract_last: shared_options.ExtractLast = False
    schema: shared_options.Schema = None
    schema_multi: shared_options.SchemaMulti = None
    fail_if: shared_options.FailIf = ()
    fail_unless: shared_options.FailUnless = ()
