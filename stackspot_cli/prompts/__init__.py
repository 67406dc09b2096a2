"""Prompts that live in files: read, filled in, and found by their names. Knows no model and no service."""
