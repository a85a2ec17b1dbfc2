"""Published states of mobility in the formats journey planners read: GBFS and GTFS-Realtime, from memory."""
