"""Which test, from the design of the data alone: never from how its values happen to look."""
