"""JSON merge patches (RFC 7386): the difference between two documents, pure."""

from collections.abc import Mapping
from typing import Any


def difference(previous: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merge patch that turns `previous` into `wanted`; empty when they are equal.

    Lists are replaced as a whole, a missing key becomes null: so says the format.
    """
    patch: dict[str, Any] = {key: None for key in previous if key not in wanted}
    for key, value in wanted.items():
        if key not in previous:
            patch[key] = value
        elif isinstance(value, dict) and isinstance(previous[key], dict):
            inner = difference(previous[key], value)
            if inner:
                patch[key] = inner
        elif value != previous[key]:
            patch[key] = value
    return patch
