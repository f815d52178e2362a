"""Problems that only show between versions."""

from collections.abc import Callable

from headgate.modelversion.graph import cycle_problem, duplicate_problem, find_cycle


def a_graph(**edges: str) -> Callable[[str], tuple[str, ...]]:
    """Return a graph in which a="b c" means that a depends on b and c."""
    return lambda name: tuple(edges.get(name, "").split())


def test_a_version_that_depends_on_itself() -> None:
    assert find_cycle("a", a_graph(a="a")) == ("a", "a")


def test_a_way_round_is_told_in_full() -> None:
    assert find_cycle("a", a_graph(a="b", b="c", c="a")) == ("a", "b", "c", "a")


def test_two_ways_to_the_same_version_are_no_cycle() -> None:
    assert find_cycle("a", a_graph(a="b c", b="d", c="d", d="e")) == ()


def test_a_cycle_among_those_it_depends_on_is_theirs_and_ends() -> None:
    assert find_cycle("a", a_graph(a="b", b="c", c="b")) == ()


def test_versions_that_do_not_exist_depend_on_nothing() -> None:
    assert find_cycle("a", a_graph(a="missing")) == ()


def test_a_graph_of_ten_thousand_versions_is_no_problem() -> None:
    layers = {f"v{n}": (f"v{n + 1}", f"v{n + 2}") for n in range(10_000)}
    assert find_cycle("v0", lambda name: layers.get(name, ())) == ()


def test_the_problem_tells_the_way_and_what_to_do() -> None:
    found = cycle_problem("a", a_graph(a="b", b="a"))
    assert found is not None
    assert str(found) == (
        "spec.dependsOn: is a cycle: a -> b -> a; none of them could ever be first. Create one of "
        "them anew without the dependency"
    )
    assert cycle_problem("a", a_graph(a="b")) is None


class TestVersionNumbers:
    """Unique in a Model; the oldest keeps its own."""

    others = (("old", "1.0.0", "2026-01-01T00:00:00Z"), ("new", "1.0.0", "2026-01-02T00:00:00Z"))

    def test_the_later_one_is_refused(self) -> None:
        found = duplicate_problem("new", "1.0.0", "2026-01-02T00:00:00Z", self.others)
        assert found is not None
        assert str(found) == (
            "spec.version: 1.0.0 is taken by ModelVersion old of the same Model; use another"
        )

    def test_the_first_one_keeps_it(self) -> None:
        assert duplicate_problem("old", "1.0.0", "2026-01-01T00:00:00Z", self.others) is None

    def test_of_two_in_the_same_second_one_keeps_it(self) -> None:
        at = "2026-01-01T00:00:00Z"
        both = (("a", "1.0.0", at), ("b", "1.0.0", at))
        assert duplicate_problem("a", "1.0.0", at, both) is None
        assert duplicate_problem("b", "1.0.0", at, both) is not None
