"""Whether two samples have one distribution, one location, one mean."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.two_sample import (
    anderson_darling,
    binned,
    brunner_munzel,
    cramer_von_mises,
    distances,
    epps_singleton,
    ks,
    ks_clustered,
    mann_whitney,
    welch,
)

TESTS: tuple[StatTest, ...] = (
    *ks.TESTS,
    *anderson_darling.TESTS,
    *cramer_von_mises.TESTS,
    *epps_singleton.TESTS,
    *mann_whitney.TESTS,
    *brunner_munzel.TESTS,
    *welch.TESTS,
    *distances.TESTS,
    *binned.TESTS,
    *ks_clustered.TESTS,
)
