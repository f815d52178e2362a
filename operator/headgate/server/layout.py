"""Names in a model's folder that `fetch` and the server agree on."""

from typing import Final

FETCHED_FOLDER: Final = "current"
CARD_FILE: Final = "headgate.json"
FETCHED_MARKER: Final = ".fetched-sha256"
"""In that folder: the digest of the artifact that is in it."""
