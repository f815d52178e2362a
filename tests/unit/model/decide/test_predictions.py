"""Predictions that cannot get to their stream are told of, and hold nothing up."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.core.reasons import Reason
from headgate.core.resource import Problem
from headgate.model.decide import decide
from headgate.model.decide.predictions import predictions_trouble
from headgate.model.observed import GatewaySeen, Observed
from headgate.model.status import status_of
from headgate.model.status_types import Phase
from tests.builders.custom_gateways import a_custom_spec
from tests.builders.observed import NOW, a_model_seen, a_spec, a_version
from tests.builders.predictions import (
    STREAM,
    a_gateway_seen,
    a_publishing_model,
    some_predictions,
)
from tests.builders.resources import a_version_spec

ENCRYPTED = {"nats": {"port": 4222, "tls": {"secretName": "feed-tls"}}}
OWN_SERVER = {"artifact": None, "runtime": {"container": {"image": "example.com/churn:1"}}}


def condition(seen: Observed) -> tuple[str, str, str]:
    conditions = status_of(seen, decide(seen, NOW), (), NOW).conditions
    (found,) = [each for each in conditions if each.type == "PredictionsRouted"]
    return found.status, found.reason, found.message


def test_predictions_that_fit_their_gateway_are_routed() -> None:
    wanted = "predictions.churn of StreamGateway feed"
    assert condition(a_publishing_model()) == ("True", "PredictionsRouted", wanted)


def test_a_model_that_publishes_nothing_has_no_condition_about_it() -> None:
    seen = a_model_seen()
    types = [each.type for each in status_of(seen, decide(seen, NOW), (), NOW).conditions]
    assert "PredictionsRouted" not in types


@pytest.mark.parametrize(
    ("gateway", "predictions", "reason", "says"),
    [
        (None, {}, Reason.GATEWAY_NOT_FOUND,
         "spec.predictions.streamGateway.name: there is no StreamGateway feed in team-a"),
        (GatewaySeen(spec=None, problems=(Problem("spec.auth", "is required"),)), {},
         Reason.GATEWAY_UNFIT, "feed is not accepted: spec.auth: is required"),
        (GatewaySeen(spec=a_custom_spec()), {}, Reason.GATEWAY_UNFIT,
         "StreamGateway feed has a server of its own, and predictions are published by NATS"),
        (a_gateway_seen(listeners={"websocket": {"port": 8080}}), {},
         Reason.GATEWAY_UNFIT, "has no nats listener; give it one in its spec.listeners.nats"),
        (a_gateway_seen(listeners={"nats": {"port": 4333}}), {}, Reason.GATEWAY_UNFIT,
         "spec.predictions.streamGateway.port: is 4222, but the nats listener of "),
        (a_gateway_seen(listeners=ENCRYPTED), {},
         Reason.GATEWAY_UNFIT, "spec.predictions.tls: is absent"),
        (a_gateway_seen(), {"tls": {}}, Reason.GATEWAY_UNFIT, "spec.predictions.tls: is set"),
        (a_gateway_seen(auth={"allowAnonymous": True}), {},
         Reason.GATEWAY_UNFIT, "spec.predictions.user: is set"),
        (a_gateway_seen(), {"user": None},
         Reason.GATEWAY_UNFIT, "spec.predictions.user: is absent"),
        (a_gateway_seen(), {"subject": "elsewhere.churn"}, Reason.SUBJECT_NOT_KEPT,
         "no stream of StreamGateway feed keeps elsewhere.churn (they keep predictions.>)"),
        (a_gateway_seen(streams=[]), {}, Reason.SUBJECT_NOT_KEPT, "(they keep none)"),
    ],
    ids=["none", "not accepted", "own server", "no listener", "other port", "tls", "no tls",
         "no users", "users", "subject", "no streams"],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_its_field_and_the_way_out(
    gateway: GatewaySeen | None, predictions: dict[str, Any], reason: Reason, says: str
) -> None:
    seen = a_publishing_model(some_predictions(**predictions), gateway=gateway)
    status, found, message = condition(seen)
    assert (status, found) == ("False", reason.value)
    assert says in message


def test_a_gateway_with_tls_and_one_without_users_can_be_published_to() -> None:
    encrypted = a_publishing_model(
        some_predictions(tls={}), gateway=a_gateway_seen(listeners=ENCRYPTED)
    )
    anonymous = a_publishing_model(
        some_predictions(user=None), gateway=a_gateway_seen(auth={"allowAnonymous": True})
    )
    assert [predictions_trouble(seen) for seen in (encrypted, anonymous)] == [None, None]


def test_a_subject_is_looked_for_in_every_stream() -> None:
    others = {"name": "others", "subjects": ["others.*", "predictions.churn.eu"]}
    seen = a_publishing_model(
        some_predictions(subject="predictions.churn.eu"),
        gateway=a_gateway_seen(streams=[STREAM | {"subjects": ["predictions.*"]}, others]),
    )
    assert predictions_trouble(seen) is None


def test_of_a_server_of_its_own_nothing_is_known() -> None:
    own = replace(a_version("v1"), spec=a_version_spec(model="churn", **OWN_SERVER))
    status, reason, message = condition(a_publishing_model(versions={"v1": own}))
    assert (status, reason) == ("Unknown", "PublishingLeftToServer")
    assert "v1 has no runtime.builtin" in message


def test_a_missing_gateway_holds_up_no_rollout_and_degrades_nothing() -> None:
    # given
    at_rest = a_publishing_model(gateway=None)
    new = a_publishing_model(gateway=None, spec=a_spec("v2", predictions=some_predictions()))
    # when
    resting, starting = decide(at_rest, NOW), decide(new, NOW)
    # then
    assert resting.change is None
    assert resting.state.phase is Phase.HEALTHY
    assert "v1 serves, and its predictions are lost: spec.predictions" in resting.state.message
    assert starting.change is not None
    assert starting.change.memory.rollout is not None
    assert starting.change.memory.rollout.version == "v2"
