"""How an answer is written: text, Markdown, JSON, code; to the screen or to a file."""
