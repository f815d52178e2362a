"""Runs reconcilers: which key next, when again, and on which replica."""
