"""The account's knowledge sources: listed, shown, created, filled and cleared."""
