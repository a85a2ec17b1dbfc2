"""What a city has promised, against which baseline, and what is known of how the promise is kept.

Savings are shares of the adjusted baseline: 0.5 is half of it. Nothing here says more than was measured: a
saving that cannot be told is None, and ``withheld`` says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

COVERAGE_FLOOR = 0.9
"""Under this coverage of the baseline, or of a month, no saving is told (field.md (e))."""
WINDOW_MONTHS = 12
"""The observed saving is that of the last twelve complete months: the season is then out of it."""
FEWEST_MONTHS = 12
"""With fewer months told nothing is projected."""


class Promised(StrEnum):
    """What is promised to fall, and thereby what its baseline is adjusted for."""

    LIGHTING_ENERGY = "lighting_energy"
    """kWh of the control cabinets, at the number of light points and their burning hours."""
    BUILDING_ENERGY = "building_energy"
    """kWh of the meters, at the number of meters and the degree days."""


DOMAIN_OF = {Promised.LIGHTING_ENERGY: "lighting", Promised.BUILDING_ENERGY: "energy"}


class BaselineKind(StrEnum):
    """Where the baseline comes from."""

    DOCUMENTED = "documented"
    """A figure of a document: its kWh, points and hours stand in it."""
    MEASURED = "measured"
    """A period of the city's own measurements."""
    NONE = "none"
    """There is none, so no saving is ever told."""


@dataclass(frozen=True)
class Baseline:
    """What a saving is counted from: kWh of ``first`` to ``last`` (local days, both counted).

    ``points`` light points or meters, ``hours`` burning hours of a point in the period, ``degree_days`` of it
    (base 18 °C), ``weather_share`` the share of the kWh that follows them, ``coverage`` the share of
    the points that was metered or billed.
    """

    kind: BaselineKind
    first: date | None = None
    last: date | None = None
    document: str = ""
    dated: date | None = None
    kwh: float | None = None
    coverage: float | None = None
    points: float | None = None
    hours: float | None = None
    degree_days: float | None = None
    weather_share: float | None = None

    @property
    def days(self) -> int:
        """How many local days it covers; 0 without a period."""
        return (self.last - self.first).days + 1 if self.first and self.last else 0


@dataclass(frozen=True)
class CommitmentDraft:
    """A commitment as somebody writes it; ``target_on`` is the last day of the twelve months promised for."""

    key: str
    titles: Mapping[str, str]
    promised: Promised
    target_share: float
    target_on: date
    contract: str
    owner: str
    baseline: Baseline
    reason: str
    withdrawn: bool = False


@dataclass(frozen=True)
class Commitment:
    """One version of a commitment, with who wrote it and when (aware UTC)."""

    id: int
    version: int
    draft: CommitmentDraft
    made_by: str
    made_at: datetime

    def title(self, language: str) -> str:
        """Its title in ``language``."""
        return self.draft.titles[language]


@dataclass(frozen=True)
class MonthSaving:
    """One complete month: kWh received, kWh the baseline would have drawn on the same days, hours and points.

    ``saving`` is None under the coverage floor, or where the hours or degree days are not known.
    """

    start: date
    kwh: float
    expected: float
    saving: float | None
    coverage: float
    points: float
    drivers: float
    """Burning hours of a point, or degree days, of the days counted."""


@dataclass(frozen=True)
class ProjectedMonth:
    """The saving of the twelve months that end with the month ``start``: middle and 80 % interval."""

    start: date
    middle: float
    low: float
    high: float


@dataclass(frozen=True)
class Tried:
    """The projection tried on months already known: mean absolute error in points of saving, and that of the
    naive reference (the last three months go on). ``trials`` 0: too few months to try it."""

    trials: int
    ahead_months: int
    error: float
    naive: float


@dataclass(frozen=True)
class Projection:
    """Where the trend of the months told leads, up to the target; ``months`` how many it rests on."""

    months: int
    path: tuple[ProjectedMonth, ...]
    tried: Tried

    @property
    def at_target(self) -> ProjectedMonth:
        """The saving projected for the twelve months promised for."""
        return self.path[-1]


class Course(StrEnum):
    """Where a promise stands, as far as the interval carries it."""

    KEPT = "kept"
    """The term is over and the saving observed is at least the one promised."""
    BROKEN = "broken"
    ON_COURSE = "on_course"
    """The whole interval at the target is at least the saving promised."""
    NOT_ASSURED = "not_assured"
    OFF_COURSE = "off_course"
    """The whole interval lies under it."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PromiseState:
    """A commitment and what the data says of it.

    ``baseline`` is the one used, measured where it is so declared. ``months`` are all complete months since
    measurements began, at most three years; ``saving`` that of the last twelve of them (fewer where there are
    fewer: ``window`` how many are told). ``withheld`` is ``no_baseline``, ``baseline_incomplete``,
    ``baseline_coverage``, ``nothing``, ``coverage`` or ``partial``; ``unprojected`` is why there is no
    projection: ``few_months``, ``no_saving`` or ``over``. ``query`` is what was asked of the database.
    """

    commitment: Commitment
    baseline: Baseline
    months: tuple[MonthSaving, ...]
    window: int
    kwh: float | None
    expected: float | None
    saving: float | None
    coverage: float
    withheld: str | None
    projection: Projection | None
    unprojected: str | None
    course: Course
    query: str = ""
