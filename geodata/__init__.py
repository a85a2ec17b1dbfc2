"""Where things are: the spatial database, its importers and the demo city."""
