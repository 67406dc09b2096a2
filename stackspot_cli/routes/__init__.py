"""StackSpot's paths and field names: what is sent, and what the bytes that come back mean. Pure."""
