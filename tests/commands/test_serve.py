"""`stackspot serve`: what argv means; what it serves is tried over sockets in `e2e`."""

from parsing import parse

from stackspot_cli.commands.serve import Options


def test_argv_becomes_options() -> None:
    assert parse("serve") == Options("127.0.0.1", 8765)
    assert parse("serve", "--host", "::1", "--port", "0") == Options("::1", 0)
