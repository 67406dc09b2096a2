"""This process and those that it becomes: what a fork leaves behind, and what frames may hold."""
