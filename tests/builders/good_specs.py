"""Specs that look unusual and must be accepted all the same."""

from typing import Any

from tests.builders.predictions import some_predictions
from tests.builders.resources import Manifest, a_canary_of, a_model, a_model_version, an_artifact


def _from(uri: str) -> Manifest:
    return a_model_version(artifact=an_artifact(uri))


def _container(**fields: Any) -> Manifest:
    return a_model_version(
        artifact=None, runtime={"container": {"image": "example.com/churn:1"} | fields}
    )


LONGEST_NAME = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])

GOOD_SPECS: dict[str, Manifest] = {
    "only a version": a_model(),
    "no replicas": a_model(replicas=0),
    "a track": a_model(version=None, track={"policy": "NewestValidated"}),
    "recreate": a_model(strategy={"recreate": {}}),
    "canary with the default steps": a_model(strategy={"canary": {}}),
    "a canary that is scaled before it has weight": a_model(
        strategy=a_canary_of(
            {"setWeight": 0}, {"setCanaryScale": {"weight": 50}}, {"pause": {}}, {"setWeight": 1}
        )
    ),
    "50 steps": a_model(strategy=a_canary_of(*({"setWeight": weight} for weight in range(1, 51)))),
    "up to 100": a_model(strategy=a_canary_of({"setWeight": 100})),
    "durations of all units": a_model(
        strategy=a_canary_of(
            {"setWeight": 1},
            {"pause": {"duration": "1h2m3s4ms"}},
            {"pause": {"duration": "1.5h"}},
            {"pause": {"duration": "8784h"}},
            {"analysis": {"minRequests": 1}},
        )
    ),
    "no way back": a_model(rollback={"window": "0s", "keepWarm": 0}),
    "no track and no Gateway in so many words": a_model(traffic={}, analysis={"metrics": []}),
    "predictions to a gateway with users and TLS": a_model(
        predictions=some_predictions(tls={"caSecretRef": {"name": "feed-tls"}})
    ),
    "predictions to a gateway without users": a_model(
        predictions=some_predictions(user=None, subject="headgates/eu=1.churn_v2")
    ),
    "a Model's name of 253 characters": a_model(LONGEST_NAME, version=LONGEST_NAME),
    "a version's name of 253 characters": a_model_version(LONGEST_NAME, model=LONGEST_NAME),
    "a Service of the cluster": _from("http://models.team-a.svc:8080/churn.tar.gz"),
    "a signed address": _from("https://example.com/m?X-Signature=a%2Fb%2E&t=/../x@y#/../part"),
    "a name with two dots in it": _from("https://example.com/model..v2/a...b"),
    "an address of the network": _from("https://10.1.2.3:8443/m"),
    "a global IPv6 address": _from("https://[2001:db8::1]:8443/m"),
    "a unique local IPv6 address": _from("http://[fd12:3456::1]/m"),
    "a name that begins like loopback": _from("https://127.example.com/m"),
    "a name of hex digits": _from("https://cafe.example.com/m"),
    "S3": _from("s3://models/churn/3.1.0.tar.gz"),
    "a claim": _from("pvc://models/churn/3.1.0.tar.gz"),
    "a ConfigMap": _from("configmap://churn-model"),
    "a key of a ConfigMap": _from("configmap://churn-model/model.skops"),
    "credentials": a_model_version(artifact=an_artifact(secretRef={"name": "models-ro"})),
    "a pickle, in so many words": a_model_version(
        runtime={"builtin": {"format": "sklearn", "allowPickle": True}}
    ),
    "a model inside an image": _container(),
    "an image by digest, with all that a container may say": _container(
        image=f"registry.example.com:5000/churn@sha256:{'a' * 64}",
        port=9000,
        command=["serve"],
        args=["--verbose"],
        env=[
            {"name": "A", "value": ""},
            {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        ],
    ),
    "resources": a_model_version(
        resources={
            "requests": {"cpu": "100m", "memory": "128Mi", "nvidia.com/gpu": 1},
            "limits": {"cpu": "0.5", "memory": "0.5Gi", "nvidia.com/gpu": "1"},
        }
    ),
    "dependencies and lineage": a_model_version(
        dependsOn=[{"name": "features-v2"}], lineage={"gitCommit": "4f2c1d9"}
    ),
    "no explanations in so many words": a_model_version(explainability={"method": "None"}),
    "explanations by answers alone": a_model_version(explainability={"method": "Permutation"}),
}
