"""Many prompts: read line by line, asked side by side, kept whole. Knows no command line and no sockets."""
