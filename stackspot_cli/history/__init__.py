"""The past, in SQLite: what was said, kept whole through kills, damage and a second process. Knows no network."""
