"""A Model's spec: defaults, and that what is written is read back."""

from datetime import timedelta

from headgate.model.types import DEFAULT_STEPS, Canary, ModelSpec, Pause, Step, Strategy
from tests.builders.resources import a_canary_of, a_model_spec


def test_a_model_needs_only_a_version() -> None:
    spec = a_model_spec(version="churn-v3")
    assert spec == ModelSpec(version="churn-v3")
    assert spec.replicas == 1
    assert spec.strategy == Strategy(canary=Canary(steps=DEFAULT_STEPS))
    assert spec.analysis.error_ratio.max == 2.0
    assert spec.analysis.latency.tolerance == timedelta(milliseconds=25)
    assert spec.rollback.window == timedelta(hours=24)
    assert spec.rollback.keep_warm == 1
    assert spec.progress_deadline_seconds == 600
    assert not spec.paused


def test_the_default_steps_are_those_of_the_documentation() -> None:
    assert [step.dump() for step in DEFAULT_STEPS] == [
        {"setWeight": 10},
        {"pause": {"duration": "30s"}},
        {"setWeight": 50},
        {"pause": {"duration": "30s"}},
    ]


def test_a_pause_without_a_duration_waits_for_somebody() -> None:
    spec = a_model_spec(strategy=a_canary_of({"setWeight": 10}, {"pause": {}}))
    assert spec.strategy.canary == Canary(steps=(Step(set_weight=10), Step(pause=Pause())))


def test_what_is_written_is_read_back() -> None:
    spec = a_model_spec(
        strategy=a_canary_of({"setWeight": 5}, {"analysis": {"minRequests": 500}}),
        rollback={"window": "0s"},
        paused=True,
    )
    assert ModelSpec.parse(spec.dump()) == spec


def test_the_gateway_is_spelt_as_the_api_spells_it() -> None:
    spec = a_model_spec(traffic={"gatewayAPI": {"parentRefs": [{"name": "public"}]}})
    assert spec.traffic is not None
    assert spec.traffic.gateway_api is not None
    assert ModelSpec.parse(spec.dump()) == spec
