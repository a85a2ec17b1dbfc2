"""Every key figure counted again by plain SQL, written without the recipes: from hours, rows and the
register.

Each question binds ``:d0`` and ``:d1`` (local days, both included), ``:area`` (0: the whole city) and
``:zone``.
``hourly`` is a temporary view (area_id, asset_type, observed_property, bucket, n, sum, day, hour,
isodow) that a
test lays over what it wants counted: raw readings, or hours of areas.
"""

_HOURS = (
    "(extract(epoch FROM (d + 1)::timestamp AT TIME ZONE :zone - d::timestamp AT TIME ZONE :zone) / 3600)"
)
_DAYS = (
    "generate_series(CAST(:d0 AS date), CAST(:d1 AS date), interval '1 day') AS g, "
    "LATERAL (SELECT g::date AS d) e"
)
_HERE = "(:area = 0 OR {}.commune_id = :area)"
_STANDS = (
    "(a.installed_at IS NULL OR (a.installed_at AT TIME ZONE :zone)::date <= d) "
    "AND (a.removed_at IS NULL OR (a.removed_at AT TIME ZONE :zone)::date > d)"
)
_IN_PLACE = f"a.asset_type = '{{kind}}' AND {_STANDS} AND {_HERE.format('a')}"


def _hourly(kind: str, name: str) -> str:
    return (
        f"asset_type = '{kind}' AND observed_property = '{name}' AND day BETWEEN :d0 AND :d1 "
        "AND (:area = 0 OR area_id = :area)"
    )


def mean(kind: str, name: str, scale: float = 1) -> str:
    return f"SELECT {scale} * sum(sum) / sum(n) FROM hourly WHERE {_hourly(kind, name)}"


def available(*kinds: str) -> str:
    either = " OR ".join(f"({_hourly(kind, 'fault_share')})" for kind in kinds)
    return f"SELECT 100 - 100 * sum(sum) / sum(n) FROM hourly WHERE {either}"


def a_day(kind: str, name: str) -> str:
    return f"""SELECT sum(s * {_HOURS}) / sum(n) FROM (
        SELECT day AS d, sum(sum) AS s, sum(n) AS n FROM hourly WHERE {_hourly(kind, name)} GROUP BY day) x"""


def in_place(kind: str) -> str:
    return f"(SELECT count(*) FROM {_DAYS}, asset a WHERE {_IN_PLACE.format(kind=kind)})"


def stock(kind: str, yes: str, known: str = "true") -> str:
    return f"""SELECT sum(CASE WHEN {yes} THEN 100.0 ELSE 0 END) / count(*) FROM {_DAYS}, asset a
        WHERE {_IN_PLACE.format(kind=kind)} AND {known}"""


def price(domain: str) -> str:
    low, high = {"lighting": (0.171, 0.184), "energy": (0.162, 0.175)}[domain]
    return f"CASE WHEN day >= '2026-02-01' THEN {high} ELSE {low} END"


_ENERGY = _hourly("control_cabinet", "energy")
_METERS = _hourly("meter", "energy")
_FLOOR = f"""(SELECT sum((b.attributes ->> 'floor_area_m2')::float8)
    FROM {_DAYS}, asset a JOIN asset b ON b.id = a.parent_id WHERE {_IN_PLACE.format(kind="meter")})"""
_POWER = f"""(SELECT sum((a.attributes ->> 'rated_kw')::float8) FROM {_DAYS}, asset a
    WHERE {_IN_PLACE.format(kind="control_cabinet")})"""
_PEOPLE = (
    f"(SELECT sum(population) FROM {_DAYS}, area r WHERE r.kind = 'commune' AND (:area = 0 OR r.id = :area))"
)


def durations(kind: str, *states: int) -> str:
    """How long failures of ``kind`` that ended lasted, in hours: from the first such state to 1 or 2."""
    codes = ", ".join(map(str, states))
    return f"""(SELECT extract(epoch FROM ended - began) / 3600 AS hours FROM (
        SELECT min(at) AS began, turn.ended FROM (
            SELECT s.asset_id, s.phenomenon_time AS at, (
                SELECT min(e.phenomenon_time) FROM state_change e WHERE e.asset_id = s.asset_id
                  AND e.status IN (1, 2) AND e.phenomenon_time > s.phenomenon_time) AS ended
            FROM state_change s JOIN asset a ON a.id = s.asset_id
            WHERE a.asset_type = '{kind}' AND s.state IN ({codes}) AND {_HERE.format("a")}
        ) turn GROUP BY asset_id, turn.ended
    ) whole WHERE (ended AT TIME ZONE :zone)::date BETWEEN :d0 AND :d1) t"""


def middle(values: str, source: str) -> str:
    """The median, None under five."""
    half = f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {values})"
    return f"SELECT CASE WHEN count(*) >= 5 THEN {half} END FROM {source}"


_TRAFFIC = """WITH both_ AS (
    SELECT s.area_id, s.day, s.hour, s.isodow, s.sum / s.n AS speed, f.sum AS flow
    FROM hourly s JOIN hourly f ON (s.area_id, s.bucket, s.asset_type) = (f.area_id, f.bucket, f.asset_type)
    WHERE s.asset_type = 'detector' AND s.observed_property = 'speed' AND f.observed_property = 'flow'
      AND date_trunc('month', s.day) IN (date_trunc('month', CAST(:d0 AS date)), date_trunc('month',
          CAST(:d1 AS date)))
), free AS (
    SELECT area_id, date_trunc('month', day) AS month, percentile_cont(0.85) WITHIN GROUP (ORDER BY
        speed) AS speed
    FROM both_ WHERE isodow <= 5 AND (hour BETWEEN 9 AND 15 OR hour BETWEEN 19 AND 21)
                  OR isodow > 5 AND hour BETWEEN 6 AND 21
    GROUP BY 1, 2
) SELECT {top} / sum(b.flow) FROM both_ b JOIN free f ON f.area_id = b.area_id AND f.month =
    date_trunc('month', b.day)
  WHERE b.day BETWEEN :d0 AND :d1 AND (:area = 0 OR b.area_id = :area)"""

_DEGREES = """(SELECT day, greatest(0, 18 - (max(t) + min(t)) / 2) AS dd FROM (
    SELECT day, bucket, sum(sum) / sum(n) AS t FROM hourly
    WHERE asset_type = 'building' AND observed_property = 'outdoor_temperature' GROUP BY day, bucket) w
    GROUP BY day)"""
_HEATING = f"""WITH spent AS (
    SELECT h.area_id, h.day, isodow > 5 AS weekend, sum(h.sum) AS kwh FROM hourly h
    WHERE h.asset_type = 'meter' AND h.observed_property = 'energy' GROUP BY 1, 2, 3
), covered AS (
    SELECT d.area_id, d.day FROM area_day d
    WHERE d.asset_type = 'meter' AND d.observed_property = 'energy' AND d.coverage >= 0.9
), m2 AS (
    SELECT a.commune_id AS area_id, sum((b.attributes ->> 'floor_area_m2')::float8) AS m2
    FROM asset a JOIN asset b ON b.id = a.parent_id WHERE a.asset_type = 'meter' GROUP BY 1
), warm AS (SELECT * FROM {_DEGREES} x)
SELECT 1000 * sum(s.kwh - (
           SELECT avg(o.kwh) FROM spent o JOIN warm n ON n.day = o.day JOIN covered c ON (c.area_id,
               c.day) = (o.area_id, o.day)
           WHERE o.area_id = s.area_id AND o.weekend = s.weekend AND n.dd = 0
             AND o.day BETWEEN s.day - 365 AND s.day)) / sum(m2.m2 * w.dd)
FROM spent s JOIN warm w ON w.day = s.day JOIN m2 ON m2.area_id = s.area_id
WHERE w.dd > 0 AND s.day BETWEEN :d0 AND :d1 AND (:area = 0 OR s.area_id = :area)"""

_BASE = f"""SELECT 100 * sum(night) / sum(whole) FROM (
    SELECT area_id, day, avg(s) FILTER (WHERE hour IN (1, 2, 3, 4)) AS night, avg(s) AS whole FROM (
        SELECT area_id, day, hour, bucket, sum(sum) AS s FROM hourly WHERE {_METERS} GROUP BY 1, 2, 3, 4) h
    GROUP BY 1, 2) x WHERE night IS NOT NULL"""

_EVENTS = f"""SELECT 7.0 * count(*) FILTER (WHERE hit) / (
    {in_place("access_point")} + {in_place("bollard")}) FROM (
    SELECT s.phenomenon_time,
           (a.asset_type, s.state) IN (('access_point', 3), ('access_point', 4), ('bollard', 3))
               AND lag(s.state) OVER (PARTITION BY s.asset_id ORDER BY s.phenomenon_time) IS DISTINCT
                   FROM s.state AS hit
    FROM state_change s JOIN asset a ON a.id = s.asset_id
    WHERE a.asset_type IN ('access_point', 'bollard') AND {_HERE.format("a")}) x
WHERE (phenomenon_time AT TIME ZONE :zone)::date BETWEEN :d0 AND :d1"""

_SHOWN = f"FROM alarm a WHERE annunciated_at IS NOT NULL AND {_HERE.format('a')} AND"
_BETWEEN = "({} AT TIME ZONE :zone)::date BETWEEN :d0 AND :d1"
_COVERED = f"""SELECT 100 * sum(coalesce(c.coverage, 0) * x.streams * {_HOURS}) / sum(x.streams *
    {_HOURS}) FROM (
    SELECT d, coalesce(a.commune_id, 0) AS area_id, a.asset_type, s.observed_property, count(*) AS streams
    FROM {_DAYS}, datastream s JOIN asset a ON a.id = s.asset_id
    WHERE {_STANDS} AND a.asset_type <> 'bus' AND {_HERE.format("a")} AND EXISTS (
        SELECT FROM area_day f WHERE (f.asset_type, f.observed_property) = (a.asset_type, s.observed_property)
          AND f.day <= d) GROUP BY 1, 2, 3, 4) x
LEFT JOIN area_day c ON (c.area_id, c.asset_type, c.observed_property, c.day) = (x.area_id,
    x.asset_type, x.observed_property, d)"""
_CLOSING = (
    "citizen_letter_act c JOIN citizen_letter l ON l.id = c.letter_id AND c.kind IN ('answered', 'refused')"
)

RECOUNTS: dict[str, str] = {
    "failure_rate": mean("streetlight", "fault_share", 100),
    "repair_time": middle("hours", durations("streetlight", 4)),
    "repairs_in_time": f"SELECT 100 * avg((hours <= 48)::int) FROM {durations('streetlight', 4)}",
    "burning_hours": a_day("streetlight", "lit_share"),
    "full_load_hours": f"SELECT sum(sum) / {_POWER} FROM hourly WHERE {_ENERGY}",
    "lighting_energy": f"SELECT sum(sum) / {in_place('streetlight')} FROM hourly WHERE {_ENERGY}",
    "lighting_per_inhabitant": f"SELECT 365 * sum(sum) / {_PEOPLE} FROM hourly WHERE {_ENERGY}",
    "lighting_cost": f"""SELECT 365 * sum(sum * {price('lighting')}) / {in_place('streetlight')}
        FROM hourly WHERE {_ENERGY}""",
    "lamp_power": f"""SELECT avg((a.attributes ->> 'power_w')::float8) FROM {_DAYS}, asset a
        WHERE {_IN_PLACE.format(kind="streetlight")}""",
    "led_share": stock("streetlight", "a.attributes ->> 'source' = 'LED'"),
    "old_lamps": stock(
        "streetlight", "((a.installed_at AT TIME ZONE :zone)::date + interval '25 years') <= d"
    ),
    "cabinet_availability": available("control_cabinet"),
    "junction_availability": available("junction"),
    "signal_repair_time": middle("hours", durations("junction", 3, 4)),
    "traffic_flow": a_day("detector", "flow"),
    "travel_time_index": _TRAFFIC.format(top="sum(b.flow * greatest(1, f.speed / b.speed))"),
    "freely_flowing": _TRAFFIC.format(
        top="100 * sum(CASE WHEN b.speed / f.speed > 0.67 THEN b.flow ELSE 0 END)"
    ),
    "mean_speed": mean("detector", "speed"),
    "detector_availability": available("detector"),
    "bus_priority": stock("junction", "(a.attributes -> 'bus_priority')::boolean"),
    "camera_availability": available("camera"),
    "camera_repair_time": middle("hours", durations("camera", 3, 5)),
    "gateway_availability": available("gateway"),
    "building_energy": f"SELECT sum(sum) / 1000 FROM hourly WHERE {_METERS}",
    "energy_intensity": f"SELECT 365 * sum(sum) / {_FLOOR} FROM hourly WHERE {_METERS}",
    "heating_intensity": _HEATING,
    "base_load": _BASE,
    "building_cost": f"SELECT 365 * sum(sum * {price('energy')}) / {_FLOOR} FROM hourly WHERE {_METERS}",
    "meter_availability": available("meter"),
    "heating_degree_days": f"SELECT sum(dd) FROM {_DEGREES} x WHERE day BETWEEN :d0 AND :d1",
    "access_availability": available("access_point", "bollard"),
    "access_events": _EVENTS,
    "openings": a_day("access_point", "openings"),
    "alarms": f"SELECT count(*) {_SHOWN} {_BETWEEN.format('annunciated_at')}",
    "alarm_response": middle(
        "m", f"""(SELECT extract(epoch FROM acknowledged_at - annunciated_at) / 60 AS m
            {_SHOWN} {_BETWEEN.format('acknowledged_at')}) x"""
    ),
    "alarm_outcome": f"""SELECT 100 * avg((confirmed_at IS NOT NULL)::int)
        {_SHOWN} {_BETWEEN.format('closed_at')}""",
    "data_coverage": _COVERED,
    "feed_lag": f"SELECT sum(lag_sum) / sum(stored) FROM feed_minute WHERE {_BETWEEN.format('minute')}",
    "feed_refused": f"""SELECT 100.0 * sum(dead) / sum(received)
        FROM feed_minute WHERE {_BETWEEN.format('minute')}""",
    "datasets_open": f"""SELECT 100.0 * count(*)
        / (:publishable * (CAST(:d1 AS date) - :d0 + 1)) FROM {_DAYS}, LATERAL (
        SELECT DISTINCT p.dataset FROM publication p JOIN publication_version v USING (name)
        WHERE (SELECT max(a.at) FROM publication_act a WHERE (a.name, a.version) = (v.name, v.version)
                 AND a.act = 'approved' AND (a.at AT TIME ZONE :zone)::date <= d) > coalesce(
              (SELECT max(a.at) FROM publication_act a WHERE (a.name, a.version) = (v.name, v.version)
                 AND a.act IN ('revoked', 'replaced', 'refused') AND (a.at AT TIME ZONE :zone)::date <=
                     d), '-infinity')
          AND v.valid_until >= (d + 1)::timestamp AT TIME ZONE :zone) o""",
    "approval_time": middle(
        "days",
        f"""(SELECT extract(epoch FROM a.at - v.proposed_at) / 86400 AS days FROM publication_act a
            JOIN publication_version v USING (name, version) WHERE a.act = 'approved' AND
                {_BETWEEN.format("a.at")}) x""",
    ),
    "letters": f"SELECT count(*) FROM citizen_letter WHERE {_BETWEEN.format('received_at')}",
    "letter_answer_time": middle(
        "days",
        f"""(SELECT extract(epoch FROM c.at - l.received_at) / 86400 AS days FROM {_CLOSING}
            WHERE {_BETWEEN.format("c.at")}) x""",
    ),
    "letters_in_time": """SELECT 100.0 * count(*) FILTER (WHERE EXISTS (
            SELECT FROM citizen_letter_act c WHERE c.letter_id = l.id AND c.kind IN ('answered', 'refused')
              AND (c.at AT TIME ZONE :zone)::date <= l.due)) / nullif(count(*), 0)
        FROM (SELECT id, ((received_at AT TIME ZONE :zone)::date + interval '1 month' * (1 + (
            SELECT count(*) FROM citizen_letter_act e WHERE e.letter_id = x.id AND e.kind =
                'extended')))::date AS due
            FROM citizen_letter x) l WHERE due BETWEEN :d0 AND :d1""",
}  # fmt: skip
"""By figure: the value of the whole period, as one number."""
