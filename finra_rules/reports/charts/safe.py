"""A drawing made fit for a page: nothing but shapes and text, with a text alternative, its ids its own."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from finra_rules.model.errors import EngineError
from finra_rules.reports.text import shown

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset({"svg", "g", "path", "rect", "line", "circle", "text", "tspan", "defs", "clipPath"})
_ATTRIBUTES = frozenset(
    {
        *(
            "class",
            "clip-path",
            "cx",
            "cy",
            "d",
            "dx",
            "dy",
            "display",
            "fill",
            "fill-opacity",
            "font-family",
            "font-size",
            "font-style",
        ),
        *(
            "font-weight",
            "height",
            "id",
            "opacity",
            "pointer-events",
            "points",
            "r",
            "rx",
            "ry",
            "stroke",
            "stroke-dasharray",
        ),
        *(
            "stroke-dashoffset",
            "stroke-linecap",
            "stroke-linejoin",
            "stroke-miterlimit",
            "stroke-opacity",
            "stroke-width",
        ),
        *("text-anchor", "transform", "version", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2"),
    }
)
_LEFT_OUT = ("aria-", "role")
"""What is said of the parts of a drawing: the drawing as a whole has its description, and the page its table."""
_URL = re.compile(r"url\(#([A-Za-z0-9_-]+)\)")


def safe(svg: str, name: str, title: str, description: str) -> str:
    """Return a drawing as an element for a page; `name` opens the ids in it.

    Raises:
        EngineError: it holds an element or an attribute that no drawing of ours holds.

    """
    root = ET.fromstring(svg)  # noqa: S314 - the text comes from the drawing library of this process
    for element in root.iter():
        _check(element, name)
    root.attrib.pop("class", None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        told = ET.Element(_SVG + tag, {"id": f"{name}-{tag}"})
        told.text = shown(text)
        root.insert(place, told)
    ET.register_namespace("", _SVG[1:-1])
    return ET.tostring(root, encoding="unicode")


def _check(element: ET.Element, name: str) -> None:
    if not isinstance(element.tag, str) or element.tag.removeprefix(_SVG) not in _ELEMENTS:
        raise EngineError(f"a chart holds <{element.tag}>, which no chart of ours does; no report is issued")
    for attribute, value in list(element.attrib.items()):
        if attribute.startswith(_LEFT_OUT):
            del element.attrib[attribute]
        elif attribute not in _ATTRIBUTES:
            raise EngineError(
                f"a chart holds the attribute {attribute}, which no chart of ours does; no report is issued"
            )
        elif attribute == "id":
            element.set("id", f"{name}-{value}")
        elif "url" in value.lower():
            known = _URL.fullmatch(value)
            if not known:
                raise EngineError("a chart refers to something outside of it; no report is issued")
            element.set(attribute, f"url(#{name}-{known[1]})")
