"""Every word on a screen, in French and in English, and how numbers, dates and ages are written.

Catalogues are the TOML files of ``model/catalogues/<language>/``, one a subject; a key is the path of tables,
``status.fault``. A missing key is shown as ``⟦key⟧`` so that nobody overlooks it; tests compare the two.
"""

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal

LANGUAGES = ("fr", "en")
FOLDER = Path(__file__).parent / "catalogues"
MINUS = "\u2212"


def _flatten(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            flat |= _flatten(value, f"{path}.")
        else:
            flat[path] = str(value)
    return flat


@cache
def catalogue(language: str) -> MappingProxyType[str, str]:
    """All texts of ``language`` (``fr`` or ``en``), key to text."""
    texts: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.toml")):
        texts |= _flatten(tomllib.loads(file.read_text(encoding="utf-8")))
    return MappingProxyType(texts)


class Words:
    """The texts and number habits of one language in one time zone.

    ``say = words("fr"); say("status.fault")`` gives "Défaut"; placeholders are filled by name.
    """

    def __init__(self, language: str, zone: str = "Europe/Paris") -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self.zone = ZoneInfo(zone)
        self._texts = catalogue(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key`` with ``values`` filled in."""
        text = self._texts.get(key)
        if text is None:
            return f"⟦{key}⟧"
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether the catalogue knows ``key``."""
        return key in self._texts

    def number(self, value: float | None, decimals: int = 0, *, signed: bool = False) -> str:
        """``value`` with the language's separators and ``decimals``; an en dash when there is none."""
        if value is None or value != value:
            return "–"
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        text = str(format_decimal(abs(round(value, decimals)), pattern, locale=self.language))
        negative = round(value, decimals) < 0
        return (MINUS if negative else "+" if signed else "") + text

    def exact(self, value: float) -> str:
        """``value`` with the decimals it has, six at most: 253, 251.5. For what somebody declared."""
        decimals = next((n for n in range(6) if round(value, n) == round(value, 6)), 6)
        return self.number(value, decimals)

    def lasting(self, seconds: float) -> str:
        """A declared duration, whole: 90 s is 1 min 30 s, never "1 min" as an age would say it."""
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(int(minutes), 60)
        days, hours = divmod(hours, 24)
        parts = ((days, self("unit.day_short")), (hours, "h"), (minutes, "min"))
        told = [f"{count} {unit}" for count, unit in parts if count]
        return " ".join([*told, f"{self.exact(rest)} s"] if rest or not told else told)

    def local(self, moment: datetime) -> datetime:
        """``moment`` (aware) in the city's zone."""
        return moment.astimezone(self.zone)

    def time(self, moment: datetime, *, seconds: bool = False) -> str:
        """The local time of day, 24 h in both languages: 18:42."""
        return str(format_time(self.local(moment), "HH:mm:ss" if seconds else "HH:mm", locale=self.language))

    def day(self, moment: datetime, width: str = "long") -> str:
        """The local date: 6 novembre 2025 (``long``), 6 nov. 2025 (``medium``)."""
        return str(format_date(self.local(moment).date(), width, locale=self._dates))

    def month(self, moment: datetime) -> str:
        """The local month and year: mai 2026."""
        return str(format_date(self.local(moment).date(), "LLLL y", locale=self._dates))

    def instant(self, moment: datetime) -> str:
        """The local date and time: 6 nov. 2025, 18:42."""
        return str(format_datetime(self.local(moment), "d MMM y, HH:mm", locale=self._dates))

    def instant_seconds(self, moment: datetime) -> str:
        """The local date and time to the second: 6 nov. 2025, 18:42:07."""
        return str(format_datetime(self.local(moment), "d MMM y, HH:mm:ss", locale=self._dates))

    def soon(self, moment: datetime) -> str:
        """The local date and time without the year, for what is days away: 6 nov. 18:42."""
        return str(format_datetime(self.local(moment), "d MMM HH:mm", locale=self._dates))

    @property
    def _dates(self) -> str:
        return "en_GB" if self.language == "en" else self.language

    def age(self, seconds: float) -> str:
        """How long ago in few words: 4 s, 11 min, 1 h 34, 3 j."""
        whole = max(0, int(seconds))
        if whole < 60:
            return f"{whole} s"
        if whole < 3600:
            return f"{whole // 60} min"
        if whole < 86_400:
            return f"{whole // 3600} h {whole % 3600 // 60:02d}"
        return f"{whole // 86_400} {self('unit.day_short')}"


@cache
def words(language: str, zone: str = "Europe/Paris") -> Words:
    """The Words of ``language`` in ``zone``, made once."""
    return Words(language, zone)
