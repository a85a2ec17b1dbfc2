"""The monthly report as one HTML document, for a browser and for paper; nothing from elsewhere. Pure."""

import base64
from collections.abc import Mapping
from html import escape

from layouts.monthly import sheet
from layouts.monthly_words import heading
from layouts.report_paper import FACES, NARROW, PLAIN
from layouts.static_html import as_html
from model.monthly import MonthlyReport
from model.texts import Words
from model.tokens import colours


def page(say: Words, report: MonthlyReport, style: str, faces: Mapping[str, bytes]) -> str:
    """One file for any browser: style and typeface (``faces``, by file name) are in it, no script is.

    Nothing is asked of anywhere, which its own policy says too.
    """
    held = {
        name: f"data:font/woff2;base64,{base64.b64encode(faces[name]).decode()}"
        for name in FACES
        if name in faces
    }
    policy = "default-src 'none'; style-src 'unsafe-inline'; font-src data:"
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
    )
    return _document(say, report, style, held, head)


def paper(say: Words, report: MonthlyReport, style: str) -> str:
    """The same to be set as PDF: running head, and a plain no-break space for the narrow one, which the
    typeface does not have."""
    quoted = _quoted(heading(say, report))
    running = (
        f'@page{{@top-left{{content:"{quoted}"}}@top-right{{content:"{_quoted(say("monthly.title"))}"}}'
        f'@bottom-right{{content:"{_quoted(say("monthly.page"))} " counter(page) " / " counter(pages)}}'
        f'@bottom-left{{content:"{_quoted(_foot(say, report))}"}}}}'
        "@page:first{@top-left{content:none}@top-right{content:none}@bottom-right{content:none}}"
    )
    faces = {name: f"font:{name}" for name in FACES}
    return _document(say, report, style + running, faces, "").replace(NARROW, PLAIN)


def _foot(say: Words, report: MonthlyReport) -> str:
    told = say("monthly.foot", version=report.version, at=say.instant(report.made_at))
    return f"{told} · {say('monthly.invented_short')}" if report.generated else told


def _quoted(text: str) -> str:
    """``text`` for a css string."""
    return text.replace("\\", "").replace('"', "'").replace("<", "")


def _document(say: Words, report: MonthlyReport, style: str, faces: Mapping[str, str], head: str) -> str:
    inks = "".join(f"--{name}:{value};" for name, value in colours("light").items())
    fonts = "".join(
        f'@font-face{{font-family:"SourceSans";font-weight:200 900;src:url("{source}") format("woff2")}}'
        for source in faces.values()
    )
    title = f"{say('monthly.title')}. {heading(say, report)}"
    about = (
        f"<title>{escape(title)}</title>"
        f'<meta name="author" content="{escape(report.origin.city)}">'
        f'<meta name="description" content="{escape(report.origin.source)}">'
        f'<meta name="dcterms.created" content="{report.made_at.isoformat(timespec="seconds")}">'
        '<meta name="generator" content="Vigie">'
    )
    return (
        f'<!DOCTYPE html><html lang="{say.language}"><head><meta charset="utf-8">{head}{about}'
        f"<style>:root{{color-scheme:light;{inks}}}{fonts}{style}</style></head>"
        f"<body>{as_html(sheet(say, report))}</body></html>"
    )
