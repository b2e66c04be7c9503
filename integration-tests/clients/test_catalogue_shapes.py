"""The catalogue against the official shapes, in the folder that ALLMENDE_CATALOGUE_DIR names or from a platform."""

from __future__ import annotations

import os
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

try:
    import catalogue_shapes as shapes
    from rdflib import DCAT, DCTERMS, RDF, Graph, Literal
except ImportError as missing:
    raise unittest.SkipTest(f"needs pyshacl and rdflib: {missing}") from missing


# Datasets go on publishing themselves while the forms are fetched, and only forms of one moment can be equal.
ATTEMPTS = 30


def catalogue_folder() -> Path:
    """The three forms of one moment, as they were left in a folder or as a platform gives them."""
    if folder := os.environ.get("ALLMENDE_CATALOGUE_DIR"):
        return Path(folder)
    address = os.environ.get("ALLMENDE_HTTP")
    if not address:
        raise unittest.SkipTest("needs a catalogue: ALLMENDE_HTTP=http://HOST:PORT or ALLMENDE_CATALOGUE_DIR")
    folder = Path(unittest.enterModuleContext(tempfile.TemporaryDirectory()))
    for _ in range(ATTEMPTS):
        for name in shapes.FORMS:
            (folder / name).write_bytes(fetched(address, name))
        first = next(iter(shapes.FORMS))
        if fetched(address, first) == (folder / first).read_bytes():
            return folder
        time.sleep(1)
    raise AssertionError(f"the catalogue changed during each of {ATTEMPTS} attempts to fetch it")


def fetched(address: str, name: str) -> bytes:
    with urllib.request.urlopen(f"{address}/{name}", timeout=30) as answer:
        return answer.read()


class Shapes(unittest.TestCase):
    """What the shapes find, and that they would find it."""

    @classmethod
    def setUpClass(cls) -> None:
        if not shapes.shapes_folder().is_dir():
            raise unittest.SkipTest("needs the test data: no opendata/shacl in the folder that ALLMENDE_TEST_DATA names")
        cls.vocabularies = shapes.terms()

    def found(self, graph: Graph, severity: str) -> list[shapes.Finding]:
        found = shapes.findings(graph, shapes.SHAPES, self.vocabularies)
        found += shapes.findings(graph, shapes.VOCABULARY_SHAPES, self.vocabularies)
        return [finding for finding in found if finding.severity == severity]

    def test_the_shapes_find_what_is_deprecated(self) -> None:
        examples = shapes.shapes_folder().parent / "examples"
        deprecated = self.found(shapes.read(examples / "v3.0_deprecated.ttl"), "Warning")
        self.assertEqual(len([finding for finding in deprecated if finding.message.startswith("Deprecated")]), 10)

    def test_the_catalogue_conforms_without_a_warning(self) -> None:
        catalogue = shapes.read(catalogue_folder() / "catalog.ttl")
        self.assertGreater(len(list(catalogue.subjects(RDF.type, DCAT.Dataset))), 0)
        self.assertEqual(self.found(catalogue, "Violation") + self.found(catalogue, "Warning"), [])

    def test_the_three_forms_are_one_graph(self) -> None:
        folder = catalogue_folder()
        turtle, *others = (shapes.to_isomorphic(shapes.read(folder / name)) for name in shapes.FORMS)
        for other in others:
            self.assertEqual(other, turtle)

    def test_the_commonest_faults_of_real_portals_would_be_found(self) -> None:
        catalogue = shapes.read(catalogue_folder() / "catalog.ttl")
        for predicate in (DCTERMS.license, DCTERMS.format, DCTERMS.publisher, DCTERMS.language):
            with self.subTest(predicate):
                graph = Graph() + catalogue
                for subject in list(graph.subjects(predicate)):
                    graph.set((subject, predicate, Literal("text")))
                self.assertNotEqual(self.found(graph, "Violation"), [])


if __name__ == "__main__":
    unittest.main()
