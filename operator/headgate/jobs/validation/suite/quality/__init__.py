"""Whether the data is what it is taken for, by rows or by counts."""

from headgate.jobs.validation.suite.quality.by_rows import measure

__all__ = ["measure"]
