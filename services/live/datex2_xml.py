"""Reading elements of DATEX II by their own names: prefixes and versions differ, the names do not."""

from collections.abc import Iterator

from lxml import etree

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return str(etree.QName(element).localname)


def kind(element: etree._Element) -> str:
    """Its ``xsi:type`` without the prefix; empty where it has none."""
    return (element.get(XSI_TYPE) or "").strip().rpartition(":")[2]


def within(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Every element called ``name`` inside ``element``."""
    return iter(element.iter(f"{{*}}{name}"))


def words(element: etree._Element) -> str:
    """Its text, trimmed: real files break lines inside values (standards.md T11)."""
    return " ".join((element.text or "").split())


def deepest(element: etree._Element) -> str:
    """The first text in ``element`` or in what it wraps; empty where there is none."""
    return next(filter(None, map(words, element.iter("{*}*"))), "")


def text_of(element: etree._Element, name: str) -> str:
    """The text of the first ``name`` inside; empty where there is none."""
    return next((words(found) for found in within(element, name)), "")


def attribute(element: etree._Element | None, name: str) -> str:
    """An attribute, trimmed; empty where it or the element is not there."""
    return (element.get(name) or "").strip() if element is not None else ""
