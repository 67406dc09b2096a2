"""One module per command: its options, and `run`. Knows Typer; siblings do not know each other."""
