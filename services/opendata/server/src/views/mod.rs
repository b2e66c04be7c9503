//! What is read of the service's own log: datasets and versions, the catalogue of what is cleared, publishers, and what
//! is left to do: drafts that wait for a licence, files that are to go.

mod fold;
mod keys;
mod query;
mod rows;

pub(crate) use fold::CatalogueView;
pub(crate) use query::{Page, Reader, Wanted};
pub(crate) use rows::{DatasetRow, VersionRow};
