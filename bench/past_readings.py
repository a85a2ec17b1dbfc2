"""Made-up readings for the bench of trials: the power of every cabinet each quarter of an hour, rolled up."""

from datetime import timedelta

from sqlalchemy import Engine, text

from bench.past_rows import Made
from geodata.partitions import ensure_partitions

LIMIT_KW, USUAL_KW = 12.0, 6.0
"""What few cabinets come to, and what every one of them passes each night."""

_STREAMS = text(
    "INSERT INTO datastream (id, asset_id, observed_property, unit, period_s) "
    "SELECT id, id, 'power', 'kW', 900 FROM asset WHERE asset_type = 'control_cabinet'"
)
# Some ten kilowatts at night and hardly any by day; of every fiftieth cabinet a reading in a hundred is four
# more. The server's random numbers are sown: every run has the same.
_DAY = text(
    """
    INSERT INTO observation (datastream_id, phenomenon_time, result, received_at)
    SELECT d.id, q.at + make_interval(secs => d.id % 900),
           CASE WHEN extract(hour FROM q.at) BETWEEN 6 AND 16 THEN 0.2 ELSE 9 + random() END
           + CASE WHEN d.id % 3000 = 1 AND random() < 0.01 THEN 4 ELSE 0 END, q.at + interval '15 minutes'
    FROM generate_series(CAST(:day AS timestamptz), CAST(:day AS timestamptz) + interval '1425 minutes',
                         interval '15 minutes') AS q (at), datastream d
    ORDER BY q.at, d.id
    """
)
_ROLL_UP = text(
    """
    INSERT INTO rollup_day (datastream_id, day, n, sum, min, max, coverage)
    SELECT datastream_id, (phenomenon_time AT TIME ZONE :zone)::date, count(*), sum(result), min(result),
           max(result), 1
    FROM observation GROUP BY 1, 2
    """
)


def make_readings(engine: Engine, made: Made, zone: str) -> int:
    """Write what the cabinets measured over ``made``, with its daily figures as the keeper has them; rows."""
    rows = 0
    with engine.begin() as connection:
        ensure_partitions(connection, made.t0, made.t1 + timedelta(days=1))
        connection.execute(text("SELECT setseed(0.7)"))
        connection.execute(_STREAMS)
        day = made.t0
        while day < made.t1:
            rows += connection.execute(_DAY, {"day": day}).rowcount
            day += timedelta(days=1)
        connection.execute(_ROLL_UP, {"zone": zone})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE observation")
        connection.exec_driver_sql("ANALYZE rollup_day")
    return rows
