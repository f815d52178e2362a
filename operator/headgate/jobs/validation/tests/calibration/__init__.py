"""Do probabilities say how often what they foretell happens?"""

from headgate.jobs.validation.tests.calibration import (
    brier,
    calibration_slope,
    ece,
    hosmer_lemeshow,
    spiegelhalter,
)
from headgate.jobs.validation.tests.catalogue import StatTest

TESTS: tuple[StatTest, ...] = (
    *brier.TESTS,
    *spiegelhalter.TESTS,
    *hosmer_lemeshow.TESTS,
    *calibration_slope.TESTS,
    *ece.TESTS,
)
