"""The builtin model server, and the `fetch` that puts a model in front of it.

Runs in serving pods. Nothing is imported here: `fetch` and the server each load only what they
use, because a pod's start is part of how fast a rollout moves and how fast a bad version is seen.
"""
