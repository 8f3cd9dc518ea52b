"""How charts look: colours are variables of the page's style sheet, so that one drawing suits light and dark."""

from typing import Any

import altair as alt

INK, MUTED, GRID, ACCENT, ALARM = (f"var(--{name})" for name in ("ink", "muted", "line", "accent", "alarm"))
SERIES = tuple(f"var(--c{i})" for i in range(1, 7))
TRAIN, DEV, TEST = SERIES[0], SERIES[1], SERIES[2]
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
HEIGHT = 240
DASHES = ([1, 0], [6, 4], [2, 3])

CONFIG: dict[str, Any] = {
    "background": None,
    "font": FONT,
    "autosize": {"type": "fit-x", "contains": "padding"},
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
        "labelLimit": 150,
        "titlePadding": 8,
    },
    "axisY": {"domain": False, "ticks": False, "labelPadding": 6},
    "legend": {
        "orient": "top",
        "title": None,
        "labelColor": INK,
        "labelFontSize": 12,
        "titleColor": MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "columns": 2,
        "gradientLength": 160,
        "labelLimit": 110,
    },
    "line": {"strokeWidth": 2},
    "text": {"color": INK, "fontSize": 12},
    "point": {"filled": True, "size": 55},
}


def data(rows: list[dict[str, Any]]) -> alt.InlineData:
    """Return rows as a chart's data. Keys are ours, never a user's: they are field names in expressions."""
    return alt.InlineData(values=rows)


def spec(chart: alt.Chart | alt.LayerChart | alt.FacetChart, height: float = HEIGHT) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart as wide as its place on the page."""
    drawn: dict[str, Any] = chart.to_dict(validate=False)
    return drawn | {"width": "container", "height": height}


def series(names: list[str], colours: tuple[str, ...] = SERIES) -> alt.Color:
    """Return the colour channel of the field ``series``."""
    scale = alt.Scale(domain=names, range=list(colours[: len(names)]))
    return alt.Color("series:N", scale=scale, legend=alt.Legend(symbolType="stroke", symbolOpacity=1))


def many(names: list[str]) -> tuple[alt.Color, alt.StrokeDash]:
    """Return the colour and dash channels of the field ``series``: beyond six names the colours come again, dashed."""
    colours = [SERIES[place % len(SERIES)] for place in range(len(names))]
    dashes = [DASHES[place // len(SERIES) % len(DASHES)] for place in range(len(names))]
    legend = alt.Legend(symbolType="stroke", symbolOpacity=1, columns=3, labelLimit=200)
    return (
        alt.Color("series:N", scale=alt.Scale(domain=names, range=colours), legend=legend),
        alt.StrokeDash("series:N", scale=alt.Scale(domain=names, range=dashes), legend=legend),
    )
