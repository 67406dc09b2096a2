"""The only files that know StackSpot's field names and paths."""
