"""The demo city's renewal of lamps to LED: which cabinets, when, and how much they drew before.

The city is drawn as it stands today; a renewed cabinet's past is what its LED lamps were before: sodium.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.demo_city.city import DemoCity
from geodata.demo_city.dice import Floats
from geodata.demo_city.lighting import SODIUM_W

Rows = npt.NDArray[np.int64]
PLANNED = -1
"""The day of works that are announced and not yet done."""

_WORKS = (
    (1, 300, 244, 1.0),
    (9, 226, 206, 1.0),
    (12, 184, 140, 1.0),
    (16, 82, 34, 0.55),
    (5, 0, 0, 0.0),
)
"""By commune: how many days ago the works began and ended, and the share of its cabinets done by now."""


@dataclass(frozen=True)
class Renovation:
    """Cabinets of the programme: ``rows``, the local ``days`` since 1970 of their works (or PLANNED), and
    ``former``, what each drew before over what it draws now."""

    rows: Rows
    days: Rows
    former: Floats

    def factor(self, cabinets: Rows, days: Rows) -> Floats:
        """What each cabinet (n) drew on each local day (m) over what it draws now: (n, m)."""
        factor = np.ones((len(cabinets), len(days)))
        row_of = {int(row): at for at, row in enumerate(cabinets)}
        for row, day, former in zip(self.rows, self.days, self.former, strict=True):
            if day != PLANNED and int(row) in row_of:
                factor[row_of[int(row)], days < day] = former
        return factor


def renovation(city: DemoCity, today: int) -> Renovation:
    """The programme as it stands on the local day ``today`` (since 1970), one cabinet after the other."""
    cabinets = city.of("control_cabinet")
    rows, days = [], []
    for commune, begun, ended, share in _WORKS:
        own = cabinets[city.communes[cabinets] == commune]
        done = round(share * len(own))
        rows.append(own)
        days.append(np.full(len(own), PLANNED))
        days[-1][:done] = today - np.linspace(begun, ended, done).round().astype("i8")
    every = np.concatenate(rows)
    return Renovation(every, np.concatenate(days), _former(city, every))


def _former(city: DemoCity, cabinets: Rows) -> Floats:
    """Rated power with sodium for LED, over the rated power of now."""
    lamps = city.of("streetlight")
    led = np.array([city.attributes[row]["source"] == "LED" for row in lamps])
    sodium = np.array([SODIUM_W[city.attributes[row]["height_m"]] for row in lamps])
    watts = np.where(led, sodium, city.rating[lamps])
    fed = city.parents[lamps]
    return np.array([watts[fed == row].sum() / city.rating[lamps][fed == row].sum() for row in cabinets])
