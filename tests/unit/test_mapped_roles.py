"""Which group at the provider stands for which role."""

import pytest

from model.errors import BadSettings
from model.roles import Role
from services.access.mapped_roles import MappedRole, read_mapped_roles, roles_held

SETTING = (
    "groups:vigie-ops=operator; groups:CN=Lights,OU=City=operator@lighting+energy ;dept:IT=administrator"
)


def test_the_setting_is_read() -> None:
    assert read_mapped_roles("") == ()
    assert read_mapped_roles(SETTING) == (
        MappedRole("groups", "vigie-ops", Role.OPERATOR),
        MappedRole("groups", "CN=Lights,OU=City", Role.OPERATOR, frozenset({"lighting", "energy"})),
        MappedRole("dept", "IT", Role.ADMINISTRATOR),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        "operator", "groups=operator", "groups:x=", "groups:x=king", "groups:=operator", ":x=operator",
        "groups:x=operator@", "groups:x=operator@plumbing", "groups:x=wall_display", "groups:x=partner",
        "groups:x=administrator@lighting", "groups:x=dpo@lighting",
    ],
)  # fmt: skip
def test_a_wrong_part_is_named(wrong: str) -> None:
    with pytest.raises(BadSettings, match="VIGIE_OIDC_ROLES"):
        read_mapped_roles(f"groups:y=operator; {wrong}")


@pytest.mark.parametrize(
    ("claims", "held"),
    [
        ({"groups": ["vigie-ops"]}, [Role.OPERATOR]),
        ({"groups": "vigie-ops"}, [Role.OPERATOR]),
        ({"groups": "vigie-ops vigie-admins"}, []),
        ({"groups": {"vigie-ops": True}}, []),
        ({"groups": [["vigie-ops"], None, 7]}, []),
        ({"groups": ["VIGIE-OPS", "vigie-ops2"]}, []),
        ({"dept": "IT", "groups": ["vigie-ops"]}, [Role.OPERATOR, Role.ADMINISTRATOR]),
        ({}, []),
    ],
)
def test_a_value_counts_whole_and_as_text(claims: dict[str, object], held: list[Role]) -> None:
    assert [rule.role for rule in roles_held(read_mapped_roles(SETTING), claims)] == held
