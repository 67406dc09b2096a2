"""Calls that are no calls: what Typer refuses, said in our words, with the line that was probably meant."""
