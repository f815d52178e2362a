"""A serving pod's metrics page, also one that means harm."""

import time

import pytest

from headgate.gauges.exposition import read_metrics
from headgate.model.gates.evidence import Sample
from headgate.model.gates.latency import Histogram

PAGE = """\
# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.7e9
# TYPE headgate_requests_total counter
headgate_requests_total{model="churn",version="v2",code="200"} 90
headgate_requests_total{model="churn",version="v2",code="422"} 6
headgate_requests_total{model="churn",version="v2",code="500"} 3
headgate_requests_total{model="churn",version="v2",code="503"} 1
# TYPE headgate_request_duration_seconds histogram
headgate_request_duration_seconds_bucket{model="churn",version="v2",le="0.1"} 50
headgate_request_duration_seconds_bucket{model="churn",version="v2",le="1.0"} 91
headgate_request_duration_seconds_bucket{model="churn",version="v2",le="+Inf"} 94
headgate_request_duration_seconds_count{model="churn",version="v2"} 94
headgate_request_duration_seconds_sum{model="churn",version="v2"} 12.5
"""
STARTED = "process_start_time_seconds 1.7e9\n"


def test_answers_of_500_and_above_are_errors_and_those_of_400_the_clients_own() -> None:
    found = read_metrics(PAGE, "v2-a", "v2")
    assert found == Sample(
        pod="v2-a",
        version="v2",
        started=1.7e9,
        requests=100,
        errors=4,
        histogram=Histogram(bounds=(0.1, 1.0, float("inf")), counts=(50, 41, 3)),
    )


def test_a_server_that_has_answered_nothing_counts_nothing() -> None:
    found = read_metrics(STARTED, "v2-a", "v2")
    assert (found.requests, found.errors, found.histogram) == (0, 0, Histogram())


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<html>this is no metrics page</html>",
        'headgate_requests_total{code="200"} 90\n',
        STARTED + 'headgate_requests_total{code="200"} +Inf\n',
        STARTED + 'headgate_requests_total{code="200"} NaN\n',
        STARTED + 'headgate_requests_total{code="200"} -5\n',
        STARTED + 'headgate_requests_total{code="500"} 1e300\n',
        "process_start_time_seconds NaN\n",
        STARTED + "headgate_request_duration_seconds_bucket{} 5\n",
        STARTED + 'headgate_request_duration_seconds_bucket{le="soon"} 5\n',
        STARTED + 'headgate_request_duration_seconds_bucket{le="NaN"} 5\n',
        STARTED + 'headgate_request_duration_seconds_bucket{le="1"} NaN\n',
        STARTED
        + 'headgate_request_duration_seconds_bucket{le="1"} 5\n'
        + 'headgate_request_duration_seconds_bucket{le="2"} 3\n',
    ],
)
def test_a_page_that_cannot_be_believed_is_a_value_error_and_nothing_else(page: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_metrics(page, "v2-a", "v2")


def test_what_is_not_ours_is_not_even_parsed() -> None:
    """The parser is slow on strange labels, and all Models wait while one's page is read."""
    strange = "other{" + ",".join(f'a{number}="x"' for number in range(30_000)) + "} 1\n"
    begun = time.process_time()
    found = read_metrics(strange + PAGE, "v2-a", "v2")
    assert found.requests == 100
    assert time.process_time() - begun < 0.1


def test_far_too_much_of_what_is_ours_is_refused_unparsed() -> None:
    labels = ",".join(f'a{number}="x"' for number in range(30_000))
    begun = time.process_time()
    with pytest.raises(ValueError, match="bytes"):
        read_metrics(STARTED + f"headgate_requests_total{{{labels}}} 1\n", "v2-a", "v2")
    assert time.process_time() - begun < 0.1
