"""A local StackSpot in the foreground: for another shell, for one command, for CI; told what to answer, if wanted."""
