"""Columns that are sensitive by what they are called, whatever anybody declared of them.

French and English words of column names, whole words only: a register is written by people, and a column
``email`` somebody forgot to mark is still an e-mail.
"""

import re

from model.datasets import Column, Dataset, Sensitivity, Shape
from model.domains import ASSET_TYPES

_WORDS: dict[Sensitivity, str] = {
    Sensitivity.SITE_SECURITY: r"alarm_code|guard|ip_address|firmware|key_box|weak_point",
    Sensitivity.PLATE: r"plate|licence_plate|license_plate|number_plate|plaque|immatriculation|vrn",
    Sensitivity.BADGE: r"badge|badge_id|card_id|card_number|rfid|numero_badge|uid",
    Sensitivity.CONTACT: r"email|e_mail|mail|courriel|phone|telephone|mobile|fax|contact",
    Sensitivity.HOME: r"address|adresse|home|domicile|house_number|household|resident",
    Sensitivity.PERSON: (
        r"person|holder|porteur|driver|conducteur|agent|operator|login|user|username|citizen|author|"
        r"first_name|last_name|prenom|nom_de_famille|surname|birth|birthday|face"
    ),
    Sensitivity.FREE_TEXT: r"comment|commentaire|note|remark|remarque|description|message|text|observation",
    Sensitivity.VIDEO_VIEW: r"field_of_view|fov|view|azimuth|bearing|blind_spot|preset|stream_url|image",
    Sensitivity.VIDEO_STATE: r"camera_state|camera_status|recording",
    Sensitivity.DOOR_STATE: r"door_state|door_status|door_open|bollard_state|intrusion|forced",
    Sensitivity.DUTY_POSITION: r"vehicle_position|patrol_position|crew_position|gps|trace",
    Sensitivity.DELIVERY_POINT: r"delivery_point|delivery_point_id|point_de_livraison|pdl|prm|pce|meter_id",
}
_NAMED = {kind: re.compile(rf"(?:^|_)(?:{words})s?(?:$|_)") for kind, words in _WORDS.items()}
_TELLING = frozenset({Shape.TEXT, Shape.CODE, Shape.POINT, Shape.OUTLINE, Shape.INSTANT})
_STATES = {
    "camera": Sensitivity.VIDEO_STATE,
    "gateway": Sensitivity.VIDEO_STATE,
    "access_point": Sensitivity.DOOR_STATE,
    "bollard": Sensitivity.DOOR_STATE,
}


def by_name(name: str) -> Sensitivity:
    """What a column of this name holds, as far as its name says."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return next((kind for kind, named in _NAMED.items() if named.search(plain)), Sensitivity.NONE)


def sensitivity_of(column: Column, dataset: Dataset) -> Sensitivity:
    """What makes ``column`` of ``dataset`` unfit to leave: as declared, else as its name and types say."""
    if column.sensitivity is not Sensitivity.NONE:
        return column.sensitivity
    if column.shape in (Shape.POINT, Shape.OUTLINE) and any(ASSET_TYPES[t].moving for t in dataset.types):
        return Sensitivity.DUTY_POSITION
    if column.name == "state":
        return next((_STATES[t] for t in dataset.types if t in _STATES), Sensitivity.NONE)
    return by_name(column.name) if column.shape in _TELLING else Sensitivity.NONE
