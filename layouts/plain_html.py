"""HTML as text for the few pages that stand without Dash: escaped, whatever it is made of. Pure."""

from html import escape

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Html(str):
    """Text that is HTML already, made by ``el``; any other text is escaped."""

    __slots__ = ()


def el(tag: str, *children: object, **attributes: object) -> Html:
    """An element: ``el("p", "a < b", class_="note")``. None and False leave an attribute or a child out,
    True gives it without a value; a trailing underscore is dropped and others become hyphens."""
    given = "".join(
        f" {_name(name)}" if value is True else f' {_name(name)}="{escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in VOID:
        return Html(f"<{tag}{given}>")
    return Html(f"<{tag}{given}>{joined(*children)}</{tag}>")


def joined(*children: object) -> Html:
    """The children one after the other."""
    return Html("".join(_child(child) for child in children))


def _child(child: object) -> str:
    if child is None or child is False:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, list | tuple):
        return joined(*child)
    return escape(str(child), quote=False)


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")
