"""The page: sections in order, charts as data, the scripts that draw them, all in one file."""

import base64
import hashlib
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import numpy as np
import vl_convert

import netwright
import netwright.report
from netwright.report import style
from netwright.report.blocks import Block, Plot, Section
from netwright.report.figures.bayes import bayes
from netwright.report.figures.bias_variance import bias_variance
from netwright.report.figures.budget import budget
from netwright.report.figures.calibration import calibration
from netwright.report.figures.checks import checks
from netwright.report.figures.curves import curves
from netwright.report.figures.errors import classes, confusion
from netwright.report.figures.flow import activations, gradients
from netwright.report.figures.proven import proven
from netwright.report.figures.range_test import range_test
from netwright.report.figures.residuals import residuals
from netwright.report.figures.shift import shift
from netwright.report.figures.sizes import sizes
from netwright.report.figures.worst import worst
from netwright.report.material import Material
from netwright.report.reproduce import reproduce
from netwright.report.verdict import headline, next_steps
from netwright.report.words import cut

Family = Callable[[Material], Sequence[Block]]
SECTIONS: tuple[tuple[str, str, str, tuple[Family, ...]], ...] = (
    ("verdict", "Verdict", "What the error is made of", (budget,)),
    ("next", "Next", "What to do next", (next_steps,)),
    ("proven", "Proven", "What was proven", (proven,)),
    ("training", "Training", "How training went", (curves, range_test)),
    ("inside", "Inside", "Inside the network", (gradients, activations)),
    ("data", "Data", "What data can still do", (sizes, bayes, bias_variance)),
    ("shift", "Shift", "Whether dev rows are like training rows", (shift,)),
    (
        "predictions",
        "Predictions",
        "Predictions on the dev rows",
        (confusion, calibration, classes, residuals, worst),
    ),
    ("checks", "Checks", "What the checks say", (checks,)),
    ("reproduce", "Reproduce", "Reproduce it", (reproduce,)),
)


def page(material: Material) -> str:
    """Return the report as HTML. Whatever stands in the data is text there: nothing of it is markup or script."""
    numbers = itertools.count(1)
    sections: list[Section] = []
    for id, short, title, families in SECTIONS:
        blocks = [_numbered(block, numbers) for family in families for block in family(material)]
        if blocks:
            sections.append(Section(id, short, title, blocks))
    plots = [block for section in sections for block in section.blocks if isinstance(block, Plot)]
    scripts = {"library": _library(), "theme": _source("theme.js"), "draw": _source("draw.js")}
    return _template().render(
        name=cut(material.name, 80),
        task=material.task,
        version=netwright.__version__,
        headline=headline(material),
        absent=material.absent,
        sections=sections,
        charts={plot.id: finite(plot.spec) for plot in plots},
        config=style.CONFIG,
        css=_source("report.css"),
        scripts=scripts,
        policy=_policy(scripts.values()),
    )


def finite(value: Any) -> Any:
    """Return plain data that JSON can hold: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {str(name): finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _numbered(block: Block, numbers: Iterator[int]) -> Block:
    return replace(block, id=f"plot-{next(numbers)}") if isinstance(block, Plot) else block


@cache
def _library() -> str:
    """Return Vega, Vega-Lite and Vega-Embed in one script, from vl-convert's own copy."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_source("report.html.jinja"))


def _source(name: str) -> str:
    return files(netwright.report).joinpath("assets", name).read_text(encoding="utf-8")


def _policy(scripts: Any) -> str:
    """Return a content security policy: these scripts alone run, and nothing is fetched from anywhere."""
    hashes = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts)
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
