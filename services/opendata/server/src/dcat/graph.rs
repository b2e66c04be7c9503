use std::collections::BTreeSet;

use allmende_kernel::Timestamp;
use allmende_opendata_domain::Text;
use oxrdf::vocab::rdf;
use oxrdf::{Literal, NamedNode, Triple};

use super::vocabulary::{XSD, term};

/// A graph without blank nodes, its statements in the order in which they were made.
#[derive(Default)]
pub(super) struct Graph {
    triples: Vec<Triple>,
    /// What was described before, as several may name the same publisher.
    described: BTreeSet<String>,
}

impl Graph {
    pub(super) fn into_triples(self) -> Vec<Triple> {
        self.triples
    }

    /// Statements about a thing of some classes. `None` if it was described before.
    pub(super) fn describe(&mut self, subject: &NamedNode, classes: &[NamedNode]) -> Option<About<'_>> {
        if !self.described.insert(subject.as_str().to_owned()) {
            return None;
        }
        let mut about = About { graph: self, subject: subject.clone() };
        for class in classes {
            about.link(rdf::TYPE.into_owned(), class.clone());
        }
        Some(about)
    }
}

/// Statements about one thing.
pub(super) struct About<'a> {
    graph: &'a mut Graph,
    subject: NamedNode,
}

impl About<'_> {
    pub(super) fn link(&mut self, predicate: NamedNode, object: NamedNode) -> &mut Self {
        self.graph.triples.push(Triple::new(self.subject.clone(), predicate, object));
        self
    }

    fn literal(&mut self, predicate: NamedNode, literal: Literal) -> &mut Self {
        self.graph.triples.push(Triple::new(self.subject.clone(), predicate, literal));
        self
    }

    /// A text without a language: a name, a code.
    pub(super) fn plain(&mut self, predicate: NamedNode, text: &str) -> &mut Self {
        self.literal(predicate, Literal::new_simple_literal(text))
    }

    /// A text in the languages it has.
    pub(super) fn text(&mut self, predicate: NamedNode, text: &Text) -> &mut Self {
        for (words, language) in [(&text.de, "de"), (&text.en, "en")] {
            if !words.is_empty() {
                let literal = Literal::new_language_tagged_literal_unchecked(words.as_str(), language);
                self.literal(predicate.clone(), literal);
            }
        }
        self
    }

    pub(super) fn typed(&mut self, predicate: NamedNode, value: impl ToString, datatype: &str) -> &mut Self {
        self.literal(predicate, Literal::new_typed_literal(value.to_string(), term(XSD, datatype)))
    }

    pub(super) fn moment(&mut self, predicate: NamedNode, at: Timestamp) -> &mut Self {
        let text = jiff::Timestamp::from_microsecond(at.as_micros()).map(|at| at.to_string()).unwrap_or_default();
        self.typed(predicate, text, "dateTime")
    }
}
