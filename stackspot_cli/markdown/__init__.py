"""Markdown to lines of a terminal, while it comes. Knows no answer, no model and no stream but the one it is given."""
