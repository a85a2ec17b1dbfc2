"""The report as one HTML document for paper: the sheet, its style, its typeface, nothing from elsewhere."""

from html import escape

from layouts.report import sheet, title
from layouts.static_html import as_html
from model.report import NightReport
from model.texts import Words
from model.tokens import colours

FACES = ("source-sans-3-latin-wght-normal.woff2", "source-sans-3-latin-ext-wght-normal.woff2")
NARROW, PLAIN = "\u202f", "\u00a0"


def document(say: Words, report: NightReport, style: str) -> str:
    """The sheet of ``report`` with ``style`` (css), ready to be set as PDF: title, language, author, date.

    The typeface has no narrow space, and paper no browser to make one: a plain no-break space stands for it.
    """
    inks = "".join(f"--{name}:{value};" for name, value in colours("light").items())
    faces = "".join(
        f'@font-face{{font-family:"SourceSans";font-weight:200 900;src:url("font:{name}") format("woff2")}}'
        for name in FACES
    )
    label = report.label
    head = (
        f"<title>{escape(f'{label.title}. {title(say, report)}')}</title>"
        f'<meta name="author" content="{escape(label.made_by or label.origin.city)}">'
        f'<meta name="description" content="{escape(label.origin.source)}">'
        f'<meta name="dcterms.created" content="{label.made_at.isoformat(timespec="seconds")}">'
        f'<meta name="generator" content="Vigie">'
    )
    foot = escape(f"{label.title} · {title(say, report)}").replace('"', "'")
    page = f'@page{{@bottom-left{{content:"{foot}"}}}}'
    text = (
        f'<!DOCTYPE html><html lang="{say.language}"><head><meta charset="utf-8">{head}'
        f"<style>:root{{{inks}}}{faces}{style}{page}</style></head>"
        f"<body>{as_html(sheet(say, report))}</body></html>"
    )
    return text.replace(NARROW, PLAIN)
