"""Estimates held against bounds: intervals, significance, the rows that would decide."""
