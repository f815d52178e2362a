"""Statistical validation of a model version, usable without a cluster.

In layers, each importing only those before it: tests (functions on arrays), selection (design facts
to a test), suite (a policy and data to results under one error rate), verdict, report.
"""
