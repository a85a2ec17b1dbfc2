"""What the memory holds, and what it weighs: in the database and in the archive."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, text

from geodata.asking import asking


@dataclass(frozen=True)
class Holdings:
    """Observations hot (in the database, indexes included) and cold (in files): days, rows, bytes.

    ``hot_rows`` is the planner's estimate where partitions were analysed, else counted.
    """

    hot_days: int
    hot_rows: int
    hot_bytes: int
    cold_days: int
    cold_rows: int
    cold_bytes: int
    first_cold: date | None
    last_cold: date | None
    waiting: int
    missing: int

    def lines(self) -> list[str]:
        """Lines for a terminal."""
        span = f", {self.first_cold} to {self.last_cold}" if self.first_cold else ""
        return [
            f"database  {_part(self.hot_days, self.hot_rows, self.hot_bytes, 'partitions')}",
            f"archive   {_part(self.cold_days, self.cold_rows, self.cold_bytes)}{span}",
            f"waiting   {self.waiting} batches of hours to recompute",
            f"missing   {self.missing} files of the archive",
        ]


def _part(days: int, rows: int, size: int, unit: str = "days") -> str:
    each = f", {size / rows:.1f} bytes an observation" if rows else ""
    return f"{days} {unit}, {rows:,} rows, {size / 1e6:,.1f} MB{each}"


_PARTITIONS = text(
    """
    SELECT c.relname, c.reltuples, pg_total_relation_size(c.oid) FROM pg_inherits
    JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = to_regclass('observation')
    """
)
_COLD = text("SELECT day, path, count, bytes FROM archived_day WHERE dropped_at IS NOT NULL ORDER BY day")


def holdings(engine: Engine, folder: Path) -> Holdings:
    """What ``observation`` and the archive below ``folder`` hold now. Raises Unavailable."""
    with asking(engine, 60_000) as connection:
        hot = connection.execute(_PARTITIONS).all()
        rows = [
            int(estimate)
            if estimate >= 0
            else int(connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0)  # noqa: S608 - ours
            for name, estimate, _ in hot
        ]
        cold = connection.execute(_COLD).all()
        waiting = int(connection.scalar(text("SELECT count(*) FROM dirty_batch")) or 0)
    return Holdings(
        sum(count > 0 for count in rows), sum(rows), sum(row[2] for row in hot),
        len(cold), sum(row[2] for row in cold), sum(row[3] for row in cold),
        cold[0][0] if cold else None, cold[-1][0] if cold else None,
        waiting, sum(not (folder / row[1]).exists() for row in cold),
    )  # fmt: skip
