"""Licences by the names city profiles give them: what a reader sees, and where the text is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Licence:
    """A licence: its identifier in catalogues, its name for people, the address of its text."""

    key: str
    name: str
    url: str


_ETALAB = Licence(
    "etalab-2.0", "Licence Ouverte 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
)
_ODBL = Licence("ODbL-1.0", "ODbL 1.0", "https://opendatacommons.org/licenses/odbl/1-0/")
_CC0 = Licence("CC0-1.0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/")
_CC_BY = Licence("CC-BY-4.0", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")

ALLOWED = (_ETALAB, _ODBL, _CC0, _CC_BY)
"""Licence Ouverte and ODbL are those of decree 2017-638; CC0 and CC BY need its approval."""

_BY_NAME = {
    "cc0-1.0": _CC0,
    "cc-by-4.0": _CC_BY,
    "etalab-2.0": _ETALAB,
    "etalab-1.0": Licence(
        "etalab-1.0",
        "Licence Ouverte 1.0",
        "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf",
    ),
    "licence ouverte": _ETALAB,
    "licence ouverte 2.0": _ETALAB,
    "odbl": _ODBL,
    "odbl-1.0": _ODBL,
}


def licence(name: str) -> Licence:
    """The licence a profile calls ``name``; one we do not know keeps its name and has no address."""
    return _BY_NAME.get(name.strip().lower(), Licence(name, name, ""))
