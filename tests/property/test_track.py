"""Whatever becomes of its versions, a Model that serves is never led to an older one."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headgate.model.decide.target import target_of
from headgate.model.decide.track import follow_track
from headgate.model.observed import TrackableSeen, ValidationSeen
from tests.builders.observed import NOW, a_memory, a_model_seen, a_spec, a_trackable

NAMES = ("v1", "v2", "v3", "v4", "v5")
STATES: tuple[dict[str, Any], ...] = (
    {},
    {"asks": False},
    {"validation": ValidationSeen(refused=True, detail="no")},
    {"validation": ValidationSeen(refused=False, detail="not yet")},
)

worlds = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(STATES)).map(
    lambda found: tuple(a_trackable(name, **found[name]) for name in sorted(found))
)


@given(st.sampled_from(NAMES), st.lists(worlds, min_size=1, max_size=8))
def test_the_version_that_is_followed_only_grows_younger(
    served: str, history: list[tuple[TrackableSeen, ...]]
) -> None:
    spec = a_spec(version=None, track={"policy": "NewestValidated"})
    seen = a_model_seen({served: 2}, pinned=served, spec=spec, memory=a_memory(served))
    for world in history:
        seen = replace(seen, trackable=world)
        before, change = seen.memory.tracked, follow_track(seen, NOW)
        if change is not None:
            assert change.memory.stable == served
            seen = replace(seen, memory=change.memory)
            assert follow_track(seen, NOW) is None, "decided once"
        after = seen.memory.tracked
        assert after is not None
        if before is not None:
            assert (after.created_at, after.version) >= (before.created_at, before.version)
        if after != before and after.version != served:
            chosen = next(version for version in world if version.name == after.version)
            assert chosen.asks
            assert chosen.validation is None
        assert target_of(seen) in {after.version, served}
