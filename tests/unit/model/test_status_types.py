"""What is remembered fits into what the API server accepts."""

from headgate.model.gates.evidence import Arms, Sample, Tally, add_samples
from headgate.model.status_types import Evidence
from headgate.model.types import Analysis
from tests.builders.observed import NOW


def test_the_counters_of_the_largest_rollout_fit() -> None:
    names = [f"{version}-{number}" for version in ("v1", "v2") for number in range(1000)]
    samples = [
        Sample(pod=name, version=name[:2], started=2e9, requests=1, errors=0) for name in names
    ]
    arms = Arms(canary="v2", stable="v1", since=NOW.timestamp())
    tally = add_samples(Tally(), samples, arms, Analysis(), frozenset(names))
    assert Evidence.parse(tally.evidence.dump()) == tally.evidence


def test_counts_of_servers_that_lie_still_fit() -> None:
    """The API server refuses what is no int64: nothing could be written of this Model any more."""
    lies = [
        Sample(pod=f"v2-{number}", version="v2", started=2e9, requests=2**62, errors=2**62)
        for number in range(10)
    ]
    arms = Arms(canary="v2", stable="v1", since=NOW.timestamp())
    pods = frozenset(lie.pod for lie in lies)
    tally = add_samples(Tally(), lies, arms, Analysis(), pods)
    assert tally.evidence.canary.requests < 2**63
    assert tally.evidence.canary.errors < 2**63
