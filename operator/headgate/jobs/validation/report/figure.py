"""A picture of the report: SVG text that stands for itself."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One picture."""

    title: str
    alt: str
    """What it shows, in words."""
    svg: str
    """An <svg> element, made by us: it is put into the page as it is."""
