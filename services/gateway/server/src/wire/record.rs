//! An aggregate in one value: stored events that fold to it. That is how the view keeps what it shows, without a form
//! of its own.

use allmende_eventlog::{Aggregate, EventView, UnknownEvent};
use allmende_kernel::Decider;

use super::person::identity;
use super::unknown;

/// The stored events of one aggregate, one behind the other, each behind its type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Record(Vec<u8>);

impl Record {
    /// A record as it was kept.
    pub(crate) fn from_bytes(bytes: Option<&[u8]>) -> Self {
        Self(bytes.map(<[u8]>::to_vec).unwrap_or_default())
    }

    /// To be kept.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Adds an event; what it makes superfluous goes.
    pub(crate) fn push(&mut self, event: EventView<'_>) -> Result<(), UnknownEvent> {
        let replaces = replacing(event.event_type());
        if !replaces.is_empty() {
            let about = identity(event.event_type(), event.payload());
            let mut kept = Vec::with_capacity(self.0.len());
            for part in self.events() {
                let (event_type, payload) = part?;
                if !replaces.contains(&event_type) || identity(event_type, payload) != about {
                    put(&mut kept, event_type.as_bytes());
                    put(&mut kept, payload);
                }
            }
            self.0 = kept;
        }
        put(&mut self.0, event.event_type().as_bytes());
        put(&mut self.0, event.payload());
        Ok(())
    }

    /// What the events fold to.
    pub(crate) fn state<A: Aggregate>(&self) -> Result<<A::Model as Decider>::State, UnknownEvent> {
        let mut state = A::Model::initial();
        for part in self.events() {
            let (event_type, payload) = part?;
            state = A::Model::evolve(state, &A::decode(event_type, payload)?);
        }
        Ok(state)
    }

    fn events(&self) -> impl Iterator<Item = Result<(&str, &[u8]), UnknownEvent>> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let event_type = take(&mut rest).and_then(|part| std::str::from_utf8(part).ok());
            let part = event_type.zip(take(&mut rest));
            if part.is_none() {
                rest = &[];
            }
            Some(part.ok_or_else(|| unknown("a record")))
        })
    }
}

/// What an event makes superfluous in the record of its aggregate, so that a record stays small; of events that are each
/// about one [`identity`], those about the same.
fn replacing(event_type: &str) -> &'static [&'static str] {
    use super::{mail, person, tenant};
    match event_type {
        person::REGISTERED => &[person::REGISTERED],
        person::PASSWORD_CHANGED => &[person::PASSWORD_CHANGED],
        person::PROVIDER_LINKED | person::PROVIDER_UNLINKED => &[person::PROVIDER_LINKED, person::PROVIDER_UNLINKED],
        tenant::UPDATED => &[tenant::UPDATED],
        mail::FAILED | mail::SENT | mail::GIVEN_UP => &[mail::FAILED, mail::GIVEN_UP, mail::RETRIED],
        _ => &[],
    }
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    // A commit holds far less than 4 GiB.
    bytes.extend_from_slice(&(part.len() as u32).to_le_bytes());
    bytes.extend_from_slice(part);
}

fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *bytes = rest;
    Some(part)
}
