"""The formats of models: one small class each, and a registry.

A new format is a module with a class that has the shape of `base.Format`, and a line in `registry`.
"""
