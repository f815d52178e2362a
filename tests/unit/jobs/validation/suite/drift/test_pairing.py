"""Which rows belong together, and what is said of keys that cannot say it."""

from dataclasses import replace

import numpy as np
import pytest

from headgate.jobs.validation.data.dataset import Column, ColumnKind, DataError
from headgate.jobs.validation.suite.case import Case
from headgate.jobs.validation.suite.drift.pairing import pairing_of
from headgate.jobs.validation.suite.mismatch import PolicyMismatchError
from tests.unit.jobs.validation.suite.cases import a_case, a_dataset, a_policy, numbers, words


def keyed(before: Column, after: Column) -> Case:
    policy = a_policy(target=None, predictions=None, design={"pairs": "id"})
    reference = a_dataset(before, name="reference.csv")
    return replace(a_case(policy, after), reference=reference)


def test_rows_are_found_by_their_key_wherever_they_stand() -> None:
    found = pairing_of(keyed(numbers("id", [7, 5, 6]), numbers("id", [6, 7, 5])), "id")
    assert found.reference.tolist() == [1, 2, 0]
    assert found.candidate.tolist() == [2, 0, 1]


def test_keys_may_be_words() -> None:
    before, after = words("id", ["b", "a", "c"]), words("id", ["c", "d", "b"])
    found = pairing_of(keyed(before, after), "id")
    pairs = zip(found.reference.tolist(), found.candidate.tolist(), strict=True)
    assert list(pairs) == [(0, 2), (2, 0)]


def test_rows_without_a_partner_or_a_key_are_counted() -> None:
    found = pairing_of(keyed(numbers("id", [1, 2, np.nan, 3]), numbers("id", [3, np.nan, np.nan])),
                       "id")  # fmt: skip
    assert (found.alone, found.keyless) == ((2, 0), (1, 2))


@pytest.mark.parametrize("side", ["reference", "candidate"])
def test_a_key_that_stands_twice_is_named_with_both_rows(side: str) -> None:
    twice, once = numbers("id", [4, np.nan, 9, 8, 9, 9]), numbers("id", [4, 9])
    case = keyed(twice, once) if side == "reference" else keyed(once, twice)
    with pytest.raises(DataError) as refusal:
        pairing_of(case, "id")
    assert str(refusal.value).startswith(
        f"{side}.csv: column 'id': row 5 has the key '9' of row 3 (further such rows: 1), and"
        " spec.design.pairs says"
    )


def test_a_key_of_words_that_stands_twice_is_named() -> None:
    with pytest.raises(DataError, match="row 3 has the key 'b' of row 1"):
        pairing_of(keyed(words("id", ["b", "a", "b"]), words("id", ["a"])), "id")


def test_keys_of_two_kinds_are_refused() -> None:
    with pytest.raises(DataError, match=r"is numeric in reference.csv and categorical in"):
        pairing_of(keyed(numbers("id", [1, 2]), words("id", ["a", "b"])), "id")


def test_texts_that_were_not_kept_are_no_keys() -> None:
    texts = replace(numbers("id", [3, 4]), kind=ColumnKind.TEXT)
    with pytest.raises(DataError, match=r"'id' of reference.csv has too many different texts"):
        pairing_of(keyed(texts, texts), "id")


def test_a_column_that_a_file_lacks_is_the_policys_fault() -> None:
    with pytest.raises(PolicyMismatchError, match=r"^spec.design.pairs: candidate.csv has no col"):
        pairing_of(keyed(numbers("id", [1]), numbers("key", [1])), "id")
