"""ModelVersion: one immutable, servable version of a model."""
