"""The doctor: what every value is and where it came from, and how far the network reaches."""
