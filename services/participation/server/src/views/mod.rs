//! What is read: a view folded from the log, and questions to it.

mod files;
mod fold;
mod fold_contribution;
mod fold_document;
mod fold_procedure;
mod index;
mod keys;
mod lists;
mod official;
mod page;
mod reader;
mod rows;
mod shown;

pub(crate) use files::named_files;
pub(crate) use fold::ParticipationView;
pub(crate) use lists::{Filter, ProposalOrder};
pub(crate) use official::{DocumentShown, ProcedureShown, ProjectShown, ThemeShown, VersionShown};
pub(crate) use page::{Page, Paged};
pub(crate) use reader::Reader;
pub(crate) use rows::ContributionRow;
pub(crate) use shown::{Queued, Shown, SynopsisLine, Text, Viewer};
