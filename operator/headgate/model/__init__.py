"""Model: a stable endpoint over versions."""
