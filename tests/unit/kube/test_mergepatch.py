"""A merge patch holds the difference, the whole difference, and nothing but it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headgate.kube.mergepatch import difference

scalars = st.one_of(st.booleans(), st.integers(), st.text(max_size=3))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)
documents = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)


def applied(document: Any, patch: Any) -> Any:
    """RFC 7386, section 2, to the letter."""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = applied(result.get(key), value)
    return result


@given(documents, documents)
def test_the_patch_turns_the_one_into_the_other(
    previous: dict[str, Any], wanted: dict[str, Any]
) -> None:
    assert applied(previous, difference(previous, wanted)) == wanted


@given(documents)
def test_equal_documents_need_no_patch(document: dict[str, Any]) -> None:
    assert difference(document, document) == {}


def test_only_what_changed_is_sent() -> None:
    previous = {"phase": "Healthy", "counts": {"ready": 1, "all": 2}, "old": True}
    wanted = {"phase": "Healthy", "counts": {"ready": 2, "all": 2}}
    assert difference(previous, wanted) == {"counts": {"ready": 2}, "old": None}
