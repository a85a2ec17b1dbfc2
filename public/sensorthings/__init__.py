"""Open data by OGC SensorThings API 1.1, read only, from memory: published series as observations.

``doors`` answers; ``parts`` makes things, datastreams and observations of a collection, ``world`` joins those
of all collections; ``paths``, ``options`` and ``filters`` read what is asked.
"""
