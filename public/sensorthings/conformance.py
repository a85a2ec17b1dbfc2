"""What the service conforms to, by the addresses of the standard's requirements; each has its test."""

_STA = "http://www.opengis.net/spec/iot_sensing/1.1/req/"

CONFORMANCE = (
    f"{_STA}datamodel",
    f"{_STA}resource-path/resource-path-to-entities",
    *(
        f"{_STA}request-data/{name}"
        for name in (
            "status-code", "query-status-code", "order", "expand", "select", "orderby", "top", "skip",
            "count", "filter", "pagination",
        )
    ),
)  # fmt: skip
"""Without built-in-query-functions, for filters know no geometries, and without all that writes."""
