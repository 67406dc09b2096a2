"""Prompts that live in files: listed, shown, begun and edited."""
