"""Holds a catalogue against the official shapes of DCAT-AP.de 3.0, and its three forms against each other.

    python catalogue_shapes.py FOLDER

FOLDER holds catalog.ttl, catalog.rdf and catalog.jsonld. Shapes and vocabularies are those of the test data.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyshacl
from rdflib import RDF, SH, SKOS, Graph, Namespace, URIRef
from rdflib.compare import graph_diff, to_isomorphic

ROOT = Path(__file__).resolve().parents[2]
SHAPES = (
    "v3.0_dcat-ap-SHACL-DE.ttl",
    "v3.0_dcat-ap-spec-german-additions.ttl",
    "v3.0_dcat-ap-de-deprecated.ttl",
    "semic_dcat-ap-3.0.0-SHACL.ttl",
)
VOCABULARY_SHAPES = ("v3.0_dcat-ap-de-controlledvocabularies.ttl",)
# What the shapes import, as far as it is at hand.
VOCABULARIES = ("dcat-ap-de-contributors.rdf", "dcat-ap-de-licenses-open.rdf", "mirror_foaf_0_1.rdf", "mirror_org.ttl", "mirror_vcard.ttl")
FORMS = {"catalog.ttl": "turtle", "catalog.rdf": "xml", "catalog.jsonld": "json-ld"}
AUTHORITY = "http://publications.europa.eu/resource/authority/"
# Tables of the EU and others that are not at hand: of those, the terms that the catalogue may use.
TERMS = {
    "access-right": {"PUBLIC"},
    "data-theme": {"AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "REGI", "SOCI", "TECH", "TRAN"},
    "distribution-status": {"COMPLETED", "DEPRECATED"},
    "file-type": {"CSV", "GEOJSON", "JSON", "PARQUET"},
    "frequency": {"ANNUAL", "CONT", "DAILY", "IRREG", "MONTHLY", "NEVER", "WEEKLY"},
    "language": {"DEU", "ENG"},
    "planned-availability": {"AVAILABLE"},
}
PUBLISHER_TYPES = "http://purl.org/adms/publishertype/"
SPDX = Namespace("http://spdx.org/rdf/terms#")


@dataclass(frozen=True)
class Finding:
    """What a shape says of a node."""

    severity: str
    message: str
    node: str
    value: str


def shapes_folder() -> Path:
    """Where the shapes are."""
    return Path(os.environ.get("ALLMENDE_TEST_DATA", ROOT / "../shared/data")) / "opendata/shacl"


def read(path: Path) -> Graph:
    """A graph from a file, by its ending."""
    return Graph().parse(path, format="xml" if path.suffix == ".rdf" else FORMS.get(path.name, "turtle"))


def read_all(names: Iterable[str]) -> Graph:
    """Several files of the test data in one graph."""
    graph = Graph()
    for name in names:
        graph += read(shapes_folder() / name)
    return graph


def terms() -> Graph:
    """The vocabularies: those at hand, and the terms of the others."""
    graph = read_all(VOCABULARIES)
    for table, codes in TERMS.items():
        scheme = URIRef(AUTHORITY + table)
        for code in codes:
            graph.add((URIRef(f"{AUTHORITY}{table}/{code}"), SKOS.inScheme, scheme))
    for kind in ("LocalAuthority", "RegionalAuthority", "NationalAuthority", "Academia-ScientificOrganisation", "NonProfitOrganisation", "Company"):
        graph.add((URIRef(PUBLISHER_TYPES + kind), SKOS.inScheme, URIRef(PUBLISHER_TYPES + "1.0")))
    graph.add((SPDX.checksumAlgorithm_sha256, RDF.type, SPDX.ChecksumAlgorithm))
    return graph


def findings(catalogue: Graph, shapes: Iterable[str], vocabularies: Graph) -> list[Finding]:
    """What the shapes say, of any severity."""
    _, report, _ = pyshacl.validate(catalogue + vocabularies, shacl_graph=read_all(shapes), inference="none")
    found = []
    for result in report.subjects(RDF.type, SH.ValidationResult):
        text = [str(report.value(result, part) or "") for part in (SH.resultSeverity, SH.resultMessage, SH.focusNode, SH.value)]
        found.append(Finding(text[0].rpartition("#")[2], *text[1:]))
    return sorted(found, key=lambda finding: (finding.message, finding.node))


def main(folder: str) -> int:
    graphs = {name: read(Path(folder) / name) for name in FORMS}
    catalogue = graphs["catalog.ttl"]
    wrong = 0
    for name, graph in graphs.items():
        if to_isomorphic(graph) != to_isomorphic(catalogue):
            _, here, there = graph_diff(graph, catalogue)
            print(f"{name} is another graph: {len(here)} statements more, {len(there)} fewer", *here, *there, sep="\n  ")
            wrong += 1
    vocabularies = terms()
    for finding in findings(catalogue, SHAPES, vocabularies) + findings(catalogue, VOCABULARY_SHAPES, vocabularies):
        print(f"{finding.severity}: {finding.message}\n  {finding.node}\n  {finding.value}")
        wrong += 1
    print(f"{len(catalogue)} statements, {wrong} faults")
    return 1 if wrong or not len(catalogue) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
