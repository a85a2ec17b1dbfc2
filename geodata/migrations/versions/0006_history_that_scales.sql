-- Daily figures read by kind, raw values beside corrections, and retention of raw values, as the sixth version knew them. Frozen.

ALTER TABLE area_day ADD COLUMN fullest INTEGER DEFAULT 0 NOT NULL;

COMMENT ON COLUMN area_day.fullest IS 'values the fullest hour of the day held: what the area weighs in a city''s coverage';

CREATE INDEX area_day_kind ON area_day (asset_type, observed_property, day);

CREATE INDEX archived_day_out ON archived_day (day) WHERE dropped_at IS NOT NULL;

CREATE OR REPLACE VIEW reading AS
SELECT o.datastream_id, o.phenomenon_time,
       CASE WHEN c.id IS NULL THEN o.result ELSE c.result END AS result,
       CASE WHEN c.id IS NULL THEN o.quality WHEN c.result IS NULL THEN 2::smallint ELSE 0::smallint END AS quality,
       o.received_at, c.id AS correction_id,
       CASE WHEN c.id IS NULL THEN o.raw END AS raw,
       CASE WHEN c.id IS NULL THEN o.raw_unit END AS raw_unit
FROM observation o
LEFT JOIN correction c ON c.datastream_id = o.datastream_id AND c.phenomenon_time = o.phenomenon_time
                      AND c.withdrawn_at IS NULL;

INSERT INTO retention_rule (class, keep, basis, decided_by) VALUES (
    'badge_passages', '3 months',
    'CNIL, modèle de notice pour le contrôle d''accès : trois mois',
    'Vigie'
), (
    'loop_data', '1 month',
    'Règle proposée : mesures brutes de circulation agrégées après un mois, agrégats sans limite',
    'Vigie'
);
