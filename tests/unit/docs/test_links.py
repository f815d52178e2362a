from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT, all_pages, anchors, links

OUTSIDE = ("http://", "https://", "mailto:")


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    broken = [target for target in links(page) if not _resolves(page, target)]

    assert not broken


def _resolves(page: Path, target: str) -> bool:
    if target.startswith(OUTSIDE):
        return True
    path, _, anchor = target.partition("#")
    found = (page.parent / path).resolve() if path else page
    if not found.exists() or not found.is_relative_to(ROOT):
        return False
    return not anchor or found.suffix != ".md" or anchor in anchors(found)


def test_every_page_of_the_docs_is_reached_from_the_map() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.exists():
            continue
        reached.add(page)
        targets = (target.partition("#")[0] for target in links(page))
        waiting += [
            (page.parent / target).resolve()
            for target in targets
            if target.endswith(".md") and not target.startswith(OUTSIDE)
        ]

    missed = {page for page in all_pages() if page.is_relative_to(ROOT / "docs")} - reached
    assert not missed
