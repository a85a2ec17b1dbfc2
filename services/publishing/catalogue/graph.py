"""The catalogue as a graph: DCAT-AP 3.0.1, every node with an address of its own, so that it stays the same.

Mandatory by the profile: title, description and publisher of the catalogue, title and description of a
dataset, the access address of a distribution, title and endpoint of a service. Vigie adds by policy licence,
frequency, place, time, theme, contact, access rights and checksums (standards.md 11).
"""

from collections.abc import Iterable

from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, Node, URIRef

from services.publishing.catalogue import vocabulary
from services.publishing.catalogue.entries import Distribution, Entry, Publisher, Texts
from services.publishing.outlets import Outlet

SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
GEOSPARQL = Namespace("http://www.opengis.net/ont/geosparql#")
_VERSION = URIRef("http://www.w3.org/ns/dcat#version")
"""Of DCAT 3; the library's list of terms ends with DCAT 2."""


def catalogue_graph(publisher: Publisher, entries: Iterable[Entry]) -> Graph:
    """The whole catalogue; addresses are under ``publisher.address`` and do not change with versions."""
    return _Writer(publisher).catalogue(list(entries))


class _Writer:
    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._graph = Graph()
        for prefix, space in (
            ("dcat", DCAT), ("dcterms", DCTERMS), ("foaf", FOAF), ("spdx", SPDX), ("vcard", VCARD),
            ("locn", LOCN), ("geosparql", GEOSPARQL), ("skos", SKOS), ("dcatap", vocabulary.DCATAP),
        ):  # fmt: skip
            self._graph.bind(prefix, space)
        self._catalogue = self._node("catalogue")
        self._agent = self._node("catalogue#publisher")
        self._contact = self._node("catalogue#contact")

    def catalogue(self, entries: list[Entry]) -> Graph:
        """Everything."""
        node = self._typed(self._catalogue, DCAT.Catalog)
        self._texts(node, DCTERMS.title, self._publisher.title)
        self._texts(node, DCTERMS.description, self._publisher.what)
        self._add(node, DCTERMS.publisher, self._agent)
        self._add(node, FOAF.homepage, self._typed(self._node(""), FOAF.Document))
        for code in self._publisher.languages:
            self._add(
                node, DCTERMS.language, self._typed(vocabulary.language(code), DCTERMS.LinguisticSystem)
            )
        self._people()
        moments = [entry.modified for entry in entries if entry.modified]
        if moments:
            self._moment(node, DCTERMS.modified, max(moments))
        for entry in entries:
            self._add(node, DCAT.dataset, self._dataset(entry))
        self._service([entry for entry in entries if entry.files])
        return self._graph

    def _people(self) -> None:
        self._typed(self._agent, FOAF.Agent)
        self._add(self._agent, FOAF.name, Literal(self._publisher.name))
        self._typed(self._contact, VCARD.Organization)
        self._add(self._contact, VCARD.fn, Literal(self._publisher.name))
        contact = self._publisher.contact
        if contact:
            mail = "@" in contact
            where = URIRef(f"mailto:{contact}" if mail else contact)
            self._add(self._contact, VCARD.hasEmail if mail else VCARD.hasURL, where)

    def _service(self, entries: list[Entry]) -> None:
        if not entries:
            return
        node = self._typed(self._node("api"), DCAT.DataService)
        self._texts(node, DCTERMS.title, self._publisher.title)
        self._add(node, DCAT.endpointURL, self._typed(self._node("api"), RDFS.Resource))
        document = self._typed(self._node("api/openapi.json"), RDFS.Resource)
        self._add(node, DCAT.endpointDescription, document)
        for entry in entries:
            self._add(node, DCAT.servesDataset, self._node(f"datasets/{entry.name}"))
        self._add(self._catalogue, DCAT.service, node)

    def _dataset(self, entry: Entry) -> URIRef:
        node = self._typed(self._node(f"datasets/{entry.name}"), DCAT.Dataset)
        self._add(node, DCTERMS.identifier, Literal(entry.name))
        self._texts(node, DCTERMS.title, entry.title)
        self._texts(node, DCTERMS.description, entry.what)
        for code, keywords in entry.keywords.items():
            for keyword in keywords:
                self._add(node, DCAT.keyword, Literal(keyword, lang=code))
        self._add(node, DCTERMS.publisher, self._agent)
        self._add(node, DCAT.contactPoint, self._contact)
        self._add(node, DCAT.theme, self._concept(*vocabulary.theme(entry.dataset.theme)))
        self._add(node, DCTERMS.accessRights, self._rights(entry))
        self._policy(node, entry)
        for file in entry.files:
            self._add(node, DCAT.distribution, self._distribution(entry, file))
        for outlet in entry.outlets:
            self._add(node, DCAT.distribution, self._outlet(entry, outlet))
        return node

    def _policy(self, node: URIRef, entry: Entry) -> None:
        frequency = self._typed(vocabulary.frequency(entry.every_s), DCTERMS.Frequency)
        self._add(node, DCTERMS.accrualPeriodicity, frequency)
        for name, moment in ((DCTERMS.issued, entry.issued), (DCTERMS.modified, entry.modified)):
            if moment:
                self._moment(node, name, moment)
        if entry.version:
            self._add(node, _VERSION, Literal(str(entry.version)))
        if entry.begins and entry.ends:
            period = self._typed(URIRef(f"{node}#period"), DCTERMS.PeriodOfTime)
            self._moment(period, DCAT.startDate, entry.begins)
            self._moment(period, DCAT.endDate, entry.ends)
            self._add(node, DCTERMS.temporal, period)
        if entry.bounds:
            self._add(node, DCTERMS.spatial, self._place(node, entry.bounds))
        if entry.dataset.high_value and entry.files:
            law = self._typed(vocabulary.HIGH_VALUE_LAW, RDFS.Resource)
            self._add(node, vocabulary.DCATAP.applicableLegislation, law)
            category = self._concept(*vocabulary.high_value(entry.dataset.high_value))
            self._add(node, vocabulary.DCATAP.hvdCategory, category)

    def _place(self, node: URIRef, bounds: tuple[float, float, float, float]) -> URIRef:
        west, south, east, north = bounds
        corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
        ring = ", ".join(f"{lon:.5f} {lat:.5f}" for lon, lat in corners)
        place = self._typed(URIRef(f"{node}#place"), DCTERMS.Location)
        self._add(place, DCAT.bbox, Literal(f"POLYGON(({ring}))", datatype=GEOSPARQL.wktLiteral))
        return place

    def _rights(self, entry: Entry) -> URIRef:
        rights = self._typed(vocabulary.access(entry.dataset.openness), DCTERMS.RightsStatement)
        if not entry.files:
            # Why it is not open, at the dataset itself: the authority's term is shared by all.
            why = self._typed(self._node(f"datasets/{entry.name}#rights"), DCTERMS.RightsStatement)
            self._texts(why, RDFS.label, entry.rights)
            self._add(self._node(f"datasets/{entry.name}"), DCTERMS.rights, why)
        return rights

    def _distribution(self, entry: Entry, file: Distribution) -> URIRef:
        address = self._node(file.path)
        node = self._typed(
            URIRef(f"{self._node('data/' + entry.dataset.name)}#{file.name}"), DCAT.Distribution
        )
        self._typed(address, RDFS.Resource)
        self._add(node, DCAT.accessURL, address)
        self._add(node, DCAT.downloadURL, address)
        for code, title in entry.title.items():
            self._add(node, DCTERMS.title, Literal(f"{title} ({file.name})", lang=code))
        if entry.licence:
            licence = self._typed(URIRef(entry.licence), DCTERMS.LicenseDocument)
            self._add(node, DCTERMS.license, licence)
        if kind := vocabulary.file_type(file.name):
            self._add(node, DCTERMS.format, self._typed(kind, DCTERMS.MediaTypeOrExtent))
        if media := vocabulary.media_type(file.media_type):
            self._add(node, DCAT.mediaType, self._typed(media, DCTERMS.MediaType))
        self._add(node, DCAT.byteSize, Literal(file.size, datatype=XSD.nonNegativeInteger))
        if entry.modified:
            self._moment(node, DCTERMS.modified, entry.modified)
        checksum = self._typed(URIRef(f"{node}-checksum"), SPDX.Checksum)
        self._add(checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256)
        self._add(checksum, SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary))
        self._typed(SPDX.checksumAlgorithm_sha256, SPDX.ChecksumAlgorithm)
        self._add(node, SPDX.checksum, checksum)
        return node

    def _outlet(self, entry: Entry, outlet: Outlet) -> URIRef:
        """A format that is asked for and no file: without size and checksum, which change as it is asked."""
        address = self._typed(self._node(outlet.path), RDFS.Resource)
        name = outlet.path.partition("/")[0]
        node = self._typed(URIRef(f"{self._node('data/' + entry.name)}#{name}"), DCAT.Distribution)
        self._add(node, DCAT.accessURL, address)
        for code, title in entry.title.items():
            self._add(node, DCTERMS.title, Literal(f"{title} ({outlet.name})", lang=code))
        if entry.licence:
            licence = self._typed(URIRef(entry.licence), DCTERMS.LicenseDocument)
            self._add(node, DCTERMS.license, licence)
        if media := vocabulary.media_type(outlet.media_type):
            self._add(node, DCAT.mediaType, self._typed(media, DCTERMS.MediaType))
        if entry.modified:
            self._moment(node, DCTERMS.modified, entry.modified)
        return node

    # --- statements -----------------------------------------------------------------------------------------

    def _node(self, path: str) -> URIRef:
        return URIRef(f"{self._publisher.address}/{path}")

    def _add(self, node: Node, name: Node, value: Node) -> None:
        self._graph.add((node, name, value))

    def _typed(self, node: URIRef, kind: Node) -> URIRef:
        self._add(node, RDF.type, kind)
        return node

    def _concept(self, node: URIRef, label: Texts) -> URIRef:
        self._texts(node, SKOS.prefLabel, label)
        return self._typed(node, SKOS.Concept)

    def _texts(self, node: Node, name: Node, texts: Texts) -> None:
        for code, words in texts.items():
            self._add(node, name, Literal(words, lang=code))

    def _moment(self, node: Node, name: Node, moment: object) -> None:
        self._add(node, name, Literal(moment, datatype=XSD.dateTime))
