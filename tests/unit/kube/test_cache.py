"""What the cache holds and tells, whatever order answers, events and lists arrive in."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.kube.cache import Cache
from headgate.kube.resources import Manifest

NAMES = ("a", "b")


def an_object(name: str, version: int, value: str = "") -> Manifest:
    return {
        "metadata": {"namespace": "ns", "name": name, "resourceVersion": str(version)},
        "value": value,
    }


def a_cache() -> Cache[str]:
    return Cache(lambda obj: obj["value"] or None, lambda value: (value,))


def test_an_older_event_never_replaces_a_newer_object() -> None:
    cache = a_cache()
    cache.take(an_object("a", 7, "new"))
    assert cache.take(an_object("a", 5, "old")) is None
    assert cache.get("ns", "a") == "new"


def test_versions_are_compared_as_numbers() -> None:
    cache = a_cache()
    cache.take(an_object("a", 9, "old"))
    assert cache.take(an_object("a", 10, "new")) == ("old", "new")


def test_an_event_that_changes_nothing_we_keep_is_no_news() -> None:
    cache = a_cache()
    cache.take(an_object("a", 1, "x"))
    assert cache.take(an_object("a", 2, "x")) is None
    assert cache.take(an_object("a", 3, "y")) == ("x", "y")


def test_our_own_write_is_read_at_once_and_told_when_the_watch_brings_it() -> None:
    cache = a_cache()
    cache.take(an_object("a", 1, "x"))
    cache.remember(an_object("a", 2, "y"))
    assert cache.get("ns", "a") == "y"
    assert cache.take(an_object("a", 2, "y")) == ("x", "y")


def test_a_change_back_that_a_list_hides_is_told_for_somebody_read_what_was_between() -> None:
    cache = a_cache()
    cache.take(an_object("a", 1, "x"))
    cache.remember(an_object("a", 2, "y"))
    assert cache.take(an_object("a", 3, "x")) == ("x", "x")


def test_a_delete_of_what_we_made_ourselves_is_told_though_its_creation_never_was() -> None:
    cache = a_cache()
    cache.remember(an_object("a", 2, "y"))
    assert cache.drop(("ns", "a"), 3) == ("y", None)


def test_a_delete_of_an_earlier_object_spares_its_successor() -> None:
    cache = a_cache()
    cache.remember(an_object("a", 5, "new"))
    assert cache.drop(("ns", "a"), 4) is None
    assert cache.get("ns", "a") == "new"


def test_the_late_answer_to_a_write_does_not_raise_the_dead() -> None:
    cache = a_cache()
    cache.seen_up_to(8)
    cache.remember(an_object("a", 6, "ghost"))
    assert cache.get("ns", "a") is None


def test_what_was_written_after_a_list_began_is_not_missing_from_it() -> None:
    cache = a_cache()
    cache.take(an_object("a", 3, "x"))
    cache.remember(an_object("b", 9, "y"))
    assert cache.missing_from(set(), 7) == [("ns", "a")]


def test_the_index_follows_changes_and_forgets_empty_keys() -> None:
    cache = a_cache()
    cache.take(an_object("a", 1, "red"))
    cache.take(an_object("b", 2, "red"))
    cache.take(an_object("a", 3, "blue"))
    cache.drop(("ns", "b"), 4)
    assert cache.by_index("red") == []
    assert cache.by_index("blue") == ["blue"]
    assert set(cache._index) == {"blue"}


def test_values_are_those_of_one_namespace_or_of_all() -> None:
    cache = a_cache()
    cache.take(an_object("a", 1, "x"))
    elsewhere = an_object("a", 2, "y")
    elsewhere["metadata"]["namespace"] = "other"
    cache.take(elsewhere)
    assert cache.values("ns") == ["x"]
    assert sorted(cache.values()) == ["x", "y"]
    assert len(cache) == 2


@dataclass
class World:
    """A cluster, a watch that lags, answers that linger, and a reader that acts on what it sees."""

    cache: Cache[str] = field(default_factory=a_cache)
    version: int = 0
    objects: dict[str, Manifest] = field(default_factory=dict)
    events: list[tuple[str, Manifest]] = field(default_factory=list)
    answers: list[Manifest] = field(default_factory=list)
    last_seen: dict[str, str | None] = field(default_factory=dict)

    def write(self, name: str, value: str, *, ours: bool) -> None:
        self.version += 1
        self.objects[name] = an_object(name, self.version, value)
        self.events.append(("MODIFIED", self.objects[name]))
        if ours:
            self.answers.append(self.objects[name])

    def delete(self, name: str) -> None:
        if self.objects.pop(name, None) is not None:
            self.version += 1
            self.events.append(("DELETED", an_object(name, self.version)))

    def hear_event(self) -> None:
        if not self.events:
            return
        kind, obj = self.events.pop(0)
        name, version = obj["metadata"]["name"], int(obj["metadata"]["resourceVersion"])
        if kind == "DELETED":
            self._look(name, self.cache.drop(("ns", name), version))
        else:
            self._look(name, self.cache.take(obj))
        self.cache.seen_up_to(version)

    def hear_answer(self) -> None:
        if self.answers:
            obj = self.answers.pop(0)
            self.cache.remember(obj)
            name = obj["metadata"]["name"]
            self.last_seen[name] = self.cache.get("ns", name)

    def list_again(self) -> None:
        self.events.clear()
        for name, obj in self.objects.items():
            self._look(name, self.cache.take(obj))
        listed = {("ns", name) for name in self.objects}
        for place in self.cache.missing_from(listed, self.version):
            self._look(place[1], self.cache.drop(place, self.version))
        self.cache.seen_up_to(self.version)

    def settle(self) -> None:
        while self.answers:
            self.hear_answer()
        while self.events:
            self.hear_event()

    def _look(self, name: str, news: Any) -> None:
        if news is not None:
            self.last_seen[name] = self.cache.get("ns", name)


steps = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from("xyz"), st.booleans()),
    st.tuples(st.just("delete"), st.sampled_from(NAMES)),
    st.tuples(st.sampled_from(["hear_event", "hear_answer", "list_again"])),
)


@pytest.mark.timeout(60)
@settings(max_examples=500, deadline=None)
@given(st.lists(steps, max_size=30))
def test_once_all_has_arrived_the_cache_is_the_cluster_and_nobody_acted_on_less(
    plan: list[tuple[Any, ...]],
) -> None:
    world = World()
    for step in plan:
        match step:
            case ("write", name, value, ours):
                world.write(name, value, ours=ours)
            case ("delete", name):
                world.delete(name)
            case (method,):
                getattr(world, method)()
    world.settle()
    truth = {name: obj["value"] for name, obj in world.objects.items()}
    assert {name: world.cache.get("ns", name) for name in truth} == truth
    assert len(world.cache) == len(truth)
    for name, seen in world.last_seen.items():
        assert seen == truth.get(name)
    assert set(truth) <= set(world.last_seen)
