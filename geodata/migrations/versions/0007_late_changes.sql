-- State changes received more than five minutes after they happened, by the span in which nobody knew them: a
-- keyframe written inside that span is mistaken about the asset. Frozen.

CREATE INDEX state_change_late ON state_change
    USING gist (tstzrange(phenomenon_time, greatest(phenomenon_time, received_at)))
    WHERE received_at - phenomenon_time > interval '5 minutes';
