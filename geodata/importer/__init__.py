"""Bringing a city's files in: see docs/import-a-city.md for the profiles, the report and every refusal."""

from geodata.importer.folder import import_folder, import_profiles
from geodata.importer.profile import ImportProfile, profile_of, read_import_profile
from geodata.importer.report import ImportReport, Rejection
from geodata.importer.run import Progress, import_file

__all__ = [
    "ImportProfile",
    "ImportReport",
    "Progress",
    "Rejection",
    "import_file",
    "import_folder",
    "import_profiles",
    "profile_of",
    "read_import_profile",
]
