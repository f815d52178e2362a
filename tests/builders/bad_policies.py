"""Policies that must be refused: by the API server, and by the operator for older CRDs' sake."""

from typing import Any

from tests.builders.bad_specs import NOT_BUILT, Bad
from tests.builders.validation import a_policy


def _policy(because: str, path: str, says: str = "", /, **spec: Any) -> Bad:
    return Bad(because, a_policy(**spec), path, says)


def _check(because: str, path: str, says: str = "", /, **check: Any) -> Bad:
    answers: Any = {"target": "churned", "predictions": {"from": "Model"}}
    where = f"spec.checks[0]{path}"
    return Bad(because, a_policy(checks=[check], **answers), where, says)


BY_SCHEMA: tuple[Bad, ...] = (
    _policy("no check", "spec.checks", "", checks=[]),
    _policy("no checks at all", "spec.checks", "", checks=None),
    _policy("alpha of 0", "spec.alpha", "", alpha=0),
    _policy("alpha of 1", "spec.alpha", "", alpha=1),
    _policy("a correction nobody knows", "spec.errorControl", "", errorControl="Bonferroni"),
    _policy(
        "two checks in one",
        "spec.checks[0]",
        "set exactly one of",
        checks=[
            {"drift": {}, "quality": {}},
        ],
    ),
    _policy("an empty check", "spec.checks[0]", "set exactly one of", checks=[{}]),
    _policy(
        "a column and a model",
        "spec.predictions",
        "exactly one",
        predictions={
            "from": "Model",
            "column": "y_hat",
        },
    ),
    _policy(
        "scores of nothing",
        "spec.predictions",
        "",
        predictions={
            "from": "Model",
            "scores": ["p"],
        },
    ),
    _policy("nine segments", "spec.segments", "8", segments=[f"s{i}" for i in range(9)]),
    _policy("an empty column name", "spec.target", "", target=""),
    _policy(
        "dask by TLS",
        "spec.engine.dask.schedulerAddress",
        "tls:// needs certificates",
        engine={
            "dask": {"schedulerAddress": "tls://dask:8786"},
        },
    ),
    _policy(
        "ray",
        "spec.engine.ray",
        NOT_BUILT,
        engine={
            "ray": {"address": "ray://ray:10001"},
        },
    ),
    _policy("no engine", "spec.engine", "exactly one", engine={}),
    _policy(
        "pairs that follow each other in time",
        "spec.design",
        "cannot be combined with clusters or time",
        design={"pairs": "id", "time": "day"},
    ),
    _policy("a schedule of nothing", "spec.schedule.every", "", schedule={}),
    _policy("a run a second", "spec.schedule.every", "1m or longer", schedule={"every": "1s"}),
    _policy("catalogues", "spec.compliance", NOT_BUILT, compliance={"catalogues": ["a"]}),
    _policy("no time at all", "spec.timeout", "longer than 0s", timeout="0s"),
    _policy("eleven retries", "spec.backoffLimit", "10", backoffLimit=11),
    _check("a test that nobody knows", ".drift.test", "", drift={"test": "kolmogorof"}),
    _check("an effect above 1", ".drift.minEffect", "", drift={"minEffect": 2}),
    _check(
        "a performance that cannot fail",
        ".performance",
        "nothing could fail",
        performance={"metric": "accuracy"},
    ),
    _check(
        "a minimum and a maximum",
        ".performance",
        "not both",
        performance={"metric": "accuracy", "min": 0.1, "max": 0.2},
    ),
    _check(
        "a metric with capitals", ".performance.metric", "", performance={"metric": "F1", "min": 0}
    ),
    _check(
        "explanations that cannot fail",
        ".explanations",
        "nothing could fail",
        explanations={"drift": False, "additivity": False},
    ),
    _check("explanations of ten rows", ".explanations.rows", "", explanations={"rows": 10}),
    _check("one bin", ".calibration.bins", "", calibration={"bins": 1}),
    _check("a fairness nobody knows", ".fairness.metric", "", fairness={"metric": "nice"}),
    _check("a fairness above 1", ".fairness.max", "", fairness={"max": 1.5}),
    _check("an endless class", ".fairness.positive", "", fairness={"positive": "x" * 257}),
    _check("no column at all", ".drift.multivariate", "", drift={"multivariate": ["manova"]}),
    _check("a metric without a name", ".performance", "metric", performance={"min": 0}),
    _check(
        "a margin below 0",
        ".performance.margin",
        "",
        performance={"metric": "f1", "nonInferiorTo": "stable", "margin": -1},
    ),
    _check(
        "a version that is not the stable one",
        ".performance.nonInferiorTo",
        "",
        performance={"metric": "f1", "nonInferiorTo": "churn-v1"},
    ),
    _check(
        "two ways to compare",
        ".performance",
        "not both",
        performance={"metric": "f1", "nonInferiorTo": "stable", "superiorTo": "stable"},
    ),
    _check("an error above 1", ".calibration.maxError", "", calibration={"maxError": 3}),
    _check("no bias at all", ".residuals.maxBias", "", residuals={"maxBias": 0}),
    _check(
        "a correlation above 1",
        ".residuals.maxAutocorrelation",
        "",
        residuals={"maxAutocorrelation": 2},
    ),
    _check(
        "a share above 1",
        ".residuals.maxHeteroscedasticity",
        "",
        residuals={"maxHeteroscedasticity": 2},
    ),
    _check("no noise", ".stability.noise", "", stability={"noise": 0}),
    _check("a flip below 0", ".stability.maxFlip", "", stability={"maxFlip": -0.1}),
    *(
        _check(f"{field} above 1", f".quality.{field}", "", quality={field: 1.1})
        for field in (
            "maxMissing",
            "maxOutOfRange",
            "maxNewCategories",
            "maxDuplicates",
            "maxLeakage",
        )
    ),
    _policy("an answer of nobody's", "spec.predictions.from", "", predictions={"from": "Mode"}),
    _policy("a task nobody knows", "spec.task", "", task="Ranking"),
    _policy("nine sensitive columns", "spec.sensitive", "8", sensitive=[f"s{i}" for i in range(9)]),
    _policy("an empty cluster", "spec.design.clusters", "", design={"clusters": ""}),
    _policy("an empty time", "spec.design.time", "", design={"time": ""}),
    _policy("a vote", "spec.onInconclusive", "", onInconclusive="Vote"),
    _policy("ray", "spec.engine.ray", NOT_BUILT, engine={"ray": {"address": "ray://r:1"}}),
    _policy(
        "two engines",
        "spec.engine",
        "exactly one",
        engine={"local": {}, "ray": {"address": "ray://r:1"}},
    ),
    _policy(
        "a request above its limit",
        "spec.resources.requests",
        "above its limit",
        resources={"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}},
    ),
    _policy(
        "memory in words",
        "spec.resources.limits.memory",
        "",
        resources={"limits": {"memory": "much"}},
    ),
    _policy("a timeout in words", "spec.timeout", "", timeout="long"),
    _policy("fewer retries than none", "spec.backoffLimit", "", backoffLimit=-1),
)
BY_THE_OPERATOR: tuple[Bad, ...] = (
    _policy(
        "performance without a target",
        "spec.checks[0].performance",
        "spec.target",
        checks=[
            {"performance": {"metric": "accuracy", "min": 0.5}},
        ],
    ),
    _policy(
        "a comparison with a version that nobody asks",
        "spec.checks[0].performance",
        "no answers of the stable version",
        checks=[
            {"performance": {"metric": "accuracy", "nonInferiorTo": "stable"}},
        ],
        target="churned",
        predictions={"column": "y_hat"},
    ),
    _policy(
        "stability without a model",
        "spec.checks[0].stability",
        "from: Model",
        checks=[
            {"stability": {}},
        ],
    ),
    _policy(
        "fairness of nobody",
        "spec.checks[0].fairness",
        "spec.sensitive",
        checks=[
            {"fairness": {}},
        ],
        predictions={"from": "Model"},
    ),
    _policy(
        "a plain test of clusters",
        "spec.checks[0].drift.test",
        "welch takes rows for independent",
        checks=[{"drift": {"test": "welch"}}],
        design={"clusters": "customer"},
    ),
    _policy(
        "an unpaired test of pairs",
        "spec.checks[0].drift.test",
        "take ks-paired, wilcoxon",
        checks=[{"drift": {"test": "chi2"}}],
        design={"pairs": "customer"},
    ),
    _policy(
        "answers that are the truth",
        "spec.predictions.column",
        "is spec.target",
        target="y",
        predictions={"column": "y"},
    ),
    _policy(
        "scores that are the truth",
        "spec.predictions.scores",
        "holds spec.target",
        target="y",
        predictions={"column": "y_hat", "scores": ["p", "y"]},
    ),
    _policy("a segment twice", "spec.segments[1]", "names 'region' twice", segments=["region"] * 2),
    _policy("a group twice", "spec.sensitive[1]", "names 'sex' twice", sensitive=["sex"] * 2),
    _policy(
        "a test of pairs without pairs",
        "spec.checks[0].drift.test",
        "needs spec.design.pairs",
        checks=[{"drift": {"test": "wilcoxon"}}],
    ),
    _policy(
        "a test of clusters without clusters",
        "spec.checks[0].drift.test",
        "needs spec.design.clusters or time",
        checks=[{"drift": {"test": "ks-clustered"}}],
    ),
    _policy(
        "columns together that belong together",
        "spec.checks[0].drift.multivariate",
        "takes rows for independent",
        checks=[{"drift": {"multivariate": ["mmd"]}}],
        design={"time": "day"},
    ),
    _policy(
        "columns that are neither",
        "spec.checks[0].drift.columns",
        "",
        checks=[
            {"drift": {"columns": "some"}},
        ],
    ),
)
"""What a CRD cannot say: the operator does, in the condition Accepted."""
