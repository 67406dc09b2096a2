"""Findings about a change: which change, its parts, what a model found in them and where, and the reports."""
