"""What Prometheus reads."""

import json
import logging

import pytest
import structlog
from prometheus_client import generate_latest

from headgate.telemetry import Metrics, set_up_logs


def scraped(metrics: Metrics) -> list[str]:
    return generate_latest(metrics.registry).decode().splitlines()


def test_a_models_phase_weights_and_shares_replace_the_earlier_ones() -> None:
    metrics = Metrics()
    metrics.models.set(
        "ns", "churn", "Progressing", {"v1": 90.0, "v2": 10.0}, {"v1": 67.0, "v2": 33.0}
    )
    metrics.models.set("ns", "churn", "Healthy", {"v2": 100.0}, {"v2": 100.0})
    lines = [line for line in scraped(metrics) if line.startswith("headgate_model")]
    assert lines == [
        'headgate_model_phase{model="churn",namespace="ns",phase="Healthy"} 1.0',
        'headgate_model_weight{model="churn",namespace="ns",version="v2"} 100.0',
        'headgate_model_share{model="churn",namespace="ns",version="v2"} 100.0',
    ]


def test_a_model_that_is_gone_is_told_of_no_more() -> None:
    metrics = Metrics()
    metrics.models.set("ns", "a", "Healthy", {}, {})
    metrics.models.set("ns", "b", "Healthy", {}, {})
    metrics.models.forget("ns", "a")
    metrics.models.forget("ns", "a")
    assert not [line for line in scraped(metrics) if 'model="a"' in line]
    metrics.models.clear()
    assert not [line for line in scraped(metrics) if line.startswith("headgate_model")]


def test_passes_failures_and_requests_are_counted_by_the_names_in_the_docs() -> None:
    metrics = Metrics()
    metrics.watch(lambda: 3, lambda: 4, lambda: True)
    metrics.passed("Model", "done", 0.002)
    metrics.failed("Model", "Conflict")
    metrics.requested("apply", "deployments", "200")
    lines = scraped(metrics)
    for line in (
        'headgate_reconciles_total{kind="Model",result="done"} 1.0',
        'headgate_reconcile_duration_seconds_bucket{kind="Model",le="0.0025"} 1.0',
        'headgate_reconcile_errors_total{kind="Model",reason="Conflict"} 1.0',
        'headgate_retries_total{kind="Model"} 1.0',
        'headgate_api_requests_total{code="200",resource="deployments",verb="apply"} 1.0',
        "headgate_queue_depth 3.0",
        "headgate_queue_scheduled 4.0",
        "headgate_leading 1.0",
    ):
        assert line in lines


def test_logs_are_json_with_the_objects_name_and_never_show_local_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging_before = logging.getLogger().handlers[:]
    try:
        set_up_logs()
        log = structlog.get_logger("headgate.test")
        secret, token = "hunter2", "not a number"
        with structlog.contextvars.bound_contextvars(kind="Model", name="churn"):
            try:
                int(token)
            except ValueError:
                log.exception("pass failed")
        logging.getLogger("aiohttp").warning("from a library")
    finally:
        logging.getLogger().handlers[:] = logging_before
        structlog.reset_defaults()
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["kind"], ours["name"]) == ("pass failed", "Model", "churn")
    assert "ValueError" in ours["exception"]
    assert secret not in json.dumps(ours)
    assert (theirs["event"], theirs["level"]) == ("from a library", "warning")
