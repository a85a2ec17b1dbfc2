"""The terms of the European authority tables that the catalogue uses, by our names of the same things.

Source: Publications Office of the EU, authority tables frequency, file-type, access-right, data-theme and
language; categories of high-value datasets from implementing regulation (EU) 2023/138.
"""

from rdflib import Namespace, URIRef

from model.datasets import Openness
from services.publishing.catalogue.entries import Texts

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
DCATAP = Namespace("http://data.europa.eu/r5r/")
HIGH_VALUE_LAW = URIRef("http://data.europa.eu/eli/reg_impl/2023/138/oj")
_HIGH_VALUE = {
    "geospatial": ("c_ac64a52d", {"fr": "Géospatial", "en": "Geospatial"}),
    "environment": (
        "c_dd313021",
        {"fr": "Observation de la terre et environnement", "en": "Earth observation and environment"},
    ),
    "meteorology": ("c_164e0bf5", {"fr": "Météorologie", "en": "Meteorological"}),
    "statistics": ("c_e1da4e07", {"fr": "Statistiques", "en": "Statistics"}),
    "companies": (
        "c_a9135398",
        {"fr": "Entreprises et propriété d’entreprises", "en": "Companies and company ownership"},
    ),
    "mobility": ("c_b79e35eb", {"fr": "Mobilité", "en": "Mobility"}),
}
_THEMES = {
    "ENER": {"fr": "Énergie", "en": "Energy"},
    "ENVI": {"fr": "Environnement", "en": "Environment"},
    "GOVE": {"fr": "Gouvernement et secteur public", "en": "Government and public sector"},
    "JUST": {
        "fr": "Justice, système juridique et sécurité publique",
        "en": "Justice, legal system and public safety",
    },
    "TRAN": {"fr": "Transports", "en": "Transport"},
}
_LANGUAGES = {"fr": "FRA", "en": "ENG"}
_FORMATS = {"csv": "CSV", "json": "JSON", "geojson": "GEOJSON", "parquet": "PARQUET", "html": "HTML"}
_FREQUENCIES = ((300, "UPDATE_CONT"), (3_600, "HOURLY"), (86_400, "DAILY"), (7 * 86_400, "WEEKLY"))
_MONTHLY = "MONTHLY"
_ACCESS = {
    Openness.OPEN: "PUBLIC",
    Openness.ANONYMISED: "PUBLIC",
    Openness.RESTRICTED: "RESTRICTED",
    Openness.PERSONAL: "NON_PUBLIC",
}
_REGISTERED_MEDIA = ("text/csv", "application/json", "application/geo+json", "application/vnd.apache.parquet")


def high_value(category: str) -> tuple[URIRef, Texts]:
    """The category of EU 2023/138 we call ``category``, and its name. KeyError when there is none."""
    code, label = _HIGH_VALUE[category]
    return URIRef(f"http://data.europa.eu/bna/{code}"), label


def language(code: str) -> URIRef:
    """A language by its two letters."""
    return URIRef(f"{_AUTHORITY}language/{_LANGUAGES[code]}")


def theme(code: str) -> tuple[URIRef, Texts]:
    """A data theme by its code, such as ENER, and its name. KeyError for one not written down here."""
    return URIRef(f"{_AUTHORITY}data-theme/{code}"), _THEMES[code]


def frequency(every_s: int) -> URIRef:
    """The table's nearest term that promises no more than one update in ``every_s`` seconds."""
    term = next((name for most, name in _FREQUENCIES if every_s <= most), _MONTHLY)
    return URIRef(f"{_AUTHORITY}frequency/{term}")


def access(openness: Openness) -> URIRef:
    """Who may have it: public, restricted or not public."""
    return URIRef(f"{_AUTHORITY}access-right/{_ACCESS[openness]}")


def file_type(name: str) -> URIRef | None:
    """The file type we call ``name``; None for one the table does not have."""
    return URIRef(f"{_AUTHORITY}file-type/{_FORMATS[name]}") if name in _FORMATS else None


def media_type(name: str) -> URIRef | None:
    """The registered media type ``name``; None for one IANA does not have."""
    plain = name.partition(";")[0].strip()
    known = plain in _REGISTERED_MEDIA
    return URIRef(f"https://www.iana.org/assignments/media-types/{plain}") if known else None
