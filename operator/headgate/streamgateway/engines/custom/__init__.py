"""A server of one's own that keeps the drain contract: docs/reference/drain-contract.md."""
