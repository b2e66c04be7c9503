//! Under which licence a source's content may be published. Stream `{tenant}/source-licence/station.{station_id}`.

use allmende_kernel::{Decider, Timestamp};
use uuid::Uuid;

use crate::LicenceTerms;

/// The id of the stream with the licence of a station's observations.
pub fn stream_id(station: Uuid) -> String {
    format!("station.{station}")
}

/// The station of such a stream.
pub fn station_of(stream_id: &str) -> Option<Uuid> {
    Uuid::try_parse(stream_id.strip_prefix("station.")?).ok()
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declare {
    /// The terms.
    pub terms: LicenceTerms,
    /// When they were declared.
    pub at: Timestamp,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The terms.
    pub terms: LicenceTerms,
    /// When.
    pub at: Timestamp,
}

/// Why a licence is not declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// What was passed on under a share-alike licence stays under it.
    #[error("the source is under a licence that demands the same of whoever passes it on")]
    ShareAlike,
}

/// The decisions on a source's licence: what is declared last counts, but share-alike is not taken back.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "source-licence";
    type Command = Declare;
    type Event = Declared;
    type State = Option<LicenceTerms>;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> Self::State {
        None
    }

    fn decide(state: &Self::State, (): &(), command: &Declare) -> Result<Vec<Declared>, Rejection> {
        let Declare { terms, at } = command;
        match state {
            Some(known) if known == terms => Ok(Vec::new()),
            Some(known) if known.licence.is_share_alike() && known.licence != terms.licence => {
                Err(Rejection::ShareAlike)
            }
            _ => Ok(vec![Declared { terms: terms.clone(), at: *at }]),
        }
    }

    fn evolve(_: Self::State, event: &Declared) -> Self::State {
        Some(event.terms.clone())
    }
}
