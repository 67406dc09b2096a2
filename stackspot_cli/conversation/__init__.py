"""What is asked and answered, as values, recorded as it passes. Knows no socket, screen or table."""
