"""Which rows a check is about, and which of them belong together."""
