"""What the demo's people write about alarms, in French as the city's people do. Invented."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from model.alarm_rules import Rule

Said = Mapping[str, tuple[str, ...]]
"""By the beginning of an alarm's class; the empty one is for all others."""

COMMENTS: Said = {
    "control_cabinet.": (
        "Astreinte éclairage prévenue, sur place vers {later}.",
        "Karim Benali en route, arrivée prévue {later}.",
        "Tension présente en amont, défaut probable sur un départ. OT-{n}.",
    ),
    "streetlight.": ("Ajouté à la tournée de demain.", "Signalé deux fois par des riverains, OT-{n}."),
    "junction.": (
        "Police municipale prévenue, agent au carrefour vers {later}.",
        "Astreinte feux appelée. Carrefour au clignotant en attendant.",
    ),
    "gateway.": (
        "Opérateur réseau appelé, ticket {n}.",
        "Toutes les caméras derrière sont perdues, patrouille avertie.",
    ),
    "camera.": ("Nettoyage demandé, OT-{n}.", "Caméra voisine couvre le même angle."),
    "building.": (
        "Gardien joint, groupe électrogène démarré.",
        "Fournisseur confirme la coupure, retour annoncé {later}.",
    ),
    "access_point.": (
        "Rondier envoyé sur place.",
        "Vu à la caméra de l’entrée : rien d’anormal, porte mal refermée.",
    ),
    "meter.": ("Fournisseur informé, ticket {n}.", "Variation attendue, on surveille."),
    "area.": (
        "Coupure confirmée par le fournisseur, retour annoncé {later}.",
        "Astreinte et police municipale prévenues.",
    ),
    "": ("Vu, on surveille.", "Transmis au service, OT-{n}."),
}
CONFIRMED: Said = {
    "control_cabinet.": (
        "Disjoncteur réarmé par l’astreinte, départ contrôlé.",
        "Réarmé à distance après contrôle de l’isolement.",
    ),
    "junction.": (
        "Contrôleur redémarré, cycle vérifié sur place.",
        "Alimentation rétablie, feux en couleur.",
    ),
    "gateway.": ("Liaison rétablie par l’opérateur, flux vérifiés.",),
    "building.": ("Courant rétabli, installation vérifiée par le gardien.",),
    "access_point.": ("Porte refermée et contrôlée par le rondier.",),
    "area.": ("Réseau rétabli, équipements revenus un par un.",),
    "": ("Contrôlé, retour à la normale.",),
}
SHELVED: Said = {
    "": (
        "Bavard depuis ce matin, intervention demandée, OT-{n}.",
        "Capteur instable, à remplacer. OT-{n}.",
        "Déclenche et retombe sans cesse, le service est prévenu.",
    )
}
USELESS: Said = {
    "access_point.": ("La porte ferme mal, rien à faire d’ici.", "Livraison quotidienne, pas une alarme."),
    "": ("Retombe toute seule, personne n’y peut rien.", "Rien à faire, déjà connu.", "Seuil trop bas ?"),
}


def spoken(dice: np.random.Generator, said: Said, rule: Rule, at: float, zone: ZoneInfo) -> str:
    """One of the things said of the class of ``rule``, with a time soon after ``at`` and a number in it."""
    first = next((name for name in said if name and rule.key.startswith(name)), "")
    words = said[first][int(dice.integers(len(said[first])))]
    later = datetime.fromtimestamp(at, UTC).astimezone(zone) + timedelta(minutes=int(dice.integers(15, 50)))
    return words.replace("{later}", f"{later:%H:%M}").replace("{n}", f"{int(dice.integers(300, 999)):04d}")
