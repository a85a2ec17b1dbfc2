"""Series and what is computed from them, from raw readings, rollups or the archive."""
