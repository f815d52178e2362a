"""The base of the types: reading, refusing with paths, writing back."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from headgate.core.resource import Condition, Duration, Problem, ResourceModel, unbuilt_parts
from headgate.core.schema_marks import NotBuilt


class Wheel(ResourceModel):
    spoke_count: Annotated[int, Field(ge=3)] = 32
    spin: Duration | None = None


class Load(ResourceModel):
    things: Literal["all"] | tuple[str, ...] = "all"


class Cart(ResourceModel):
    wheels: tuple[Wheel, ...] = ()
    engine: Annotated[Wheel | None, NotBuilt("use a horse")] = None
    colour: Annotated[str, NotBuilt("use none", but=("none",))] = "none"


def test_camel_case_is_read_and_written() -> None:
    parsed = Wheel.parse({"spokeCount": 36, "spin": "1m30s"})
    assert parsed == Wheel(spoke_count=36, spin=timedelta(seconds=90))
    assert parsed.dump() == {"spokeCount": 36, "spin": "1m30s"}


def test_every_problem_is_named_with_its_path() -> None:
    problems = Cart.parse({"wheels": [{}, {"spokeCount": 2}, {"spin": "fast", "tyre": 1}]})
    assert isinstance(problems, tuple)
    assert [problem.path for problem in problems] == [
        "spec.wheels[1].spokeCount",
        "spec.wheels[2].spin",
        "spec.wheels[2].tyre",
    ]
    assert str(problems[0]) == (
        "spec.wheels[1].spokeCount: should be greater than or equal to 3, not 2"
    )
    assert problems[2].message == "is not a known field"


@pytest.mark.parametrize("value", [None, [], "spec", 3])
def test_what_is_no_object_is_a_problem(value: object) -> None:
    problems = Cart.parse(value)
    assert isinstance(problems, tuple)
    assert problems[0].path == "spec"


def test_python_names_are_not_read_from_yaml() -> None:
    assert Wheel.parse({"spoke_count": 36}) == (
        Problem("spec.spoke_count", "is not a known field"),
    )


def test_a_long_value_is_not_repeated_in_full() -> None:
    problems = Wheel.parse({"spokeCount": "x" * 1_000_000})
    assert isinstance(problems, tuple)
    assert len(problems[0].message) < 200


def test_a_type_cannot_be_changed() -> None:
    wheel = Wheel()
    with pytest.raises(ValidationError):
        wheel.spoke_count = 4  # type: ignore[misc]


@pytest.mark.parametrize("spin", [30, 1.5, True, timedelta(days=-1), timedelta(days=367)])
def test_a_duration_is_a_text_or_a_timedelta_within_bounds(spin: object) -> None:
    with pytest.raises(ValidationError, match="must be a duration such as"):
        Wheel(spin=spin)


def test_a_part_that_is_not_built_is_found_wherever_it_stands() -> None:
    cart = Cart(engine=Wheel(), colour="red")
    assert list(unbuilt_parts(cart)) == [
        Problem("spec.engine", "is not built yet in this release; use a horse"),
        Problem("spec.colour", "is not built yet in this release; use none"),
    ]
    assert not list(unbuilt_parts(Cart(wheels=(Wheel(),))))


def test_a_status_of_a_later_release_is_read_as_far_as_it_is_known() -> None:
    assert Wheel.parse_status({"spokeCount": 5, "tyre": "new"}) == Wheel(spoke_count=5)
    assert Wheel.parse_status({"spokeCount": "broken"}) == Wheel()
    assert Wheel.parse_status(None) == Wheel()


def test_times_are_written_as_kubernetes_writes_them() -> None:
    condition = Condition(
        type="Accepted",
        status="True",
        reason="SpecAccepted",
        last_transition_time=datetime(2026, 11, 23, 12, tzinfo=UTC),
    )
    assert condition.dump()["lastTransitionTime"] == "2026-11-23T12:00:00Z"


def test_problems_speak_of_yaml_and_not_of_python() -> None:
    found = Cart.parse({"wheels": "four"})
    assert found == (Problem("spec.wheels", "should be a list, as [a, b], not 'four'"),)
    found = Cart.parse({"wheels": [3]})
    assert found == (Problem("spec.wheels[0]", "should be fields, as {name: value}, not 3"),)


def test_a_field_of_two_types_is_named_once_and_without_them() -> None:
    found = Load.parse({"things": [1]})
    assert isinstance(found, tuple)
    assert [problem.path for problem in found] == ["spec.things[0]"]
