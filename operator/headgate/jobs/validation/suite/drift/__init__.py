"""Whether columns are distributed as the reference's are: by rows, by counts, by pairs."""

from headgate.jobs.validation.suite.drift.by_rows import measure

__all__ = ["measure"]
