//! Open data, pure: datasets with their versions and files, what is looked at before a release, licences that follow
//! their source, and who publishes. Nothing here does I/O, reads a clock or draws a random number.
//!
//! Words follow DCAT-AP.de 3.0.

pub mod dataset;
mod description;
mod distribution;
mod ids;
mod licence;
mod personal_data;
pub mod publisher;
mod release_check;
mod source;
pub mod source_licence;
mod vocabulary;

pub use description::{Day, Description, InvalidDescription, MAX_DESCRIPTION, MAX_KEYWORDS, MAX_TITLE, Text, Wording};
pub use distribution::{
    Column, ColumnName, ColumnType, Distribution, FileName, Format, InvalidName, MAX_COLUMNS, Sha256,
};
pub use ids::{DatasetId, InvalidUuid};
pub use licence::{Licence, LicenceTerms};
pub use personal_data::is_personal;
pub use release_check::{Finding, Requirement, findings};
pub use source::{Month, Source, SourcePosition};
pub use vocabulary::{Frequency, Theme};
