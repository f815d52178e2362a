"""A Model that publishes its predictions, and the gateway that they go to."""

from typing import Any

from headgate.model.observed import GatewaySeen, Observed
from tests.builders.gateways import a_gateway_spec
from tests.builders.observed import a_model_seen, a_spec

USER = {"name": "churn", "secretRef": {"name": "feed-users"}}
STREAM = {"name": "predictions", "subjects": ["predictions.>"]}


def some_predictions(**changes: Any) -> dict[str, Any]:
    """Return spec.predictions in YAML's words: to the gateway feed, as the user churn."""
    given = {
        "streamGateway": {"name": "feed"},
        "subject": "predictions.churn",
        "user": USER,
        **changes,
    }
    return {field: value for field, value in given.items() if value is not None}


def a_gateway_seen(**spec: Any) -> GatewaySeen:
    """Return a gateway that the predictions fit: one with users and a stream."""
    given = {"auth": {"secretRef": {"name": "feed-users"}}, "streams": [STREAM], **spec}
    return GatewaySeen(spec=a_gateway_spec(**given))


def a_publishing_model(predictions: dict[str, Any] | None = None, **changes: Any) -> Observed:
    """Return a Model at rest whose predictions reach their stream."""
    spec = a_spec(predictions=predictions or some_predictions())
    return a_model_seen(**{"spec": spec, "gateway": a_gateway_seen(), **changes})
