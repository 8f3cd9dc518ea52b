"""A page: sections in order, charts as data, the scripts that draw them, all in one file."""

import base64
import hashlib
import itertools
import math
from collections.abc import Iterator, Sequence
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


def document(name: str, kicker: str, headline: str, sections: Sequence[Section], absent: str = "") -> str:
    """Return a page as HTML. Whatever stands in the data is text there: nothing of it is markup or script.

    Args:
      name: what the page is of.
      kicker: the line above it.
      headline: the verdict in a sentence or two.
      sections: those without blocks are left out.
      absent: what is not on the page, and why.
    """
    numbers = itertools.count(1)
    sections = [
        replace(section, blocks=[_numbered(block, numbers) for block in section.blocks])
        for section in sections
        if section.blocks
    ]
    plots = [block for section in sections for block in section.blocks if isinstance(block, Plot)]
    scripts = {"library": _library(), "theme": _source("theme.js"), "draw": _source("draw.js")}
    return _template().render(
        name=name,
        kicker=kicker,
        version=netwright.__version__,
        headline=headline,
        absent=absent,
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
