"""Specs that must be refused, with the path that the answer has to name and a word of its reason.

One table for both judges: the API server by the CRD, and the operator for what got in before it.
"""

from dataclasses import dataclass
from typing import Any

from tests.builders.predictions import some_predictions
from tests.builders.resources import Manifest, a_canary_of, a_model, a_model_version, an_artifact

NOT_BUILT = "not built yet in this release"
WEIGHT = {"setWeight": 10}


@dataclass(frozen=True)
class Bad:
    """A spec that must be refused."""

    because: str
    manifest: Manifest
    path: str
    says: str = ""

    def __str__(self) -> str:
        """Read as the name of a test."""
        return self.because


def _model(because: str, path: str, says: str = "", /, **spec: Any) -> Bad:
    return Bad(because, a_model(**spec), path, says)


def _predictions(because: str, path: str, says: str = "", /, **fields: Any) -> Bad:
    predictions = some_predictions(**fields)
    return _model(because, f"spec.predictions{path}", says, predictions=predictions)


def _steps(because: str, path: str, says: str, /, *steps: Manifest) -> Bad:
    where = f"spec.strategy.canary.steps{path}"
    return Bad(because, a_model(strategy=a_canary_of(*steps)), where, says)


def _pause(because: str, duration: Any) -> Bad:
    path = "[1].pause.duration"
    return _steps(because, path, "", WEIGHT, {"pause": {"duration": duration}})


def _version(because: str, path: str, says: str = "", /, **spec: Any) -> Bad:
    return Bad(because, a_model_version(**spec), path, says)


def _uri(because: str, uri: str, says: str = "") -> Bad:
    return Bad(because, a_model_version(artifact=an_artifact(uri)), "spec.artifact.uri", says)


def _container(because: str, path: str, says: str = "", /, **fields: Any) -> Bad:
    runtime = {"container": {"image": "example.com/churn:1"} | fields}
    return Bad(because, a_model_version(runtime=runtime), f"spec.runtime.container{path}", says)


BAD_MODELS = (
    _steps("a weight below 0", "[0].setWeight", "greater than or equal to 0", {"setWeight": -1}),
    _steps("a weight above 100", "[0].setWeight", "less than or equal to 100", {"setWeight": 101}),
    _steps("a weight that is no number", "[0].setWeight", "", {"setWeight": "much"}),
    _steps("half a percent", "[0].setWeight", "", {"setWeight": 0.5}),
    _steps("steps that never leave 0", "", "go nowhere", {"setWeight": 0}, {"pause": {}}),
    _steps("steps without a weight", "", "go nowhere", {"pause": {"duration": "1m"}}),
    _steps("no steps", "", "at least 1"),
    _steps("a weight that falls", "", "above the one before", {"setWeight": 50}, WEIGHT),
    _steps("a weight that stays", "", "above the one before", WEIGHT, {"pause": {}}, WEIGHT),
    _steps(
        "an analysis before there is traffic",
        "",
        "needs requests",
        {"setWeight": 0},
        {"analysis": {"minRequests": 10}},
        WEIGHT,
    ),
    _steps("51 steps", "", "50", WEIGHT, *[{"pause": {"duration": "1s"}}] * 50),
    _steps("10,000 steps", "", "50", WEIGHT, *[{"pause": {"duration": "1s"}}] * 9_999),
    _steps("an empty step", "[1]", "exactly one of setWeight", WEIGHT, {}),
    _steps("two things in a step", "[0]", "exactly one of", WEIGHT | {"pause": {}}),
    _steps("an analysis of nothing", "[1].analysis.minRequests", "", WEIGHT, {"analysis": {}}),
    _steps(
        "an analysis of 0 requests",
        "[1].analysis.minRequests",
        "greater than or equal to 1",
        WEIGHT,
        {"analysis": {"minRequests": 0}},
    ),
    _steps(
        "a scale said twice",
        "[0].setCanaryScale",
        "exactly one of replicas",
        {"setCanaryScale": {"replicas": 1, "weight": 10}},
        WEIGHT,
    ),
    _steps("a header route", "[0].setHeaderRoute", NOT_BUILT, {"setHeaderRoute": {"name": "a"}}),
    _steps("a mirror route", "[0].setMirrorRoute", NOT_BUILT, {"setMirrorRoute": {"name": "a"}}),
    _pause("a duration of no unit", "30"),
    _pause("a duration as a number", 30),
    _pause("a negative duration", "-30s"),
    _pause("a pause of no time", "0s"),
    _pause("an empty duration", ""),
    _pause("a duration in days", "1d"),
    _pause("a duration in words", "an hour"),
    _pause("a duration of more than a year", "8785h"),
    _pause("a duration that overflows", "99999999999999999999h"),
    _model("no version and no track", "spec", "exactly one of version and track", version=None),
    _model("both", "spec", "exactly one of", track={"policy": "NewestValidated"}),
    _model("a track of nothing", "spec.track.policy", "", version=None, track={}),
    _model("a track nobody knows", "spec.track.policy", "", version=None, track={"policy": "All"}),
    _model(
        "a constraint of a track",
        "spec.track.constraint",
        NOT_BUILT,
        version=None,
        track={"policy": "NewestValidated", "constraint": ">=3.0"},
    ),
    _model("a version of another namespace", "spec.version", version="team-b/churn-v1"),
    _model("a version's name of 254 characters", "spec.version", version="a" * 254),
    _model(
        "two strategies",
        "spec.strategy",
        "exactly one of canary",
        strategy={"recreate": {}, "canary": {}},
    ),
    _model("an empty strategy", "spec.strategy", "exactly one of canary", strategy={}),
    _model("blue-green", "spec.strategy.blueGreen", NOT_BUILT, strategy={"blueGreen": {}}),
    _model("shadowing", "spec.strategy.shadow", NOT_BUILT, strategy={"shadow": {}}),
    _model(
        "a Gateway",
        "spec.traffic.gatewayAPI",
        NOT_BUILT,
        traffic={"gatewayAPI": {"parentRefs": [{"name": "public"}]}},
    ),
    _predictions("predictions of no subject", ".subject", "", subject=None),
    _predictions("predictions on many subjects", ".subject", "", subject="predictions.*"),
    _predictions("predictions on all subjects below one", ".subject", "", subject="predictions.>"),
    _predictions("a subject with a hole in it", ".subject", "", subject="predictions..churn"),
    _predictions("a subject of ours", ".subject", "not for predictions", subject="headgate.churn"),
    _predictions("private answers", ".subject", "not for predictions", subject="_INBOX.churn"),
    _predictions("a subject of the servers", ".subject", "", subject="$SYS.churn"),
    _predictions("predictions to no gateway", ".streamGateway", "", streamGateway=None),
    _predictions(
        "an address in place of a gateway",
        ".streamGateway.name",
        "",
        streamGateway={"name": "nats://elsewhere.example.com:4222"},
    ),
    _predictions(
        "a gateway's port of 65536",
        ".streamGateway.port",
        "",
        streamGateway={"name": "feed", "port": 65536},
    ),
    _predictions("a user without a password", ".user.secretRef", "", user={"name": "churn"}),
    _predictions(
        "a user whose name has a slash in it",
        ".user.name",
        "",
        user={"name": "../churn", "secretRef": {"name": "users"}},
    ),
    _model(
        "autoscaling",
        "spec.autoscaling",
        NOT_BUILT,
        autoscaling={"maxReplicas": 3, "metrics": [{"name": "cpuUtilization", "target": 70}]},
    ),
    _model(
        "a range upside down",
        "spec.autoscaling.minReplicas",
        "above maxReplicas",
        autoscaling={
            "minReplicas": 4,
            "maxReplicas": 3,
            "metrics": [{"name": "cpuUtilization", "target": 70}],
        },
    ),
    _model(
        "a metric query",
        "spec.analysis.metrics",
        NOT_BUILT,
        analysis={"metrics": [{"name": "a", "provider": "prometheus", "query": "up"}]},
    ),
    _model("negative replicas", "spec.replicas", "greater than or equal to 0", replicas=-1),
    _model("100,000 replicas", "spec.replicas", "less than or equal to 1000", replicas=100_000),
    _model(
        "alpha of 1", "spec.analysis.errorRatio.alpha", "0.5", analysis={"errorRatio": {"alpha": 1}}
    ),
    _model(
        "alpha of 0",
        "spec.analysis.errorRatio.alpha",
        "0.000001",
        analysis={"errorRatio": {"alpha": 0}},
    ),
    _model(
        "a ratio below 1",
        "spec.analysis.errorRatio.max",
        "1",
        analysis={"errorRatio": {"max": 0.5}},
    ),
    _model(
        "the 100th percentile",
        "spec.analysis.latency.quantile",
        "0.999",
        analysis={"latency": {"quantile": 1}},
    ),
    _model(
        "the 0th percentile",
        "spec.analysis.latency.quantile",
        "0.5",
        analysis={"latency": {"quantile": 0}},
    ),
    _model("a negative window", "spec.rollback.window", rollback={"window": "-1h"}),
    _model("a window of ten years", "spec.rollback.window", rollback={"window": "87600h"}),
    _model("negative replicas kept", "spec.rollback.keepWarm", rollback={"keepWarm": -1}),
    _model("a deadline of 0", "spec.progressDeadlineSeconds", progressDeadlineSeconds=0),
    _model("endless history", "spec.revisionHistoryLimit", revisionHistoryLimit=100_000),
)

_ROWS: Any = {"uri": "pvc://datasets/rows.csv", "sha256": "0" * 64}
_BAD_VALIDATIONS: tuple[tuple[str, str, str, Any], ...] = (
    ("a validation by nothing", ".policyRef", "", {"data": {"reference": _ROWS}}),
    (
        "a policy of another namespace",
        ".policyRef.name",
        "",
        {"policyRef": {"name": "team-b/a"}, "data": {"reference": _ROWS}},
    ),
    (
        "rows without a digest",
        ".data.reference.sha256",
        "",
        {"policyRef": {"name": "a"}, "data": {"reference": {"uri": _ROWS["uri"]}}},
    ),
    (
        "rows with half a digest",
        ".data.reference.sha256",
        "",
        {"policyRef": {"name": "a"}, "data": {"reference": _ROWS | {"sha256": "0" * 32}}},
    ),
    (
        "credentials for a claim",
        ".data",
        "http://, https:// and s3:// only",
        {"policyRef": {"name": "a"}, "data": {"reference": _ROWS | {"secretRef": {"name": "s"}}}},
    ),
    (
        "rows that lead out of their claim",
        ".data",
        "",
        {"policyRef": {"name": "a"}, "data": {"reference": _ROWS | {"uri": "pvc://c/../x"}}},
    ),
    (
        "a password in an address",
        ".data",
        "",
        {"policyRef": {"name": "a"}, "data": {"reference": _ROWS | {"uri": "s3://me:pw@b/x"}}},
    ),
    (
        "an input with capitals",
        ".data",
        "lower case",
        {"policyRef": {"name": "a"}, "data": {"Reference": _ROWS}},
    ),
)
BAD_VERSIONS = (
    _version("no artifact", "spec.artifact", "required", artifact=None),
    _version(
        "a digest that is too short",
        "spec.artifact.sha256",
        "",
        artifact=an_artifact(sha256="9f86d0"),
    ),
    _version(
        "a digest that is too long",
        "spec.artifact.sha256",
        "64",
        artifact=an_artifact(sha256="0" * 65),
    ),
    _version(
        "a digest in upper case", "spec.artifact.sha256", "", artifact=an_artifact(sha256="A" * 64)
    ),
    _version(
        "a digest with its algorithm",
        "spec.artifact.sha256",
        "",
        artifact=an_artifact(sha256="sha256:" + "a" * 57),
    ),
    _version("no digest", "spec.artifact.sha256", "", artifact={"uri": "https://example.com/m"}),
    _version(
        "credentials for a claim",
        "spec.artifact.secretRef",
        "http://, https:// and s3://",
        artifact=an_artifact("pvc://models/a", secretRef={"name": "a"}),
    ),
    _uri("a file of the node", "file:///etc/passwd", "file:// among them"),
    _uri("a file in upper case", "FILE:///etc/passwd", "must start with"),
    _uri("ftp", "ftp://example.com/m", "must start with"),
    _uri("data", "data:text/plain,abc", "must start with"),
    _uri("no scheme", "example.com/m", "must start with"),
    _uri("no host", "https://", "must start with"),
    _uri("only a path", "https:///m", "must start with"),
    _uri("Google's storage", "gs://models/m", NOT_BUILT),
    _uri("an image", "image://example.com/m:1", NOT_BUILT),
    _uri("a user", "https://me@example.com/m", "secretRef"),
    _uri("a password", "https://me:secret@example.com/m", "secretRef"),
    _uri("the metadata service", "http://169.254.169.254/latest/meta-data", "metadata"),
    _uri("another link-local address", "http://169.254.1.1:8080/m", "link-local"),
    _uri("the metadata service by name", "http://metadata.google.internal/m", "metadata"),
    _uri("its name with a dot", "http://metadata.google.internal./m", "metadata"),
    _uri("its name in upper case", "http://METADATA.google.internal/m", "metadata"),
    _uri("Alibaba's metadata service", "http://100.100.100.200/m", "metadata"),
    _uri("loopback", "http://127.0.0.1/m", "loopback"),
    _uri("another loopback address", "https://127.9.9.9:8443/m", "loopback"),
    _uri("loopback by name", "http://localhost/m", "loopback"),
    _uri("loopback by a longer name", "http://a.localhost:80/m", "loopback"),
    _uri("loopback, alone", "http://localhost", "loopback"),
    _uri("loopback before a query", "http://localhost?a", "loopback"),
    _uri("no address", "http://0.0.0.0/m", "unspecified"),
    _uri("loopback as a number", "http://2130706433/m", "usual notation"),
    _uri("loopback in hex", "http://0x7f000001/m", "usual notation"),
    _uri("loopback in hex parts", "http://0x7f.0.0.1/m", "usual notation"),
    _uri("loopback in octal", "http://0177.0.0.1/m", "usual notation"),
    _uri("metadata in octal", "http://0251.0376.0251.0376/m", "usual notation"),
    _uri("loopback cut short", "http://127.1/m", "usual notation"),
    _uri("loopback in IPv6", "http://[::1]/m", "loopback"),
    _uri("loopback in long IPv6", "http://[0:0:0:0:0:0:0:1]/m", "loopback"),
    _uri("no address in IPv6", "http://[::]:80/m", "unspecified"),
    _uri("link-local in IPv6", "http://[fe80::1]/m", "link-local"),
    _uri("link-local with a zone", "http://[fe80::1%25eth0]/m", "link-local"),
    _uri("IPv4 inside IPv6", "http://[::ffff:169.254.169.254]/m", "link-local"),
    _uri("IPv4 inside IPv6 in hex", "http://[::ffff:a9fe:a9fe]/m", "link-local"),
    _uri("NAT64", "http://[64:ff9b::a9fe:a9fe]/m", "link-local"),
    _uri("AWS's metadata in IPv6", "http://[fd00:ec2::254]/m", "metadata"),
    _uri("a host in disguise", "http://%6c%6fcalhost/m", "host"),
    _uri("a host in fullwidth digits", "http://１２７.0.0.1/m"),  # noqa: RUF001
    _uri("a host after a backslash", "http://example.com\\@127.0.0.1/m"),
    _uri("a space", "https://example.com/a b"),
    _uri("a line break", "https://example.com/a\nb"),
    _uri("a path that climbs", "https://example.com/a/../b", "`..`"),
    _uri("a path that ends above", "https://example.com/a/..", "`..`"),
    _uri("an encoded climb", "https://example.com/a/%2e%2E/b", "`..`"),
    _uri("a climb that is encoded twice", "https://example.com/a/%252e%252e/b", "`..`"),
    _uri("a climb with a parameter", "https://example.com/a/..;x/b", "`..`"),
    _uri("port 65536", "https://example.com:65536/m", "a port above 65535"),
    _uri("an encoded slash", "https://example.com/a%2f..%2fb", "`..`"),
    _uri("a claim's path that climbs", "pvc://models/../../etc", "`..`"),
    _uri("a claim without a path", "pvc://models", "pvc://CLAIM/PATH"),
    _uri("a claim of another namespace", "pvc://team_b/m/x", "pvc://CLAIM/PATH"),
    _uri("a bucket without a key", "s3://models/", "s3://BUCKET/KEY"),
    _uri("a ConfigMap's path", "configmap://models/a/b", "configmap://NAME"),
    _uri("an endless address", "https://example.com/" + "a" * 2048),
    _version("no runtime", "spec.runtime", "", runtime=None),
    _version("an empty runtime", "spec.runtime", "exactly one of builtin", runtime={}),
    _version(
        "two runtimes",
        "spec.runtime",
        "exactly one of builtin",
        runtime={"builtin": {"format": "onnx"}, "container": {"image": "a"}},
    ),
    _version(
        "KServe", "spec.runtime.kserve", NOT_BUILT, runtime={"kserve": {"modelFormat": "sklearn"}}
    ),
    _version(
        "a seldon microservice",
        "spec.runtime.seldon",
        NOT_BUILT,
        runtime={"seldon": {"image": "a"}},
    ),
    _version(
        "Seldon Core",
        "spec.runtime.seldonDeployment",
        NOT_BUILT,
        runtime={"seldonDeployment": {"implementation": "SKLEARN_SERVER"}},
    ),
    _version(
        "an unknown format",
        "spec.runtime.builtin.format",
        "onnx",
        runtime={"builtin": {"format": "pickle"}},
    ),
    _version(
        "a pickle where a safe format is promised",
        "spec.runtime.builtin.allowPickle",
        "sklearn only",
        runtime={"builtin": {"format": "onnx", "allowPickle": True}},
    ),
    _container("port 0", ".port", port=0),
    _container("port 70,000", ".port", port=70_000),
    _container("an unknown protocol", ".protocol", "V2", protocol="V1"),
    _container("an image with a space", ".image", image="a b"),
    _container("a reserved variable", ".env[0].name", "reserved", env=[{"name": "HEADGATE_X"}]),
    _container("a variable that is none", ".env[0].name", env=[{"name": "1=2"}]),
    _container(
        "a value said twice",
        ".env[0]",
        "not both",
        env=[{"name": "A", "value": "1", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}],
    ),
    _container("a variable set twice", ".env[1]", "", env=[{"name": "A"}, {"name": "A"}]),
    _version(
        "a request above its limit",
        "spec.resources.requests",
        "above its limit",
        resources={"requests": {"memory": "1Gi"}, "limits": {"memory": "512Mi"}},
    ),
    _version(
        "an amount that is none",
        "spec.resources.limits.memory",
        "",
        resources={"limits": {"memory": "much"}},
    ),
    _version(
        "a negative amount",
        "spec.resources.requests.cpu",
        "",
        resources={"requests": {"cpu": "-1"}},
    ),
    _version(
        "a resource that is none",
        "spec.resources.requests",
        "cpu, memory",
        resources={"requests": {"c p u": "1"}},
    ),
    _version(
        "a dependency named twice",
        "spec.dependsOn[1]",
        "",
        dependsOn=[{"name": "a"}, {"name": "a"}],
    ),
    _version(
        "a dependency of another namespace",
        "spec.dependsOn[0].name",
        "",
        dependsOn=[{"name": "team-b/a"}],
    ),
    _version(
        "17 dependencies", "spec.dependsOn", "16", dependsOn=[{"name": f"a{i}"} for i in range(17)]
    ),
    _version(
        "validation data on the node",
        "spec.validation.data",
        "must start with",
        validation={
            "policyRef": {"name": "a"},
            "data": {"reference": {"uri": "file:///etc/passwd", "sha256": "0" * 64}},
        },
    ),
    *(
        _version(because, f"spec.validation{path}", says, validation=validation)
        for because, path, says, validation in _BAD_VALIDATIONS
    ),
    _version(
        "an explanation nobody knows",
        "spec.explainability.method",
        "",
        explainability={"method": "Lime"},
    ),
    _version("a version of spaces", "spec.version", "", version=" "),
    _version("no model", "spec.model", "", model=None),
)

BAD_SPECS = BAD_MODELS + BAD_VERSIONS
