"""SVG by matplotlib, the same bytes for the same picture."""

import io
from collections.abc import Callable
from typing import Any

from headgate.jobs.validation.report.figure import Figure

type Axes = Any
"""matplotlib's; it has no types of its own."""

SIZE_INCHES = (4.2, 3.0)
SETTINGS: Any = {"svg.hashsalt": "headgate", "svg.fonttype": "none", "font.size": 9}
MOST_CHARACTERS = 40


def plain(text: str) -> str:
    """Return a text that drawing takes as it is: without the dollar that begins a formula."""
    return text.replace("$", "\\$")[:MOST_CHARACTERS]


def drawn(
    title: str,
    alt: str,
    draw: Callable[[Axes], None],
    *,
    size: tuple[float, float] = SIZE_INCHES,
) -> Figure:
    """Return what a function draws on empty axes, `size` (width, height) in inches."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    with rc_context(SETTINGS):
        canvas = Canvas(figsize=size, layout="constrained")
        FigureCanvasSVG(canvas)
        draw(canvas.add_subplot())
        text = io.StringIO()
        canvas.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    return Figure(title=title, alt=alt, svg=svg[svg.index("<svg") :])
