"""What is asked of a reader of a dataset: the city, the release, and the bounds in time it keeps to.

How far back publications reach is decided here and nowhere else.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from geodata.profiles import CityProfile
from model.datasets import Span
from model.publications import Release
from services.history import day_start, days_between, local_day

MONTHS_OF_DAYS = 13
"""Whole months before the present one that figures by day or month reach back: a year, and the same month."""

DAYS_OF_HOURS = 31
"""Local days that figures by hour reach back."""

DEADLINE_MS = 60_000
"""For one question of the publisher: nobody waits for it, but it must not hold the database for ever."""


@dataclass(frozen=True)
class Asked:
    """One release, to be read as of ``now`` (aware)."""

    engine: Engine
    profile: CityProfile
    release: Release
    now: datetime

    @property
    def types(self) -> list[str]:
        """The asset types the dataset is of."""
        return list(self.release.dataset.types)

    @property
    def areas(self) -> list[int] | None:
        """The ids of the release's areas; None: the whole city."""
        return None if self.release.areas is None else sorted(self.release.areas)

    @property
    def youngest(self) -> datetime:
        """Nothing later than this instant (UTC) may leave."""
        return self.now.astimezone(UTC) - timedelta(seconds=self.release.delay_s)

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last local day to read: whole days that were over in time.

        A release by month ends with the last month that was over. The first is after the last where no day
        is old enough.
        """
        last = local_day(self.youngest, self.profile.zone) - timedelta(days=1)
        if self.release.grain.span is Span.MONTH:
            after = last + timedelta(days=1)
            last = after.replace(day=1) - timedelta(days=1)
        return months_before(last, MONTHS_OF_DAYS), last

    @property
    def hours(self) -> tuple[datetime, datetime]:
        """The whole hours to read, [t0, t1) in UTC, from the beginning of a local day."""
        t1 = self.youngest.replace(minute=0, second=0, microsecond=0)
        first = local_day(t1, self.profile.zone) - timedelta(days=DAYS_OF_HOURS)
        return day_start(first, self.profile.zone), t1

    @property
    def bounds(self) -> dict[str, object]:
        """What every question about assets binds."""
        return {
            "types": self.types,
            "areas": self.areas,
            "kind": self.profile.area_kind,
            "zone": self.profile.zone.key,
            "place": self.release.grain.place.name.lower(),
            "span": self.release.grain.span.name.lower(),
        }


def months_before(day: date, months: int) -> date:
    """The first day of the month that lies ``months`` before that of ``day``."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def month_starts(first: date, last: date) -> list[date]:
    """The first day of every month that [``first``, ``last``] touches."""
    return sorted({day.replace(day=1) for day in days_between(first, last)})


class CannotCoarsen(ValueError):
    """The release is coarser than its dataset, and rows of this dataset do not add up."""


def only_as_declared(asked: Asked) -> None:
    """CannotCoarsen unless the release has the dataset's own grain: an inventory or a state has no mean."""
    declared = asked.release.dataset.grain
    if asked.release.grain != declared:
        raise CannotCoarsen(
            f"{asked.release.name}: {asked.release.dataset.name} is published by "
            f"{declared.place.name.lower()} and {declared.span.name.lower()} only"
        )
