"""The letter a report comes with: what it is, where it stands, how to end it; the report is enclosed."""

from datetime import date, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from model.monthly import MEDIA_TYPES
from model.texts import words


def file_name(slug: str, month: date, area_id: int, language: str, version: int, form: str) -> str:
    """``vigie-<city>-2026-10-<place>-fr-v1.pdf``: the same for the same file, in any file manager."""
    place = f"{area_id}" if area_id else "ville" if language == "fr" else "city"
    return f"vigie-{slug}-{month:%Y-%m}-{place}-{language}-v{version}.{form}"


def letter(
    *, sender: str, to: str, name: str, language: str, zone: str, city: str, slug: str, place: str,
    area_id: int, month: date, version: int, token: str, base: str, delivery: int, now: datetime, form: str,
    body: bytes,
) -> EmailMessage:  # fmt: skip
    """The letter to one reader. ``base`` is where the control room is reached, empty where nobody else may.

    Its Message-ID is the delivery's: one that is sent twice, because a process died in between, is the same.
    """
    say = words(language, zone)
    when = say.month(datetime(month.year, month.month, 1, 12, tzinfo=say.zone))
    made = EmailMessage()
    made["Subject"] = say("reports.letter_subject", place=place, month=when)
    made["From"], made["To"] = f"{_plain(city)} <{sender}>", to
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<vigie-report-{slug}-{delivery}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"], made["Content-Language"] = "auto-generated", language
    lines = [
        say("reports.letter_hello", name=name) if name else say("reports.letter_hello_nobody"),
        say("reports.letter_body", place=place, month=when, version=version),
    ]
    if version > 1:
        lines.append(say("reports.letter_replaces"))
    if base:
        lines.append(say("reports.letter_page", url=f"{base}/boards/reports?month={month:%Y-%m}"))
        end = f"{base}/boards/reports/end/{token}"
        lines.append(say("reports.letter_end", url=end))
        made["List-Unsubscribe"] = f"<{end}>"
    else:
        lines.append(say("reports.letter_end_by_hand"))
    made.set_content("\n\n".join(lines) + "\n")
    kind, _, sub = MEDIA_TYPES[form].partition(";")[0].partition("/")
    called = file_name(slug, month, area_id, language, version, form)
    charset = {"charset": "utf-8"} if kind == "text" else {}
    made.add_attachment(body, maintype=kind, subtype=sub, filename=called, params=charset)
    return made


def _plain(text: str) -> str:
    """``text`` for a header's name."""
    return '"' + text.replace("\\", "").replace('"', "") + '"'
