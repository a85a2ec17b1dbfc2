"""A layout as plain HTML text: what a PDF is made of, from the same components as the page. Pure.

Knows Dash's own html elements and our two drawings, ``Vector`` and ``Symbol``; anything else has no place on
paper and is refused by name.
"""

from html import escape
from typing import Any

from dash.development.base_component import Component

from layouts.components import Symbol
from layouts.vectors import Vector
from model.symbols import svg

FAMILY = "SourceSans, sans-serif"
VOID = frozenset({"br", "hr", "img", "input", "meta", "link"})
_NAMES = {"className": "class", "htmlFor": "for", "colSpan": "colspan", "rowSpan": "rowspan"}
_KEPT = frozenset({"viewBox", "preserveAspectRatio", "patternUnits"})
_LEFT_OUT = frozenset({"children", "n_clicks", "n_clicks_timestamp", "key", "disable_n_clicks"})


def as_html(part: Any) -> str:
    """``part`` (component, text, number, or a list of them) as HTML. TypeError for what is not for paper."""
    if part is None:
        return ""
    if isinstance(part, list | tuple):
        return "".join(as_html(one) for one in part)
    if not isinstance(part, Component):
        return escape(str(part), quote=False)
    if isinstance(part, Vector):
        return _vector(part)
    if isinstance(part, Symbol):
        return _symbol(part)
    if part._namespace != "dash_html_components":
        raise TypeError(f"{type(part).__name__} has no form on paper")
    return _element(part)


def _element(part: Component) -> str:
    tag = type(part).__name__.lower()
    values = part.to_plotly_json()["props"]
    given = {name: value for name, value in values.items() if name not in _LEFT_OUT}
    opened = f"<{tag}{_attributes(given)}>"
    return opened if tag in VOID else f"{opened}{as_html(getattr(part, 'children', None))}</{tag}>"


def _attributes(values: dict[str, Any]) -> str:
    return "".join(
        f' {_name(name)}="{escape(_styled(value) if isinstance(value, dict) else str(value))}"'
        for name, value in values.items()
        if value is not None and value is not False
    )


def _styled(style: dict[str, Any]) -> str:
    return ";".join(f"{_name(name)}:{value}" for name, value in style.items())


def _name(name: str) -> str:
    """An attribute as HTML and SVG spell it: ``strokeWidth`` is ``stroke-width``."""
    if name in _NAMES:
        return _NAMES[name]
    if name in _KEPT:
        return name
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


def _vector(part: Vector) -> str:
    width, height = part.box
    label = getattr(part, "label", None)
    # A reader of the PDF is told what stands in <title>; a browser's takes the label.
    named = f"<title>{escape(label, quote=False)}</title>" if label else ""
    heard = label and not getattr(part, "silent", False)
    spoken = f' role="img" aria-label="{escape(label)}"' if heard else ' aria-hidden="true"'
    shapes = "".join(_shape(shape) for shape in part.shapes)
    name = escape(getattr(part, "className", None) or "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="vector {name}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" font-family="{FAMILY}"{spoken}>{named}{shapes}</svg>'
    )


def _shape(shape: dict[str, Any]) -> str:
    """A shape; of a pattern the ``shapes`` it repeats stand inside."""
    values = {name: value for name, value in shape.items() if name not in ("tag", "text", "title", "shapes")}
    inside = escape(shape.get("text", ""), quote=False) + "".join(map(_shape, shape.get("shapes", ())))
    return f"<{shape['tag']}{_attributes(values)}>{inside}</{shape['tag']}>"


def _symbol(part: Symbol) -> str:
    size, said = getattr(part, "size", None) or 20, getattr(part, "title", None) or ""
    drawn = svg(part.group, part.name, size, "light", said)
    named = f"<title>{escape(said, quote=False)}</title>" if said else ""
    opened, rest = drawn.replace("<svg ", f'<svg font-family="{FAMILY}" ', 1).split(">", 1)
    return f"{opened}>{named}{rest}"
