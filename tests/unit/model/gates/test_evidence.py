"""Counters become evidence: a restarted pod neither hides an error nor counts one twice."""

from headgate.model.gates.evidence import Arms, Sample, Tally, add_samples
from headgate.model.gates.latency import Histogram
from headgate.model.status_types import Evidence
from headgate.model.types import Analysis
from tests.builders.observed import errors_of

ARMS = Arms(canary="v2", stable="v1", since=1000.0)
BEFORE, AFTER = 500.0, 1500.0


def a_sample(pod: str = "v2-a", requests: int = 0, errors: int = 0, **fields: object) -> Sample:
    """Return a scrape of a pod whose name begins with its version; started after the rollout."""
    started = fields.get("started", AFTER)
    histogram = fields.get("histogram", Histogram())
    assert isinstance(started, float)
    assert isinstance(histogram, Histogram)
    return Sample(
        pod=pod,
        version=pod.split("-", maxsplit=1)[0],
        started=started,
        requests=requests,
        errors=errors,
        histogram=histogram,
    )


def after(*rounds: tuple[Sample, ...], start: Evidence | None = None) -> Evidence:
    """Return the evidence after these rounds of scrapes, every scraped pod alive throughout."""
    alive = frozenset(sample.pod for samples in rounds for sample in samples)
    tally = Tally(evidence=start or Evidence())
    for samples in rounds:
        tally = add_samples(tally, samples, ARMS, Analysis(), alive)
    return tally.evidence


def test_what_a_new_pod_has_answered_counts_from_the_first_look() -> None:
    assert after((a_sample(requests=7, errors=2),)).canary == errors_of(7, 2)


def test_only_what_is_new_counts_at_the_next_look() -> None:
    found = after((a_sample(requests=7, errors=2),), (a_sample(requests=10, errors=2),))
    assert found.canary == errors_of(10, 2)


def test_a_restarted_container_counts_its_new_life_and_keeps_the_old_one() -> None:
    # given a pod that failed twice, and starts anew within the same pod
    found = after(
        (a_sample(requests=10, errors=2),),
        (a_sample(requests=3, errors=1, started=AFTER + 60),),
    )
    # then the old errors are not hidden, and none is counted twice
    assert found.canary == errors_of(13, 3)


def test_a_new_life_counts_in_full_even_when_it_has_answered_more_than_the_old_one() -> None:
    found = after((a_sample(requests=5),), (a_sample(requests=8, started=AFTER + 60),))
    assert found.canary == errors_of(13, 0)


def test_a_pod_that_served_before_the_rollout_counts_from_the_first_look_on() -> None:
    old = a_sample("v1-a", requests=1_000_000, errors=5_000, started=BEFORE)
    later = a_sample("v1-a", requests=1_000_090, errors=5_001, started=BEFORE)
    assert after((old,)).stable == errors_of(0, 0)
    assert after((old,), (later,)).stable == errors_of(90, 1)


def test_a_pod_that_served_before_and_restarts_during_the_rollout_counts_in_full() -> None:
    old = a_sample("v1-a", requests=1_000_000, errors=5_000, started=BEFORE)
    anew = a_sample("v1-a", requests=4, errors=1, started=AFTER)
    assert after((old,), (anew,)).stable == errors_of(4, 1)


def test_a_pod_that_does_not_answer_for_a_while_loses_nothing() -> None:
    found = after((a_sample(requests=5),), (), (a_sample(requests=9, errors=1),))
    assert found.canary == errors_of(9, 1)


def test_counters_that_seem_to_fall_within_one_life_are_not_counted_twice() -> None:
    # given a page that was read short, and a whole one after it
    found = after(
        (a_sample(requests=100, errors=3),),
        (a_sample(requests=10, errors=0),),
        (a_sample(requests=101, errors=3),),
    )
    assert found.canary == errors_of(101, 3)


def test_evidence_goes_on_from_what_was_written_down() -> None:
    # given an operator that restarts with the evidence of its status
    written = after((a_sample(requests=7, errors=2), a_sample("v1-a", requests=50)))
    # when it looks again
    found = after(
        (a_sample(requests=9, errors=2), a_sample("v1-a", requests=60, errors=1)), start=written
    )
    assert (found.canary, found.stable) == (errors_of(9, 2), errors_of(60, 1))


def test_pods_that_are_gone_are_forgotten_and_their_answers_kept() -> None:
    tally = add_samples(
        Tally(), (a_sample("v2-a", requests=7, errors=2),), ARMS, Analysis(), frozenset({"v2-a"})
    )
    found = add_samples(tally, (), ARMS, Analysis(), frozenset({"v2-b"})).evidence
    assert found.canary == errors_of(7, 2)
    assert found.pods == ()


def test_versions_that_are_not_compared_do_not_count() -> None:
    found = after((a_sample("v9-a", requests=7, errors=7),))
    assert (found.canary, found.stable, found.pods) == (errors_of(0), errors_of(0), ())


def test_every_pod_of_a_version_counts() -> None:
    found = after((a_sample("v2-a", requests=7, errors=2), a_sample("v2-b", requests=3, errors=1)))
    assert found.canary == errors_of(10, 3)


def test_a_quiet_round_changes_nothing() -> None:
    samples = (a_sample(requests=7, errors=2), a_sample("v1-a", requests=50))
    assert after(samples, samples) == after(samples)


def test_errors_on_the_canary_alone_build_evidence_and_zero_traffic_builds_none() -> None:
    quiet = (a_sample(), a_sample("v1-a"))
    loud = (a_sample(requests=20, errors=5), a_sample("v1-a", requests=180))
    assert set(after(quiet).error_log_likelihoods) == {0.0}
    assert max(after(quiet, loud).error_log_likelihoods) > 5.0


def test_a_version_that_is_alone_is_counted_without_being_compared() -> None:
    alone = Arms(canary="v2", stable=None, since=1000.0)
    tally = add_samples(
        Tally(), (a_sample(requests=9, errors=1),), alone, Analysis(), frozenset({"v2-a"})
    )
    assert tally.evidence.canary == errors_of(9, 1)
    assert tally.evidence.error_log_likelihoods == ()


class TestDurations:
    """The canary's durations are held against a limit from earlier answers of the stable one."""

    bounds = (0.01, 0.1, 1.0, 10.0)

    def durations(self, *counts: int) -> Histogram:
        return Histogram(bounds=self.bounds, counts=counts)

    def rounds(self, *canary: tuple[float, Histogram]) -> Evidence:
        """Return the evidence where the stable version answered 1000 times in 0.1 s before."""
        quick = self.durations(1000, 0, 0, 0)
        none = self.durations(0, 0, 0, 0)
        first = (a_sample("v1-a", started=AFTER, histogram=quick), a_sample(histogram=none))
        later = []
        for number, (started, seen) in enumerate(canary, start=1):
            beside = self.durations(1000 + 100 * number, 0, 0, 0)
            later.append(
                (a_sample("v1-a", histogram=beside), a_sample(histogram=seen, started=started))
            )
        return after(first, *later)

    def test_slow_answers_build_evidence(self) -> None:
        assert max(self.rounds((AFTER, self.durations(0, 0, 20, 0))).latency_log_likelihoods) > 5

    def test_a_round_without_the_stable_versions_pods_forgets_nothing_of_theirs(self) -> None:
        missed = (AFTER, self.durations(0, 0, 0, 0))
        slow = (AFTER, self.durations(0, 0, 20, 0))
        found, without = self.rounds(missed, slow), self.rounds(slow)
        assert found.latency_log_likelihoods == without.latency_log_likelihoods

    def test_a_pod_that_only_sets_a_baseline_wipes_nothing_of_the_others(self) -> None:
        quick, slow = self.durations(1000, 0, 0, 0), self.durations(0, 0, 20, 0)
        none = self.durations(0, 0, 0, 0)
        found = after(
            (
                a_sample("v1-a", histogram=quick),
                a_sample("v1-b", started=BEFORE, histogram=quick),
                a_sample(histogram=none),
            ),
            (a_sample("v1-a", histogram=self.durations(1200, 0, 0, 0)), a_sample(histogram=slow)),
        )
        assert max(found.latency_log_likelihoods) > 5

    def test_the_same_counters_again_add_nothing(self) -> None:
        once = self.rounds((AFTER, self.durations(5, 0, 2, 0)))
        twice = self.rounds(
            (AFTER, self.durations(5, 0, 2, 0)), (AFTER, self.durations(5, 0, 2, 0))
        )
        assert once.latency_log_likelihoods == twice.latency_log_likelihoods

    def test_the_first_answers_of_a_new_pod_are_not_the_versions(self) -> None:
        quick, slow = self.durations(1000, 0, 0, 0), self.durations(0, 0, 20, 0)
        found = after(
            (a_sample("v1-a", histogram=quick),),
            (a_sample("v1-a", histogram=self.durations(1200, 0, 0, 0)), a_sample(histogram=slow)),
        )
        assert found.slow_canary == errors_of(0)

    def test_a_new_life_counts_in_full(self) -> None:
        lives = self.rounds(
            (AFTER, self.durations(0, 0, 2, 0)), (AFTER + 60, self.durations(0, 0, 2, 0))
        )
        single = self.rounds((AFTER, self.durations(0, 0, 4, 0)))
        assert lives.slow_canary == single.slow_canary

    def test_other_buckets_than_before_begin_anew_without_a_crash(self) -> None:
        other = Histogram(bounds=(1.0, 2.0), counts=(0, 9))
        found = self.rounds((AFTER, self.durations(0, 0, 2, 0)), (AFTER, other))
        single = self.rounds((AFTER, self.durations(0, 0, 2, 0)))
        assert found.latency_log_likelihoods == single.latency_log_likelihoods


def test_what_the_stable_version_answered_earlier_is_known_though_not_compared() -> None:
    older = a_sample("v1-a", requests=5_000, errors=25, started=10.0)
    found = after((older,))
    assert found.stable == errors_of(0)
    assert found.before == errors_of(5_000, 25)


def test_the_version_that_answers_alone_is_judged_by_what_was_known_before() -> None:
    older = a_sample("v1-a", requests=5_000, errors=25, started=10.0)
    found = after((older,), (a_sample(requests=100, errors=20), older))
    assert max(found.alone_log_likelihoods) > 5.0
