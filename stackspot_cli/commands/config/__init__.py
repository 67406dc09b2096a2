"""What `stackspot config` does: shows, changes, edits and imports."""
