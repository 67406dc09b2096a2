"""The reports: one pure function each, from a `Report` to a text in a format that somebody's program reads."""
