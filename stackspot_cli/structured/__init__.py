"""Answers that a program can rely on: schemas, the JSON found in an answer, what does not fit, patterns. Pure."""
