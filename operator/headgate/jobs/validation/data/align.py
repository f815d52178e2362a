"""Two files that mean the same columns: one set of categories, one kind for each."""

from dataclasses import dataclass, replace

import numpy as np

from headgate.jobs.validation.data.dataset import Column, ColumnKind, Dataset, Texts
from headgate.jobs.validation.data.labels import TRUTHS

_WORDS = frozenset({ColumnKind.CATEGORICAL, ColumnKind.TEXT})
type Pair = tuple[Column, Column]


@dataclass(frozen=True, kw_only=True)
class KindConflict:
    """A column that is numbers in one file and texts in the other, or the like."""

    column: str
    reference_kind: ColumnKind
    candidate_kind: ColumnKind


@dataclass(frozen=True, kw_only=True)
class Aligned:
    """Both files; columns in conflict, and those of one file only, are as they were read."""

    reference: Dataset
    candidate: Dataset
    conflicts: tuple[KindConflict, ...]


def align_categories(reference: Dataset, candidate: Dataset) -> Aligned:
    """Return both files with the same kind and categories for each column that both have.

    Categories are the union, in order of text. Whole numbers and others are compatible, and so are
    truths and the numbers 0 and 1. A column of texts is categorical or measured by length as it is
    in the reference. A column whose values are all missing is of whatever kind the other one is.
    What stays different is reported, and is for the quality check to judge.
    """
    left, right = dict(reference.columns), dict(candidate.columns)
    conflicts: list[KindConflict] = []
    for name in left.keys() & right.keys():
        pair = _one_kind(left[name], right[name])
        if pair is not None:
            left[name], right[name] = pair
    for name, column in left.items():
        other = right.get(name)
        if other is not None and other.kind is not column.kind:
            conflicts.append(
                KindConflict(column=name, reference_kind=column.kind, candidate_kind=other.kind)
            )
    return Aligned(
        reference=replace(reference, columns=left),
        candidate=replace(candidate, columns=right),
        conflicts=tuple(conflicts),
    )


def _one_kind(reference: Column, candidate: Column) -> Pair | None:
    """Return both as one kind, None where they are not."""
    kinds = {reference.kind, candidate.kind}
    if len(kinds) > 1 and reference.missing.all():
        return _one_kind(all_missing_like(reference, candidate), candidate)
    if len(kinds) > 1 and candidate.missing.all():
        return _one_kind(reference, all_missing_like(candidate, reference))
    if kinds == {ColumnKind.CATEGORICAL}:
        return _united(reference, candidate)
    if len(kinds) == 1:
        integral = reference.integral and candidate.integral
        return replace(reference, integral=integral), replace(candidate, integral=integral)
    if kinds == _WORDS:
        return _words(reference, candidate)
    if kinds == {ColumnKind.BOOLEAN, ColumnKind.NUMERIC}:
        return _truths(reference, candidate)
    return None


def all_missing_like(column: Column, like: Column) -> Column:
    """Return a column without any value as one of the kind and categories of another."""
    empty = -1.0 if like.counted else np.nan
    return replace(
        column,
        kind=like.kind,
        values=np.full(len(column), empty),
        categories=like.categories,
        integral=like.integral,
        texts=None
        if like.texts is None
        else Texts(codes=np.full(len(column), -1, dtype=np.int32), distinct=like.texts.distinct),
    )


def _united(reference: Column, candidate: Column) -> Pair:
    categories = tuple(sorted({*reference.categories, *candidate.categories}))
    return _recoded(reference, categories), _recoded(candidate, categories)


def _recoded(column: Column, categories: tuple[str, ...]) -> Column:
    if column.categories == categories:
        return column
    places = {text: place for place, text in enumerate(categories)}
    moved = np.array([*(places[text] for text in column.categories), -1], dtype=np.float64)
    return replace(column, values=moved[column.values.astype(np.int64)], categories=categories)


def _words(reference: Column, candidate: Column) -> Pair:
    if reference.kind is ColumnKind.CATEGORICAL and candidate.texts is not None:
        return _united(reference, _as_categories(candidate, candidate.texts))
    return _as_lengths(reference), _as_lengths(candidate)


def _as_categories(column: Column, texts: Texts) -> Column:
    used = np.unique(texts.codes[texts.codes >= 0])
    words = [str(texts.distinct[code]) for code in used]
    categories = tuple(sorted(words))
    places = {text: place for place, text in enumerate(categories)}
    moved = np.full(len(texts.distinct) + 1, -1.0)  # the last one is where -1 points
    moved[used] = [places[word] for word in words]
    return replace(
        column,
        kind=ColumnKind.CATEGORICAL,
        values=moved[texts.codes],
        categories=categories,
        integral=False,
        texts=None,
    )


def _as_lengths(column: Column) -> Column:
    if column.kind is ColumnKind.TEXT:
        return column
    codes = column.values.astype(np.int32)
    lengths = np.array([*map(len, column.categories), np.nan])
    return replace(
        column,
        kind=ColumnKind.TEXT,
        values=lengths[codes],
        categories=(),
        integral=True,
        texts=Texts(codes=codes, distinct=np.array(column.categories, dtype=object)),
    )


def _truths(reference: Column, candidate: Column) -> Pair | None:
    numbers = reference if reference.kind is ColumnKind.NUMERIC else candidate
    if not np.isin(numbers.present(), (0.0, 1.0)).all():
        return None
    truths = replace(
        numbers,
        kind=ColumnKind.BOOLEAN,
        values=np.where(numbers.missing, -1.0, numbers.values),
        categories=TRUTHS,
        integral=True,
    )
    return (truths, candidate) if numbers is reference else (reference, truths)
