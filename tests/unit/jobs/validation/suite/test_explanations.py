"""The check of explanations: sums, drift of attributions, and what is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headgate.jobs.validation.data.answers import Answers, Model, ModelError
from headgate.jobs.validation.data.dataset import Dataset, Floats
from headgate.jobs.validation.data.file_model import FileModel
from headgate.jobs.validation.data.task import Task
from headgate.jobs.validation.explain.explained import Explained
from headgate.jobs.validation.finding import Measurement, Outcome, Verdict
from headgate.jobs.validation.suite import explanations
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.explanations.attribution_sums import Part, sums_of
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError
from headgate.jobs.validation.suite.runner import run
from headgate.jobs.validation.verdict import worst_first
from headgate.modelversion.types import ExplainMethod
from tests.unit.jobs.validation.explain import models
from tests.unit.jobs.validation.suite.cases import a_case, a_policy, numbers

SUMS = ("sums against the model's output", "sums against the answers")
SECOND = "parts against a second computation"


def moved(rows: Dataset, by: float, column: str = "a") -> Dataset:
    values = rows.columns[column].values + by
    return replace(rows, columns={**rows.columns, column: numbers(column, values)})


def a_case_of(
    model: Model | None,
    *,
    n: int = 600,
    shift: float = 0.0,
    seed: int = 10,
    task: str = "regression",
    policy: dict[str, Any] | None = None,
    **asked: Any,
) -> Case:
    """Return a case of a reference and a candidate of n rows each, `shift` apart in column a."""
    spec = a_policy({"explanations": {"minEffect": 0.25, **asked}}, target=None, **(policy or {}))
    reference = models.some_rows(n, seed=seed, name="reference.csv")
    return replace(
        a_case(spec, numbers("a", [0.0])),
        reference=reference,
        candidate=moved(models.some_rows(n, seed=seed + 1), shift),
        task=Task.REGRESSION if task == "regression" else Task.CLASSIFICATION,
        classes=tuple(map(str, range(models.CLASSES[task]))),
        model=model,
    )


def measured(case: Case, *, seed: int = 1) -> tuple[Explained, dict[str, Measurement]]:
    spec = case.policy.checks[0].explanations
    assert spec is not None
    found = list(explanations.measure(case, spec, seed=seed))
    (explained,) = [each for each in found if isinstance(each, Explained)]
    rest = [each for each in found if isinstance(each, Measurement)]
    return explained, {each.subject: each for each in rest}


def judged(case: Case) -> Outcome:
    return run(case, progress=lambda _done, _total, _what: None)


@pytest.fixture
def an_xgboost(tmp_path: Path) -> FileModel:
    return models.an_xgboost(tmp_path, "regression")


def test_rows_of_the_same_kind_pass_sum_by_sum_and_feature_by_feature(
    an_xgboost: FileModel,
) -> None:
    outcome = judged(a_case_of(an_xgboost))
    subjects = [finding.measured.subject for finding in outcome.findings]
    features = [f"attributions of {name}" for name in models.FEATURES]
    assert outcome.verdict is Verdict.PASS
    assert subjects == [*SUMS, SECOND, *features]
    assert {finding.measured.check for finding in outcome.findings} == {"explanations"}


def test_a_shift_of_the_first_feature_fails_there_while_ranks_see_nothing(
    an_xgboost: FileModel,
) -> None:
    outcome = judged(a_case_of(an_xgboost, shift=1.0))
    ranks, worst = outcome.explained[0].ranks, worst_first(outcome)[0]
    assert (worst.verdict, worst.measured.subject) == (Verdict.FAIL, "attributions of a")
    assert worst.measured.test == "ks"
    assert "moves an answer by" in worst.measured.message
    assert ranks is not None
    assert ranks.value > 0.9
    assert any("Spearman" in note and "no verdict hangs on it" in note for note in outcome.notes)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_classes_are_explained_too(tmp_path: Path, task: str) -> None:
    model = models.a_lightgbm(tmp_path, task)
    explained, found = measured(a_case_of(model, task=task))
    outputs = {"binary": ("1",), "multiclass": ("0", "1", "2")}
    assert explained.outputs == outputs[task]
    assert all(found[subject].fact is Verdict.PASS for subject in SUMS)
    assert len(found) == 10 + (task == "binary")  # shap's own walk knows no trees of three


def test_of_several_classes_the_sizes_are_compared(tmp_path: Path) -> None:
    model = models.a_lightgbm(tmp_path, "multiclass")
    explained, found = measured(a_case_of(model, task="multiclass", shift=2.0))
    effect = found["attributions of a"].effect
    sizes = [part.magnitudes[:, 0] for part in (explained.reference, explained.candidate)]
    from scipy import stats

    assert effect == pytest.approx(stats.ks_2samp(*sizes).statistic, abs=0.01)


def one_off(answers: Answers) -> Answers:
    values = answers.values.copy()
    values[7] += 0.5
    return replace(answers, values=values)


def test_an_answer_that_is_not_the_sum_fails_with_its_row(an_xgboost: FileModel) -> None:
    # given: a server that answers otherwise than the booster in the file
    case = a_case_of(an_xgboost, rows=10_000)
    case = replace(case, answers=one_off(an_xgboost.answer(case.candidate)))
    # when
    outcome = judged(case)
    # then
    failed = [f.measured for f in outcome.findings if f.verdict is Verdict.FAIL]
    assert [each.subject for each in failed] == ["sums against the answers"]
    assert "candidate.csv: row 8: base and attributions amount to the answer" in failed[0].message
    assert "0.5 apart" in failed[0].message


def test_the_row_is_that_of_the_file_whichever_were_drawn(an_xgboost: FileModel) -> None:
    case = a_case_of(an_xgboost, rows=50)
    wrong = models.Changed(
        model=an_xgboost, said=lambda answers: replace(answers, values=answers.values + 1)
    )
    answers = wrong.answer(case.candidate)
    explained, found = measured(replace(case, answers=answers))
    assert found[SUMS[1]].fact is Verdict.FAIL
    row = int(found[SUMS[1]].message.split("row ")[1].split(":")[0])
    sums = explained.candidate.summed[:, 0]
    assert np.abs(sums - (answers.values[row - 1] - 1)).min() < 1e-5


def test_labels_alone_leave_the_answers_out_and_say_so(tmp_path: Path) -> None:
    from sklearn.svm import LinearSVC

    model = models.an_estimator(tmp_path, LinearSVC(), "binary")
    _, found = measured(a_case_of(model, task="binary", drift=False))
    assert list(found) == [SUMS[0], SECOND]
    assert found[SUMS[0]].message.endswith("does not allow: sums against the answers")


@pytest.mark.parametrize(
    ("asked", "subjects"),
    [
        ({"drift": False}, [*SUMS, SECOND]),
        ({"additivity": False}, [f"attributions of {name}" for name in models.FEATURES]),
    ],
)
def test_each_half_can_be_left_out(
    an_xgboost: FileModel, asked: dict[str, Any], subjects: list[str]
) -> None:
    assert list(measured(a_case_of(an_xgboost, **asked))[1]) == subjects


def test_too_few_rows_are_undecided_with_what_they_would_see(an_xgboost: FileModel) -> None:
    outcome = judged(a_case_of(an_xgboost, n=30))
    undecided = [f.measured for f in outcome.findings if f.verdict is Verdict.INCONCLUSIVE]
    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert undecided
    assert all((each.minimum_detectable_effect or 0) > 0.25 for each in undecided)
    assert "30 of 30 rows of reference.csv" in undecided[0].message


@pytest.mark.parametrize("n", [0, 4])
def test_hardly_any_rows_are_undecided_in_words(an_xgboost: FileModel, n: int) -> None:
    outcome = judged(a_case_of(an_xgboost, n=n))
    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert f"{n} rows of reference.csv" in outcome.findings[0].measured.message


def test_so_many_rows_are_drawn_as_the_policy_says_by_the_seed(an_xgboost: FileModel) -> None:
    case = a_case_of(an_xgboost, rows=100)
    first, again, other = (measured(case, seed=seed)[0] for seed in (1, 1, 2))
    assert len(first.reference.values) == len(first.candidate.values) == 100
    assert first.note.endswith("are explained, as spec.checks[0].explanations.rows says")
    assert first.candidate.values.tobytes() == again.candidate.values.tobytes()
    assert first.candidate.values.tobytes() != other.candidate.values.tobytes()


def test_what_is_usual_is_told_by_rows_that_are_not_compared(tmp_path: Path) -> None:
    model = models.a_linear_model(tmp_path, "regression")
    explained, _ = measured(a_case_of(model, n=100))
    assert len(explained.reference.values) == 80
    assert "mean of 20 reference rows" in explained.reference.method
    assert explained.note.startswith("80 of 100 rows of reference.csv and 100 of 100")


def test_trees_need_nobody_to_tell_what_is_usual(an_xgboost: FileModel) -> None:
    explained, _ = measured(a_case_of(an_xgboost, n=100))
    assert len(explained.reference.values) == 100


def test_the_versions_method_is_followed(an_xgboost: FileModel) -> None:
    case = replace(a_case_of(an_xgboost, n=60), explain=ExplainMethod.PERMUTATION)
    explained, found = measured(case)
    assert "PermutationExplainer" in explained.reference.method
    assert found[SUMS[0]].message.endswith("does not allow: parts against a second computation")


def test_a_method_that_does_not_fit_is_no_verdict(an_xgboost: FileModel) -> None:
    case = replace(a_case_of(an_xgboost), explain=ExplainMethod.LINEAR)
    with pytest.raises(ModelError, match=r"explainability\.method.*Linear"):
        measured(case)


@pytest.mark.parametrize("missing", ["model", "method"])
def test_a_policy_that_asks_what_the_version_does_not_give_is_refused(
    an_xgboost: FileModel, missing: str
) -> None:
    case = a_case_of(None if missing == "model" else an_xgboost)
    if missing == "method":
        case = replace(case, explain=ExplainMethod.NONE)
    with pytest.raises(PolicyMismatchError, match=r"^spec\.checks\[0\]\.explanations: needs"):
        measured(case)


def test_rows_of_one_customer_are_exchanged_together(an_xgboost: FileModel) -> None:
    case = a_case_of(an_xgboost, n=200, policy={"design": {"clusters": "customer"}})
    customers = numbers("customer", np.repeat(np.arange(20.0), 10))
    case = replace(
        case,
        reference=with_column(case.reference, customers.values),
        candidate=with_column(case.candidate, customers.values + 100),
    )
    _, found = measured(case)
    assert found["attributions of a"].test == "ks-clustered"


def with_column(rows: Dataset, customers: Floats) -> Dataset:
    return replace(rows, columns={**rows.columns, "customer": numbers("customer", customers)})


def test_a_feature_that_the_model_does_not_use_is_the_same_in_both(tmp_path: Path) -> None:
    # given: answers in single precision, by a model of which column h has no part
    from skl2onnx import to_onnx
    from sklearn.linear_model import LinearRegression

    rows, answer = models.training()
    trained = LinearRegression().fit(np.where(np.arange(8) == 7, 0.0, rows), answer)
    content = to_onnx(trained, rows[:1].astype(np.float32)).SerializeToString()
    (tmp_path / "m.onnx").write_bytes(content)
    model = models.loaded(tmp_path / "m.onnx", "regression")
    # when
    _, found = measured(a_case_of(model, n=60))
    # then
    assert found["attributions of h"].effect == 0
    assert found["attributions of h"].message.endswith("makes nothing of it in any explained row")


def test_a_second_computation_that_differs_fails(an_xgboost: FileModel) -> None:
    rows = models.some_rows(40)
    explained, _ = measured(a_case_of(an_xgboost, n=40))
    again = explained.candidate.again
    assert again is not None
    wrong = replace(explained.candidate, again=again + 0.1)
    part = Part(rows=rows, places=np.arange(40), answers=an_xgboost.answer(rows), found=wrong)
    found = {each.subject: each for each in sums_of([part])}
    assert found[SECOND].fact is Verdict.FAIL


@pytest.mark.simulation
def test_without_drift_the_false_alarms_are_as_few_as_promised(tmp_path: Path) -> None:
    model, failed = models.an_xgboost_of_all_features(tmp_path), 0
    for seed in range(400):
        case = a_case_of(model, n=200, seed=1000 + 2 * seed, minEffect=0, additivity=False)
        failed += judged(case).verdict is Verdict.FAIL
    assert failed <= 36  # 5% of 400 are 20; more than 36 come about once in 2,000 times


@pytest.mark.simulation
def test_a_shift_by_one_deviation_is_seen_each_time_and_ranks_stay_near_one(
    tmp_path: Path,
) -> None:
    model, failed, ranks = models.an_xgboost_of_all_features(tmp_path), 0, []
    for seed in range(100):
        outcome = judged(a_case_of(model, n=300, seed=1000 + 2 * seed, shift=1.0))
        failed += outcome.verdict is Verdict.FAIL
        agreement = outcome.explained[0].ranks
        assert agreement is not None
        ranks.append(agreement.value)
    assert failed == 100
    assert min(ranks) > 0.95
