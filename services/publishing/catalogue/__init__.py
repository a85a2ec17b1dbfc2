"""The catalogue of what the city publishes, as other portals harvest it: DCAT-AP 3.0.1."""

from services.publishing.catalogue.entries import Distribution, Entry, Publisher
from services.publishing.catalogue.graph import catalogue_graph
from services.publishing.catalogue.writing import CATALOGUE_FILES, written

__all__ = ["CATALOGUE_FILES", "Distribution", "Entry", "Publisher", "catalogue_graph", "written"]
