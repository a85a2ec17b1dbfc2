"""Alarms that nobody tells: presumed from others that began together (``services/alarms/causes``)."""

from model.alarm_rules import Explained, LostSupply, Rule, Together

FEEDER_LOST = Rule(
    key="control_cabinet.feeder_lost",
    domain="lighting",
    asset_type="control_cabinet",
    condition=Together(of=("streetlight.no_supply", "streetlight.no_contact")),
    priority=2,
    severity=3,
    hold_s=20,
    escalate_s=(900.0,),
    explained=(
        Explained(by="control_cabinet.breaker_tripped"),
        Explained(by="control_cabinet.no_contact"),
        Explained(by="control_cabinet.feeder_open"),
    ),
    responder="lighting",
)
"""Many lamps of one feeder go dark, and their cabinet says nothing."""

CAMERAS_LOST = Rule(
    key="gateway.cameras_lost",
    domain="surveillance",
    asset_type="gateway",
    condition=Together(of=("camera.no_contact",), least=4),
    priority=2,
    severity=3,
    hold_s=20,
    escalate_s=(900.0,),
    explained=(Explained(by="gateway.no_contact"), Explained(by="gateway.hardware_fault")),
)
"""The cameras of one gateway are lost together, and it says nothing."""

POWER_CUT = Rule(
    key="area.power_cut",
    domain="energy",
    asset_type="area",
    condition=LostSupply(
        sure=(
            "control_cabinet.feeder_lost",
            "junction.dark",
            "building.power_cut",
        ),
        likely=(
            "control_cabinet.breaker_tripped",
            "control_cabinet.no_contact",
            "streetlight.no_supply",
            "streetlight.no_contact",
            "junction.no_contact",
            "gateway.no_contact",
            "gateway.cameras_lost",
            "camera.no_contact",
            "building.no_contact",
            "meter.no_contact",
            "access_point.no_contact",
            "bollard.no_contact",
            "car_park.no_contact",
        ),
    ),
    priority=1,
    severity=5,
    escalate_s=(300.0, 900.0),
)
"""Equipment of several domains is lost near one another at one moment: the supply of all of it is."""
