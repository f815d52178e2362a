"""How well the version predicts the target, held against bounds and the stable version."""

from headgate.jobs.validation.suite.performance.held import NO_STABLE, measure

__all__ = ["NO_STABLE", "measure"]
