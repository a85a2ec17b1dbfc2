"""Open data by OGC API Features 1.0, from memory: published tables as collections, asked and never changed.

``doors`` answers, ``library`` holds what was published, ``selection`` finds rows, ``cql`` reads filters.
"""
