use allmende_kernel::Timestamp;

use super::{Event, Release, WithdrawalReason};
use crate::{DatasetId, Description, Distribution, Finding, LicenceTerms, Source, SourcePosition};

/// What became of a dataset so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// Never registered.
    #[default]
    Absent,
    /// Registered.
    Registered(Box<Dataset>),
}

/// A registered dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Where its content is from.
    pub source: Source,
    /// What it is about.
    pub description: Description,
    /// Under which uploaded content is published.
    pub terms: Option<LicenceTerms>,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Versions before the last one, from number 1 on.
    pub past: Vec<Past>,
    /// The last version.
    pub last: Option<Version>,
    /// Set if it is no longer kept up.
    pub deprecation: Option<Deprecation>,
    /// IRIs of the categories of a high-value dataset; empty for others.
    pub hvd_categories: Vec<String>,
}

/// A version that is not the last one: what decisions need of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// How far it is open.
    pub release: Release,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
    /// Whether its files are gone.
    pub files_removed: bool,
}

/// The last version.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// From 1.
    pub number: u32,
    /// Up to where its source was read.
    pub source: Option<SourcePosition>,
    /// When it was begun.
    pub at: Timestamp,
    /// Its files.
    pub distributions: Vec<Distribution>,
    /// What was found since it last changed.
    pub check: Option<Check>,
    /// How far it is open.
    pub release: Release,
    /// What it was released under.
    pub terms: Option<LicenceTerms>,
    /// Why it was withdrawn, and when.
    pub withdrawn: Option<(WithdrawalReason, Timestamp)>,
    /// Whether its files are gone.
    pub files_removed: bool,
}

/// A release check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What is missing.
    pub findings: Vec<Finding>,
    /// When it was made.
    pub at: Timestamp,
}

/// The end of a dataset's care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation {
    /// What to use instead.
    pub successor: Option<DatasetId>,
    /// Since when.
    pub at: Timestamp,
}

impl Version {
    fn past(&self) -> Past {
        Past { release: self.release, withdrawn: self.withdrawn.is_some(), files_removed: self.files_removed }
    }
}

impl Dataset {
    /// What decisions need of a version.
    pub fn version(&self, number: u32) -> Option<Past> {
        match self.last.as_ref() {
            Some(last) if last.number == number => Some(last.past()),
            _ => self.past.get((number as usize).checked_sub(1)?).copied(),
        }
    }

    /// How many versions it has.
    pub fn versions(&self) -> u32 {
        self.last.as_ref().map_or(0, |last| last.number)
    }

    /// The last version, if it is the one of that number.
    pub(super) fn last_if(&mut self, number: u32) -> Option<&mut Version> {
        self.last.as_mut().filter(|last| last.number == number)
    }

    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::Registered { .. } => {}
            Event::Described { description, .. } => self.description = description.clone(),
            Event::VersionBegun { version, source, at } => {
                self.past.extend(self.last.as_ref().map(Version::past));
                self.last = Some(Version {
                    number: *version,
                    source: source.clone(),
                    at: *at,
                    distributions: Vec::new(),
                    check: None,
                    release: Release::Draft,
                    terms: None,
                    withdrawn: None,
                    files_removed: false,
                });
            }
            Event::DistributionAdded { version, distribution } => {
                if let Some(last) = self.last_if(*version) {
                    last.distributions.push(distribution.clone());
                    last.check = None;
                }
            }
            Event::ReleaseChecked { version, findings, at } => {
                if let Some(last) = self.last_if(*version) {
                    last.check = Some(Check { findings: findings.clone(), at: *at });
                }
            }
            Event::VersionReleased { version, release, terms, .. } => {
                if let Some(last) = self.last_if(*version) {
                    (last.release, last.terms) = (*release, Some(terms.clone()));
                }
            }
            Event::VersionWithdrawn { version, reason, at } => match self.last_if(*version) {
                Some(last) => last.withdrawn = Some((*reason, *at)),
                None => self.change_past(*version, |past| past.withdrawn = true),
            },
            Event::FilesRemoved { version, .. } => match self.last_if(*version) {
                Some(last) => last.files_removed = true,
                None => self.change_past(*version, |past| past.files_removed = true),
            },
            Event::Deprecated { successor, at } => {
                self.deprecation = Some(Deprecation { successor: *successor, at: *at });
            }
            Event::HvdMarked { categories, .. } => self.hvd_categories = categories.clone(),
        }
    }

    fn change_past(&mut self, number: u32, change: impl FnOnce(&mut Past)) {
        if let Some(past) = (number as usize).checked_sub(1).and_then(|index| self.past.get_mut(index)) {
            change(past);
        }
    }
}

impl State {
    /// The dataset, if it was registered.
    pub fn dataset(&self) -> Option<&Dataset> {
        match self {
            Self::Absent => None,
            Self::Registered(dataset) => Some(dataset),
        }
    }
}
