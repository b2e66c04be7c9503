//! The dataset: what it is about, its versions and their files. Stream `{tenant}/dataset/{dataset_id}`.
//!
//! A version is begun, gets files, is checked and released. Once released it takes no further file: the same version is
//! the same bytes, or, withdrawn, a tombstone. Only the last version is worked on; of the ones before, the state keeps
//! what decisions need and no more, so that a dataset that is issued every day stays small.

mod decide;
mod state;

use allmende_kernel::Timestamp;

use crate::{DatasetId, Description, Distribution, FileName, Finding, LicenceTerms, Source, SourcePosition};

pub use decide::Model;
pub use state::{Check, Dataset, Deprecation, Past, State, Version};

/// The most files of a version.
pub const MAX_DISTRIBUTIONS: usize = 16;
/// The most categories of a high-value dataset.
pub const MAX_CATEGORIES: usize = 10;

/// How far a version is open. Public and cleared for open data are two states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Release {
    /// Seen by staff.
    Draft,
    /// May be seen by everybody.
    Public,
    /// In the catalogue of open data.
    Cleared,
}

/// Why a version was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WithdrawalReason {
    /// It held something that was erased since.
    Erasure,
    /// It was wrong.
    Incorrect,
    /// It should not have been released.
    Rights,
}

/// What somebody wants of a dataset.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Begin it.
    Register {
        /// Where its content is from.
        source: Source,
        /// What it is about.
        description: Description,
        /// Under which uploaded content is published; `None` where the licence follows the source.
        terms: Option<LicenceTerms>,
        /// When.
        at: Timestamp,
    },
    /// Say something else of it.
    Describe {
        /// What is said from now on.
        description: Description,
        /// When.
        at: Timestamp,
    },
    /// Begin a version.
    BeginVersion {
        /// Up to where its source was read; `None` for uploaded content.
        source: Option<SourcePosition>,
        /// When.
        at: Timestamp,
    },
    /// Add a file to the last version.
    AddDistribution {
        /// The version.
        version: u32,
        /// The file.
        distribution: Distribution,
    },
    /// Look whether the last version may be released.
    Check {
        /// The version.
        version: u32,
        /// Files that no longer have their checksum.
        damaged: Vec<FileName>,
        /// When.
        at: Timestamp,
    },
    /// Open the last version, or open it further.
    Release {
        /// The version.
        version: u32,
        /// How far.
        release: Release,
        /// When.
        at: Timestamp,
    },
    /// Take a version back.
    Withdraw {
        /// The version.
        version: u32,
        /// Why.
        reason: WithdrawalReason,
        /// When.
        at: Timestamp,
    },
    /// Note that a withdrawn version's files are gone.
    NoteFilesRemoved {
        /// The version.
        version: u32,
        /// When.
        at: Timestamp,
    },
    /// Mark it as no longer kept up.
    Deprecate {
        /// What to use instead.
        successor: Option<DatasetId>,
        /// When.
        at: Timestamp,
    },
    /// Mark it as a high-value dataset.
    MarkHvd {
        /// IRIs of its categories, at least one.
        categories: Vec<String>,
        /// When.
        at: Timestamp,
    },
}

/// What happened to a dataset.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It was begun.
    Registered {
        /// Where its content is from.
        source: Source,
        /// What it is about.
        description: Description,
        /// Of uploaded content.
        terms: Option<LicenceTerms>,
        /// When.
        at: Timestamp,
    },
    /// Something else was said of it.
    Described {
        /// What is said since.
        description: Description,
        /// When.
        at: Timestamp,
    },
    /// A version was begun.
    VersionBegun {
        /// Its number.
        version: u32,
        /// Up to where its source was read.
        source: Option<SourcePosition>,
        /// When.
        at: Timestamp,
    },
    /// A version got a file.
    DistributionAdded {
        /// The version.
        version: u32,
        /// The file.
        distribution: Distribution,
    },
    /// It was looked at before a release.
    ReleaseChecked {
        /// The version.
        version: u32,
        /// What is missing.
        findings: Vec<Finding>,
        /// When.
        at: Timestamp,
    },
    /// A version was opened.
    VersionReleased {
        /// The version.
        version: u32,
        /// How far.
        release: Release,
        /// Under which terms.
        terms: LicenceTerms,
        /// When.
        at: Timestamp,
    },
    /// A version was taken back.
    VersionWithdrawn {
        /// The version.
        version: u32,
        /// Why.
        reason: WithdrawalReason,
        /// When.
        at: Timestamp,
    },
    /// A withdrawn version's files are gone.
    FilesRemoved {
        /// The version.
        version: u32,
        /// When.
        at: Timestamp,
    },
    /// It is no longer kept up.
    Deprecated {
        /// What to use instead.
        successor: Option<DatasetId>,
        /// When.
        at: Timestamp,
    },
    /// It is a high-value dataset.
    HvdMarked {
        /// IRIs of its categories.
        categories: Vec<String>,
        /// When.
        at: Timestamp,
    },
}

/// Why a change to a dataset is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It was registered before, with another source, description or licence.
    #[error("the dataset was registered before with other properties")]
    DatasetDiffers,
    /// It was never registered.
    #[error("the dataset is not registered")]
    DatasetUnknown,
    /// It has no such version.
    #[error("the dataset has no such version")]
    VersionUnknown,
    /// A later version was begun.
    #[error("only the last version of a dataset is checked and released")]
    VersionSuperseded,
    /// It was released.
    #[error("a version that was released takes no further file")]
    VersionReleased,
    /// It was withdrawn.
    #[error("the version was withdrawn")]
    VersionWithdrawn,
    /// It was not withdrawn, so its files stay.
    #[error("the version was not withdrawn")]
    VersionStands,
    /// It has a file of that name.
    #[error("the version has a file of that name with other content")]
    DistributionDiffers,
    /// It has no room for another file.
    #[error("a version has at most {MAX_DISTRIBUTIONS} files")]
    VersionFull,
    /// It was not checked, or something is missing.
    #[error("no release check was passed since the version last changed")]
    CheckFailed(Vec<Finding>),
    /// It is no longer kept up.
    #[error("the dataset is deprecated and takes no new version")]
    DatasetDeprecated,
    /// It has to have a source's position if, and only if, it is filled from one.
    #[error("a version is bound to a position of its source, and an uploaded one to none")]
    SourceDiffers,
    /// A draft is what a version is before it is released.
    #[error("a version is released to the public or cleared")]
    NotARelease,
}
