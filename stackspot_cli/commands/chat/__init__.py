"""The conversation with a person: the loop, what is typed, what the commands at its prompt do."""
