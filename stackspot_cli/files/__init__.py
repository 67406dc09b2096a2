"""Files that are ours: read without waiting, told from others' files, written whole and private."""
