"""What was said on this machine: listed, shown, found, exported and deleted."""
