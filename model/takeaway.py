"""What every takeaway says of itself: a file, a picture or a report without it is worth nothing a year later.

One place for all formats: ``facts`` is the label as machines read it, ``foot`` as people do.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from model.texts import Words

SOFTWARE = "Vigie"


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose data these are: the city's title and short name, its zone, the source in words, the licence's
    name and address."""

    city: str
    slug: str
    zone: str
    source: str
    licence: str = ""
    licence_url: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """What is said of one takeaway.

    ``title`` what it is, ``place`` of where; ``t0`` and ``t1`` its period (aware; ``t1`` None: one instant);
    ``made_at`` aware; ``unit`` of its values (empty: stated beside each); ``coverage`` 0 to 1, of what was
    expected (None: cannot be told); ``read`` what was read to answer; ``question`` the address that asks the
    same again; ``made_by`` the name typed, if any.
    """

    origin: Origin
    title: str
    place: str
    t0: datetime
    t1: datetime | None
    made_at: datetime
    unit: str = ""
    coverage: float | None = None
    read: str = ""
    question: str = ""
    made_by: str = ""

    def of(self, title: str, place: str) -> "Label":
        """The same label under another title and place."""
        return replace(self, title=title, place=place)


def facts(label: Label) -> dict[str, str]:
    """The label for machines: English names, ISO 8601 times with offset; what is not known is left out."""
    told = {
        "title": label.title,
        "place": label.place,
        "city": label.origin.city,
        "period_start": label.t0.isoformat(),
        "period_end": (label.t1 or label.t0).isoformat(),
        "time_zone": label.origin.zone,
        "unit": label.unit,
        "coverage": "" if label.coverage is None else f"{label.coverage:.4f}",
        "source": label.origin.source,
        "licence": label.origin.licence,
        "licence_url": label.origin.licence_url,
        "read": label.read,
        "question": label.question,
        "made_at": label.made_at.isoformat(timespec="seconds"),
        "made_by": label.made_by,
        "software": SOFTWARE,
    }
    return {name: one_line(text) for name, text in told.items() if text}


def one_line(text: str) -> str:
    """``text`` without line breaks, for where a value is one line."""
    return " ".join(text.split())


def period(say: Words, label: Label) -> str:
    """The period in words, with the zone it is told in."""
    zone = label.origin.zone
    if label.t1 is None:
        return say("takeaway.instant", at=say.instant(label.t0), zone=zone)
    return say("takeaway.period", t0=say.instant(label.t0), t1=say.instant(label.t1), zone=zone)


def foot(say: Words, label: Label) -> list[str]:
    """The lines under a picture: source and licence; coverage and what was read; when it was made."""
    source = say("takeaway.source", source=label.origin.source)
    if label.origin.licence:
        source += f" · {say('takeaway.licence', licence=label.origin.licence)}"
    covered = []
    if label.coverage is not None:
        covered.append(say("history.coverage", coverage=percent(say, label.coverage)))
    covered += [label.read] if label.read else []
    made = say("takeaway.made", at=say.instant(label.made_at), zone=label.origin.zone)
    if label.made_by:
        made = say("takeaway.made_by", made=made, name=label.made_by)
    return [source, " · ".join([*covered, made])]


def percent(say: Words, share: float) -> str:
    """A share as percent, rounded down: what is not whole must never read as whole."""
    tenths = int(share * 1000 + 1e-9) / 10
    return say("takeaway.percent", n=say.number(tenths, 0 if tenths == int(tenths) else 1))


def file_name(label: Label, what: str, extension: str) -> str:
    """``vigie-<city>-<what>-<first instant>-<last>.<extension>``: says what and when in any file manager."""
    ends = [label.t0] + ([label.t1] if label.t1 else [])
    when = "-".join(f"{_local(end, label):%Y%m%dT%H%M}" for end in ends)
    plain = unicodedata.normalize("NFKD", what.lower())
    kept = "".join(a if a.isascii() and a.isalnum() else "-" for a in plain if not unicodedata.combining(a))
    return f"vigie-{label.origin.slug}-{'-'.join(filter(None, kept.split('-')))[:60]}-{when}.{extension}"


def _local(moment: datetime, label: Label) -> datetime:
    return moment.astimezone(ZoneInfo(label.origin.zone))


def address(path: str, values: Mapping[str, str]) -> str:
    """The question as an address: ``path`` with ``values``, those of language, theme and format left out."""
    kept = {name: value for name, value in values.items() if name not in ("lang", "theme", "format")}
    return f"{path}?{urlencode(kept, safe=':,')}" if kept else path
