-- Reviews of alarm rules, as the thirteenth version knew them. Frozen. See docs/alarm-reviews.md.

ALTER TABLE alarm_review ADD COLUMN proposal JSONB;

ALTER TABLE alarm_review ADD COLUMN proposed_at TIMESTAMPTZ;

COMMENT ON COLUMN alarm_review.opened_why IS 'rated: somebody called an alarm of the rule useless';

COMMENT ON COLUMN alarm_review.proposal IS 'model/alarm_review.py: Proposal, as it was last tried against the past';

-- In one place, since operators of a part of the city rate alarms too and may not write reviews.
CREATE FUNCTION alarm_review_opens() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO alarm_review (rule_id, opened_at, opened_why)
    SELECT a.rule_id, NEW.at, 'rated' FROM alarm a WHERE a.id = NEW.alarm_id
    ON CONFLICT (rule_id) WHERE decided_at IS NULL DO NOTHING;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION alarm_review_opens IS 'who calls an alarm useless has its rule looked at again';

REVOKE EXECUTE ON FUNCTION alarm_review_opens FROM PUBLIC;

CREATE TRIGGER alarm_review_opens AFTER INSERT OR UPDATE ON alarm_rating FOR EACH ROW WHEN (NEW.useless)
EXECUTE FUNCTION alarm_review_opens();

INSERT INTO alarm_review (rule_id, opened_at, opened_why)
SELECT a.rule_id, min(g.at), 'rated' FROM alarm_rating g JOIN alarm a ON a.id = g.alarm_id
WHERE g.useless GROUP BY a.rule_id
ON CONFLICT (rule_id) WHERE decided_at IS NULL DO NOTHING;

GRANT SELECT ON alarm_review TO vigie_scoped;
