"""`stackspot batch`: many prompts, one file of answers."""
