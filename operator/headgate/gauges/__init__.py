"""Reads what serving pods count: the only code that talks to them."""
