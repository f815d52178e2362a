"""Look into decision trees before they are used.

skops loads only types that it knows to be safe, and scikit-learn's trees aren't among them: they
are tables of indices that predictions follow without a look at their bounds, so a crafted file
could read other memory or crash the process. Which is what this module looks at instead: in a
trained tree every child comes after its parent and exists, and every feature is a column.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from headgate.server.formats.base import ModelUnloadableError

TREE: Final = "sklearn.tree._tree.Tree"
HISTOGRAM_TREE: Final = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
CHECKED_TYPES: Final = frozenset({TREE, HISTOGRAM_TREE})
PLAIN_TYPES: Final = frozenset({"sklearn.utils._bunch.Bunch", "numpy.dtype"})  # a dict; a name


def check_trees(estimator: Any, expected: int) -> None:
    """Raise ModelUnloadableError unless every tree stays within itself and its columns.

    `expected` is how many trees the file has: one that isn't found can't have been looked at.
    """
    found: set[int] = set()
    for owner, tree in _trees(estimator):
        found.add(id(tree))
        if _type_name(tree) == TREE:
            _check_tree(owner, tree)
        else:
            _check_histogram_tree(owner, tree)
    if len(found) != expected:
        raise ModelUnloadableError(
            f"the file has {expected} trees, but only {len(found)} were found"
        )


def _check_tree(owner: Any, tree: Any) -> None:
    if not 0 < tree.node_count <= tree.capacity:
        raise _crafted("has no nodes, or more than are there")
    if tree.n_features != getattr(owner, "n_features_in_", None):
        raise _crafted("doesn't have the columns of its model")
    left, right = np.asarray(tree.children_left), np.asarray(tree.children_right)
    inner = (left != -1) | (right != -1)
    _check_children(left[inner], right[inner], np.flatnonzero(inner), tree.node_count)
    _check_features(np.asarray(tree.feature)[inner], tree.n_features)


def _check_histogram_tree(owner: Any, tree: Any) -> None:
    nodes = tree.nodes
    if not isinstance(nodes, np.ndarray) or nodes.ndim != 1 or len(nodes) == 0:
        raise _crafted("has no nodes")
    inner = nodes["is_leaf"] == 0
    if nodes["is_categorical"].any():
        raise ModelUnloadableError(
            "HistGradientBoosting with categorical features can't be checked; save it as ONNX, or "
            "as a joblib file with spec.runtime.builtin.allowPickle"
        )
    left, right = nodes["left"][inner].astype(np.int64), nodes["right"][inner].astype(np.int64)
    _check_children(left, right, np.flatnonzero(inner), len(nodes))
    _check_features(nodes["feature_idx"][inner].astype(np.int64), int(owner.n_features_in_))


def _check_children(left: Any, right: Any, parents: Any, count: int) -> None:
    for children in (left, right):
        if (children <= parents).any() or (children >= count).any():
            raise _crafted("has a child that doesn't come after its parent")


def _check_features(features: Any, columns: int) -> None:
    if (features < 0).any() or (features >= columns).any():
        raise _crafted("splits on a column that the model doesn't have")


def _crafted(what: str) -> ModelUnloadableError:
    return ModelUnloadableError(f"a tree {what}: no training makes such a file")


def _trees(estimator: Any) -> Iterator[tuple[Any, Any]]:
    """Walk through what the estimator holds; gives each tree with each whose columns it reads.

    A forest and gradient boosting hand rows to their trees without another look, so there the
    whole is the owner of its trees, and its trees' estimators must agree with it.
    """
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[Any, Any]] = [(estimator, estimator)]
    while waiting:
        owner, thing = waiting.pop()
        if (id(owner), id(thing)) in seen:
            continue
        seen.add((id(owner), id(thing)))
        if _type_name(thing) in CHECKED_TYPES:
            yield owner, thing
        elif isinstance(thing, dict):
            waiting += ((owner, value) for value in thing.values())
        elif isinstance(thing, list | tuple | set | frozenset):
            waiting += ((owner, value) for value in thing)
        elif isinstance(thing, np.ndarray):
            if thing.dtype == object:
                waiting += ((owner, value) for value in thing.flat)
        elif hasattr(thing, "__dict__") and not isinstance(thing, type):
            _require_equal_columns(owner, thing)
            waiting += ((thing, value) for value in vars(thing).values())


def _require_equal_columns(owner: Any, part: Any) -> None:
    from sklearn.ensemble import BaseEnsemble

    direct = isinstance(owner, BaseEnsemble) and hasattr(part, "tree_")
    if not direct or type(owner).__module__.endswith(("_bagging", "_weight_boosting")):
        return  # those go through the public predict of each part, which checks
    if getattr(part, "n_features_in_", None) != getattr(owner, "n_features_in_", None):
        raise _crafted("doesn't have the columns of its ensemble")


def _type_name(thing: Any) -> str:
    return f"{type(thing).__module__}.{type(thing).__qualname__}"
