"""Two answers to the same rows: pairs, and what they differ by."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.paired import (
    five_times_two,
    ks_paired,
    mcnemar,
    paired_t,
    sign,
    stuart_maxwell,
    wilcoxon,
)

TESTS: tuple[StatTest, ...] = (
    *mcnemar.TESTS,
    *stuart_maxwell.TESTS,
    *paired_t.TESTS,
    *wilcoxon.TESTS,
    *sign.TESTS,
    *ks_paired.TESTS,
    *five_times_two.TESTS,
)
