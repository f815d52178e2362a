"""What makes a ValidationPolicy unusable, or unfit for a version, though every field reads well."""

from collections.abc import Iterator

from headgate.core.resource import Problem, unbuilt_parts
from headgate.modelversion.accept import resource_problems
from headgate.modelversion.types import ExplainMethod, ModelVersionSpec
from headgate.validation.check_types import CHECKS, Check, DriftCheck
from headgate.validation.drift_tests import misfit
from headgate.validation.policy_types import NO_TLS, TLS, Design, Engine, ValidationPolicySpec

REFERENCE, CANDIDATE = "reference", "candidate"
INPUTS = (REFERENCE, CANDIDATE)
NEED_TARGET = frozenset({"performance", "calibration", "residuals"})
NEED_ANSWERS = frozenset({"performance", "calibration", "fairness", "residuals"})
NEED_MODEL = frozenset({"stability", "explanations"})


def policy_problems(spec: ValidationPolicySpec) -> tuple[Problem, ...]:
    """Return everything that keeps the policy from being used; empty when it is accepted."""
    return (*unbuilt_parts(spec), *_contradictions(spec))


def _contradictions(spec: ValidationPolicySpec) -> Iterator[Problem]:
    yield from _of_predictions(spec)
    yield from _named_twice(spec)
    yield from _of_engine(spec.engine)
    design = spec.design
    if design.pairs is not None and (design.clusters or design.time) is not None:
        yield Problem(
            "spec.design.pairs",
            "cannot be combined with clusters or time: pairs are compared as independent ones",
        )
    yield from resource_problems("spec.resources", spec.resources)
    for index, check in enumerate(spec.checks):
        path = f"spec.checks[{index}]"
        if len(check.names) != 1:
            yield Problem(path, f"set exactly one of {', '.join(CHECKS)}")
            continue
        yield from _lacking(spec, check, f"{path}.{check.name}")
        if check.drift is not None:
            yield from _against_design(design, check.drift, f"{path}.drift")


def _of_predictions(spec: ValidationPolicySpec) -> Iterator[Problem]:
    predictions, path = spec.predictions, "spec.predictions"
    if predictions is None:
        return
    if (predictions.from_ is None) == (predictions.column is None):
        yield Problem(path, "set exactly one of from and column")
    if predictions.scores and predictions.column is None:
        yield Problem(f"{path}.scores", "needs column")
    if spec.target is not None and predictions.column == spec.target:
        yield Problem(f"{path}.column", "is spec.target: answers cannot be the truth")
    if spec.target in predictions.scores:
        yield Problem(f"{path}.scores", "holds spec.target: scores cannot be the truth")


def _named_twice(spec: ValidationPolicySpec) -> Iterator[Problem]:
    for field, names in (("segments", spec.segments), ("sensitive", spec.sensitive)):
        for index, name in enumerate(names):
            if name in names[:index]:
                yield Problem(f"spec.{field}[{index}]", f"names {name!r} twice")


def _of_engine(engine: Engine) -> Iterator[Problem]:
    if [engine.local, engine.dask, engine.ray].count(None) != 2:  # noqa: PLR2004
        yield Problem("spec.engine", "set exactly one of local, dask, ray")
    if engine.dask is not None and engine.dask.scheduler_address.startswith(TLS):
        yield Problem("spec.engine.dask.schedulerAddress", NO_TLS)


def _against_design(design: Design, drift: DriftCheck, path: str) -> Iterator[Problem]:
    """Yield the tests that take rows for something else than the design says: never a plain one."""
    grouped = (design.clusters or design.time) is not None
    if found := misfit(drift.test.value, pairs=design.pairs is not None, grouped=grouped):
        yield Problem(f"{path}.test", found)
    if drift.multivariate and (grouped or design.pairs is not None):
        yield Problem(
            f"{path}.multivariate",
            "takes rows for independent, and spec.design says that they belong together: leave it"
            " out",
        )


def _lacking(spec: ValidationPolicySpec, check: Check, path: str) -> Iterator[Problem]:
    name, predictions = check.name, spec.predictions
    if name in NEED_TARGET and spec.target is None:
        yield Problem(path, "needs spec.target: the column that the model predicts")
    if name in NEED_ANSWERS and predictions is None:
        yield Problem(path, "needs spec.predictions: {from: Model}, or {column: NAME}")
    if name in NEED_MODEL and (predictions is None or predictions.from_ is None):
        yield Problem(path, "needs spec.predictions: {from: Model}, because it runs the model")
    if check.compares and predictions is not None and predictions.from_ is None:
        yield Problem(
            path,
            "needs spec.predictions: {from: Model} for nonInferiorTo and superiorTo: columns hold"
            " no answers of the stable version",
        )
    if name == "fairness" and not spec.sensitive:
        yield Problem(path, "needs spec.sensitive: the columns whose groups are compared")
    if name == "residuals" and spec.task == "Classification":
        yield Problem(path, "is for regressions, and spec.task is Classification")
    yield from _not_failing(check, path)


def _not_failing(check: Check, path: str) -> Iterator[Problem]:
    explanations, performance = check.explanations, check.performance
    if explanations is not None and not (explanations.drift or explanations.additivity):
        yield Problem(path, "set drift or additivity: without one nothing could fail")
    if performance is None:
        return
    bounds = (performance.min, performance.max)
    if performance.non_inferior_to and performance.superior_to:
        yield Problem(path, "set nonInferiorTo or superiorTo, not both")
    if None not in bounds:
        yield Problem(path, "set min or max, not both")
    if bounds == (None, None) and not (performance.non_inferior_to or performance.superior_to):
        yield Problem(path, "set min, max, nonInferiorTo or superiorTo: nothing could fail")


def version_problems(
    policy: ValidationPolicySpec, version: ModelVersionSpec
) -> tuple[Problem, ...]:
    """Return what keeps this policy from being carried out on this version."""
    return tuple(_unfit(policy, version))


def _unfit(policy: ValidationPolicySpec, version: ModelVersionSpec) -> Iterator[Problem]:
    path = "spec.validation.data"
    data = version.validation.data if version.validation is not None else {}
    for name in INPUTS:
        if name not in data:
            yield Problem(f"{path}.{name}", "is required: the policy's checks read it")
    for name in data:
        if name not in INPUTS:
            yield Problem(f"{path}.{name}", f"is no input; inputs are {', '.join(INPUTS)}")
    yield from _unexplainable(policy, version)
    runs_model = policy.predictions is not None and policy.predictions.from_ is not None
    if runs_model and (version.runtime.builtin is None or version.artifact is None):
        yield Problem(
            "spec.runtime",
            "the policy runs the model (spec.predictions.from), which needs runtime.builtin and an"
            " artifact; with a server of your own, give answers as a column of the data",
        )


def _unexplainable(policy: ValidationPolicySpec, version: ModelVersionSpec) -> Iterator[Problem]:
    wanted = [f"spec.checks[{i}]" for i, each in enumerate(policy.checks) if each.explanations]
    if wanted and version.explain_method is ExplainMethod.NONE:
        yield Problem(
            "spec.explainability.method",
            f"is None, and the policy's {wanted[0]}.explanations explains the version's answers:"
            " set Auto, Tree, Linear or Permutation in a new version, or name another policy",
        )
