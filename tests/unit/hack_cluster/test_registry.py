"""A slot belongs to one clone until that clone gives it back or is deleted."""

import shutil
from pathlib import Path

from hack.cluster.registry import abandoned_slots, held_slot, release_slot, take_slot


def a_clone(folder: Path, name: str) -> Path:
    clone = folder / name
    (clone / "hack" / "cluster").mkdir(parents=True)
    return clone


def test_two_clones_get_different_slots(tmp_path: Path) -> None:
    registry = tmp_path / "slots"
    clones = [a_clone(tmp_path, name) for name in ("one", "two", "three")]
    assert len({take_slot(clone, registry).number for clone in clones}) == len(clones)


def test_a_clone_keeps_the_slot_it_holds(tmp_path: Path) -> None:
    registry = tmp_path / "slots"
    clone = a_clone(tmp_path, "one")
    assert take_slot(clone, registry) == take_slot(clone, registry)


def test_a_slot_given_back_is_free_again(tmp_path: Path) -> None:
    registry = tmp_path / "slots"
    clone = a_clone(tmp_path, "one")
    take_slot(clone, registry)
    release_slot(clone, registry)
    assert [entry.name for entry in registry.iterdir()] == ["lock"]


def test_the_slot_of_a_deleted_clone_is_there_to_be_cleaned_up(tmp_path: Path) -> None:
    registry = tmp_path / "slots"
    deleted, other = a_clone(tmp_path, "deleted"), a_clone(tmp_path, "other")
    slot = take_slot(deleted, registry)
    take_slot(other, registry)
    assert abandoned_slots(registry) == []
    shutil.rmtree(deleted / "hack")
    assert abandoned_slots(registry) == [(deleted, slot)]


def test_a_clone_is_told_the_slot_it_holds(tmp_path: Path) -> None:
    registry = tmp_path / "slots"
    one, other = a_clone(tmp_path, "one"), a_clone(tmp_path, "other")
    slot = take_slot(one, registry)
    assert held_slot(one, registry) == slot
    assert held_slot(other, registry) is None


def test_giving_back_without_a_registry_is_fine(tmp_path: Path) -> None:
    release_slot(tmp_path, tmp_path / "none")
