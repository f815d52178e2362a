"""Whether attributions add up to the answers, and are distributed as before."""

from headgate.jobs.validation.suite.explanations.attributions import measure

__all__ = ["measure"]
