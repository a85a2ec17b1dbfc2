"""What a viewer may change, asked once more where it is changed: her role, and the place it is about."""

from collections.abc import Collection

from sqlalchemy import Connection, text

from model.errors import Refused
from model.roles import Role
from model.viewer import Viewer

_ASSET = text(
    """
    SELECT external_id,
           (CAST(:areas AS int[]) IS NULL OR commune_id = ANY(:areas) OR district_id = ANY(:areas))
           AND (CAST(:domains AS text[]) IS NULL OR domain = ANY(:domains))
    FROM asset WHERE id = :id
    """
)
_AREA = text(
    """
    WITH RECURSIVE around AS (
        SELECT id, parent_id FROM area WHERE id = :id
        UNION SELECT a.id, a.parent_id FROM area a JOIN around b ON a.id = b.parent_id
    ) SELECT EXISTS (SELECT FROM around WHERE id = ANY(:areas))
    """
)


def must_be(viewer: Viewer, roles: Collection[Role], what: str) -> None:
    """Refused when the viewer's role is none of ``roles``; ``what`` names the act."""
    if viewer.role not in roles:
        raise Refused(f"the role {viewer.role} may not {what}")


def within_scope(
    connection: Connection, viewer: Viewer, *, asset_id: int | None = None, area_id: int | None = None
) -> str:
    """The external id of the asset, else empty, when the place lies in the viewer's scope; Refused otherwise.

    An area lies in it with all areas around it; neither asset nor area is the whole city, which takes a scope
    of all areas. A place the city does not have is refused alike: what is outside is not there.
    """
    scope = viewer.scope
    areas = None if scope.areas is None else sorted(scope.areas)
    if asset_id is not None:
        domains = None if scope.domains is None else sorted(scope.domains)
        found = connection.execute(_ASSET, {"id": asset_id, "areas": areas, "domains": domains}).one_or_none()
        if found is None or not found[1]:
            raise Refused("that equipment lies outside what you see")
        return str(found[0])
    if areas is not None and (
        area_id is None or not connection.scalar(_AREA, {"id": area_id, "areas": areas})
    ):
        raise Refused("that place lies outside what you see")
    return ""
