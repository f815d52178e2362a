"""The init container of a serving pod: brings the artifact, checks its digest, unpacks it.

Nothing here knows models or loads anything; what doesn't have the expected sha256 isn't opened.
"""
