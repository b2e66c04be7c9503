//! The catalogue as DCAT-AP.de 3.0: a page of it as a graph, and the graph in three serialisations.
//!
//! Everything has an IRI of its own and nothing is a blank node, so that the same page is the same graph, whichever way
//! it is written.

mod catalogue;
mod dataset;
mod graph;
mod serialise;
mod vocabulary;

pub(crate) use catalogue::{Catalogue, Described, PAGE_DATASETS, page};
pub(crate) use serialise::{Serialisation, write};
