//! Who publishes a tenant's data. Stream `{tenant}/publisher/profile`.

use std::convert::Infallible;

use allmende_kernel::{Decider, Timestamp};

use crate::Text;

/// Id of the one stream a tenant has.
pub const ID: &str = "profile";

/// An office, not a person: what the catalogue says of it is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// Its name.
    pub name: Text,
    /// What kind of authority it is.
    pub kind: Kind,
    /// Its pages; empty for none.
    pub homepage: String,
    /// Name of the office that answers questions.
    pub contact_name: String,
    /// Its address.
    pub contact_email: String,
    /// IRI that GovData gave out; empty for none.
    pub contributor_id: String,
    /// IRI of the place that the data is of; empty for none.
    pub place: String,
}

/// A kind of publisher, by `http://purl.org/adms/publishertype/1.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A municipality or a county.
    LocalAuthority,
    /// A region or a Land.
    RegionalAuthority,
    /// A federal authority.
    NationalAuthority,
    /// A university or an institute.
    Academia,
    /// An association or a foundation.
    NonProfitOrganisation,
    /// A company.
    Company,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::LocalAuthority,
        Self::RegionalAuthority,
        Self::NationalAuthority,
        Self::Academia,
        Self::NonProfitOrganisation,
        Self::Company,
    ];

    /// The last part of its IRI.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LocalAuthority => "LocalAuthority",
            Self::RegionalAuthority => "RegionalAuthority",
            Self::NationalAuthority => "NationalAuthority",
            Self::Academia => "Academia-ScientificOrganisation",
            Self::NonProfitOrganisation => "NonProfitOrganisation",
            Self::Company => "Company",
        }
    }

    /// The one of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Describe {
    /// What is said from now on.
    pub publisher: Publisher,
    /// When it was said.
    pub at: Timestamp,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// What is said since.
    pub publisher: Publisher,
    /// When.
    pub at: Timestamp,
}

/// The publisher's decisions: what is said last counts.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "publisher";
    type Command = Describe;
    type Event = Described;
    type State = Option<Publisher>;
    type Context = ();
    type Rejection = Infallible;

    fn initial() -> Self::State {
        None
    }

    fn decide(state: &Self::State, (): &(), command: &Describe) -> Result<Vec<Described>, Infallible> {
        let Describe { publisher, at } = command;
        Ok(match state {
            Some(known) if known == publisher => Vec::new(),
            _ => vec![Described { publisher: publisher.clone(), at: *at }],
        })
    }

    fn evolve(_: Self::State, event: &Described) -> Self::State {
        Some(event.publisher.clone())
    }
}
