"""SVG by matplotlib, the same bytes for the same picture."""

import io
from collections.abc import Callable
from typing import Any

from headgate.jobs.validation.report.figure import Figure

type Axes = Any
"""matplotlib's; it has no types of its own."""

SIZE_INCHES = (4.2, 3.0)
SETTINGS: Any = {"svg.hashsalt": "headgate", "svg.fonttype": "none", "font.size": 9}


def drawn(title: str, alt: str, draw: Callable[[Axes], None]) -> Figure:
    """Return what a function draws on empty axes."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    with rc_context(SETTINGS):
        canvas = Canvas(figsize=SIZE_INCHES, layout="constrained")
        FigureCanvasSVG(canvas)
        draw(canvas.add_subplot())
        text = io.StringIO()
        canvas.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    svg = text.getvalue()
    return Figure(title=title, alt=alt, svg=svg[svg.index("<svg") :])
