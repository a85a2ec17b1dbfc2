"""Units of measurement by UCUM, the code the standard asks for."""

from urllib.parse import quote

_UCUM = {
    "": ("1", "unity"),
    "%": ("%", "percent"),
    "km/h": ("km/h", "kilometre per hour"),
    "veh/h": ("{vehicle}/h", "vehicles per hour"),
    "kWh": ("kW.h", "kilowatt hour"),
    "W": ("W", "watt"),
    "kW": ("kW", "kilowatt"),
    "V": ("V", "volt"),
    "A": ("A", "ampere"),
    "°C": ("Cel", "degree Celsius"),
    "h": ("h", "hour"),
    "min": ("min", "minute"),
    "s": ("s", "second"),
    "m": ("m", "metre"),
}
"""By the unit as the register writes it: the code and the name."""

_DEFINITION = "http://www.opengis.net/def/uom/UCUM/0/"
NO_UNIT: dict[str, str | None] = {"name": None, "symbol": None, "definition": None}
"""Of what is observed in words; the standard wants the three names all the same."""


def known_unit(unit: str) -> bool:
    """Whether there is a UCUM code for ``unit``."""
    return unit in _UCUM


def unit_of(unit: str) -> dict[str, str | None]:
    """``unit`` as a unitOfMeasurement; one without a UCUM code says so by having no definition."""
    if unit not in _UCUM:
        return {"name": unit, "symbol": unit, "definition": None}
    code, name = _UCUM[unit]
    return {"name": name, "symbol": code, "definition": _DEFINITION + quote(code, safe="")}
