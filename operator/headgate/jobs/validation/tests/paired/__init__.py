"""Two answers to the same rows: pairs, and what they differ by."""

from headgate.jobs.validation.tests.catalogue import StatTest
from headgate.jobs.validation.tests.paired import five_times_two, mcnemar, paired_t, wilcoxon

TESTS: tuple[StatTest, ...] = (
    *mcnemar.TESTS,
    *paired_t.TESTS,
    *wilcoxon.TESTS,
    *five_times_two.TESTS,
)
