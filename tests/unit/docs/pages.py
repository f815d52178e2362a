"""The project's Markdown pages, taken apart as far as the tests of the docs need it."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_FENCE = re.compile(r"^```([a-z]*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"|srcset=\"([^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} +(.*)$", re.MULTILINE)


def all_pages() -> tuple[Path, ...]:
    """Return every page of the project."""
    places = ("*.md", "docs/**/*.md", "examples/**/*.md", "hack/**/*.md", ".github/**/*.md")
    found = {page for place in places for page in ROOT.glob(place)}
    return tuple(sorted(page for page in found if "node_modules" not in page.parts))


def without_code(text: str) -> str:
    """Return a page without its code blocks and code spans."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))


def code_blocks(page: Path, language: str) -> Iterator[str]:
    """Return the blocks of one language."""
    for found, body in _FENCE.findall(page.read_text()):
        if found == language:
            yield body


def links(page: Path) -> Iterator[str]:
    """Return the targets of a page's links and pictures."""
    for match in _LINK.finditer(without_code(page.read_text())):
        yield next(target for target in match.groups() if target)


def anchors(page: Path) -> frozenset[str]:
    """Return the anchors that a page's headings make, as GitHub names them."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text()))
    return frozenset(_anchor(heading) for heading in headings)


def _anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.lower().replace("`", ""))
    return kept.replace(" ", "-")
