"""StackSpot from Python: what `from stackspot_cli import …` gives. Prints nothing and keeps no history."""
