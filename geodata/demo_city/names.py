"""Invented names for the demo city: communes, streets, public buildings. French, plausible, nobody's."""

import numpy as np

COMMUNES = (
    "Valmont-sur-Arce",
    "Saint-Aubert", "Chanteroche", "Les Essarts-le-Haut", "Montrevaux", "Fontbelle", "La Croix-Vernoise",
    "Breuilly", "Quernay",
    "Orsanne", "Villars-le-Clos", "Pont-d'Arce", "Marcenoy", "Tilleray", "Sombreval", "Courtemont",
    "Neuvelle-aux-Bois", "Échenoy", "Saint-Loris", "Flavière", "Ruffancey", "Beaulmes", "Argillois",
)  # fmt: skip

_PLACES = (
    "des Tilleuls", "du Moulin", "de la Fontaine", "des Écluses", "du Lavoir", "des Vignes", "du Clos",
    "des Lilas", "de la Gare", "de l'Église", "des Écoles", "du Stade", "des Noyers", "du Château",
    "de la Mairie", "du Marché", "des Jardins", "de la Prairie", "des Peupliers", "du Verger", "du Port",
    "de la Combe", "des Charmes", "des Acacias", "du Coteau", "du Pressoir", "des Remparts", "du Pont",
    "de la Source", "des Érables", "des Bleuets", "du Puits", "de la Chapelle", "des Tanneurs", "du Four",
    "des Tonneliers", "de la Liberté", "de la République", "de l'Abbaye", "des Carmes", "des Forges",
    "de la Paix", "des Marronniers", "des Cerisiers", "du Bief", "de l'Arce", "des Mésanges", "du Ruisseau",
    "des Genêts", "des Hirondelles", "du Viaduc", "de la Tuilerie", "des Carrières", "de la Plaine",
    "du Levant", "du Couchant", "des Roses", "du Faubourg", "des Bergers", "de l'Europe", "du Parc",
    "des Platanes", "du Vieux Puits", "de la Grange", "des Aubépines", "du Champ Rond", "des Sureaux",
    "de la Croix Blanche", "du Petit Bois", "des Glycines", "de la Roseraie", "du Belvédère", "des Pinsons",
    "des Martinets", "de l'Orme", "du Cèdre", "des Sorbiers", "de la Garenne", "du Ponceau", "des Saules",
    "des Drapiers", "de la Halle", "du Beffroi", "des Capucines", "du Gué", "des Violettes", "de l'Étang",
)  # fmt: skip
_FIRST = (
    "Jeanne", "Louis", "Émile", "Marguerite", "Paul", "Suzanne", "Henri", "Lucie", "Marcel", "Adèle",
    "Jules", "Berthe", "Édouard", "Claire", "Gaston", "Hélène", "Léon", "Madeleine", "Victor", "Rose",
    "Auguste", "Blanche", "Camille", "Irène", "Fernand", "Colette", "Albert", "Simone", "Georges", "Alice",
)  # fmt: skip
_LAST = (
    "Aubertin", "Vauclair", "Morizot", "Chardonnet", "Brissaud", "Delorme", "Pasquet", "Fauconnier",
    "Garnaud", "Hennequin", "Jacquemart", "Lambelin", "Maréchaux", "Noirot", "Oudinet", "Perrenot",
    "Quillard", "Roussillat", "Savoyet", "Thibaudin", "Vernier", "Bellavoine", "Coquerel", "Dampierre",
    "Estivalet", "Froidevaux", "Grandjean", "Humbertclos", "Janvier", "Lanternier", "Mercadier", "Nodot",
    "Ormancey", "Petitfils", "Rougemontier", "Sauvageot", "Tardivon", "Villeminot", "Bourgeret", "Chaussard",
)  # fmt: skip
_TYPES = {
    1: ("Avenue", "Boulevard", "Avenue", "Route"),
    2: ("Rue", "Avenue", "Cours", "Rue", "Rue"),
    3: ("Rue", "Rue", "Rue", "Rue", "Rue", "Allée", "Chemin", "Passage"),
}


def street_names(
    rng: np.random.Generator, ranks: list[int], dead_ends: list[bool], communes: list[int]
) -> list[str]:
    """A name for each street, given its rank and commune; none twice in the same commune."""
    taken: set[tuple[int, str]] = set()
    names = []
    for rank, dead_end, commune in zip(ranks, dead_ends, communes, strict=True):
        name = _street(rng, rank, dead_end)
        while (commune, name) in taken:
            name = _street(rng, rank, dead_end)
        taken.add((commune, name))
        names.append(name)
    return names


def _street(rng: np.random.Generator, rank: int, dead_end: bool) -> str:
    types = ("Impasse", "Impasse", "Rue", "Allée") if dead_end and rank == 3 else _TYPES[rank]
    subject = person(rng) if rng.random() < 0.45 else _PLACES[rng.integers(len(_PLACES))]
    return f"{types[rng.integers(len(types))]} {subject}"


def person(rng: np.random.Generator) -> str:
    """An invented person, first name and family name."""
    return f"{_FIRST[rng.integers(len(_FIRST))]} {_LAST[rng.integers(len(_LAST))]}"


def short(street: str) -> str:
    """What people call a street at a crossing: "Rue des Écluses" is "Écluses", a person their family name."""
    words = street.split(" ")[1:]
    while words and words[0] in ("de", "du", "des", "la", "le"):
        words = words[1:]
    if not words:
        return street
    if words[0].startswith("l'"):
        words[0] = words[0][2:]
    return words[-1] if words[0] in _FIRST and len(words) > 1 else " ".join(words)
