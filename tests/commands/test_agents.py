"""`stackspot agents`: the account's agents, and how each is asked."""

from pathlib import Path

from parsing import parse

from stackspot_cli.app import App
from stackspot_cli.commands.agents import Options, run
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.sandbox import Sandbox
from stackspot_cli.terminal.streams import Terminal


def test_argv_becomes_options() -> None:
    assert parse("agents") == Options()
    line = "agents --visibility account --visibility personal --format json"
    assert parse(*line.split()) == Options(("account", "personal"), ListingFormat.json)


def test_the_table_has_a_line_an_agent_with_the_id_that_m_takes(tmp_path: Path) -> None:
    with Sandbox() as service:
        environ = {**service.environment, "STACKSPOTAI_HOME": str(tmp_path)}
        app = App(environ, Terminal.fake(environ=environ))
        run(Options(), app)
        app.close()
    head, *lines = app.terminal.out.splitlines()
    assert head.split() == ["ID", "NAME", "VISIBILITY", "DESCRIPTION"]
    assert lines and all(len(line.split()[0]) == 26 for line in lines)
