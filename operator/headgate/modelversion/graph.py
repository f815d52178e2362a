"""Problems that only show between versions: cycles, names taken twice. Pure."""

from collections.abc import Callable, Iterable

from headgate.core.resource import Problem

LONGEST_PATH = 64

type DependsOn = Callable[[str], tuple[str, ...]]
"""The names that a version depends on; nothing for a version that does not exist."""


def find_cycle(name: str, depends_on: DependsOn) -> tuple[str, ...]:
    """Return a way from a version back to itself, itself at both ends; empty where there is none.

    Depth first, each version once: large graphs cost their edges, and no recursion.
    """
    stack: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    while stack:
        path = stack.pop()
        for following in depends_on(path[-1]):
            if following == name:
                return (*path, name)
            if following not in seen and len(path) < LONGEST_PATH:
                seen.add(following)
                stack.append((*path, following))
    return ()


def cycle_problem(name: str, depends_on: DependsOn) -> Problem | None:
    """Return the problem that a cycle is."""
    cycle = find_cycle(name, depends_on)
    if not cycle:
        return None
    return Problem(
        "spec.dependsOn",
        f"is a cycle: {' -> '.join(cycle)}; none of them could ever be first. "
        "Create one of them anew without the dependency",
    )


def duplicate_problem(
    name: str, version: str, created_at: str, others: Iterable[tuple[str, str, str]]
) -> Problem | None:
    """Return the problem of a version number that an older ModelVersion of the Model has.

    `others` are (name, version, creation time); the oldest keeps the number, by name on a tie.
    """
    for other, number, created in others:
        if number == version and other != name and (created, other) < (created_at, name):
            return Problem(
                "spec.version",
                f"{version} is taken by ModelVersion {other} of the same Model; use another",
            )
    return None
