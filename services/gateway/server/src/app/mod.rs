//! Use cases, one a file: what was parsed goes in, what is to be told comes out. Nothing here knows gRPC.

mod accounts;
mod attempts;
#[cfg(test)]
mod behind;
mod confirm_email;
mod erasures;
mod farewells;
mod feedback;
mod glance;
mod grants;
mod linked_providers;
mod mails;
mod people;
mod providers;
mod register;
mod reset_password;
mod sessions;
mod streams;
mod tenants;

use std::sync::Arc;

use allmende_eventlog::{CommandError, Done, Origin, Request, Transaction};
pub(crate) use allmende_hosting::Answer;
use allmende_hosting::{Commands, Queries};
use allmende_kernel::{Clock, Duration, Position, Timestamp};
use allmende_keyring::Keyring;
use allmende_runtime::fields::ConsistencyToken;
use allmende_runtime::installation::Installation;
use bytes::Bytes;

use crate::error::{Error, Rejection};
use crate::providers::Providers;
use crate::secrets::Passwords;
use crate::tokens::Issuer;
use crate::views::Reader;

pub(crate) use accounts::Email;
pub(crate) use erasures::RequestErasure;
pub(crate) use feedback::{SendFeedback, Told};
pub(crate) use grants::{ChangeGrant, Whom};
pub(crate) use linked_providers::LinkedProvider;
pub(crate) use mails::{Letter, MailBoxes, Recipient, Wish};
pub(crate) use people::Known;
pub(crate) use register::Register;
pub(crate) use sessions::Begun;

/// Everything the use cases need.
pub(crate) struct App {
    pub(crate) commands: Commands,
    pub(crate) queries: Queries,
    pub(crate) keyring: Arc<dyn Keyring>,
    pub(crate) installation: Arc<Installation>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) passwords: Passwords,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) providers: Providers,
    /// How long a session may go on.
    pub(crate) session: Duration,
}

/// A list's page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The end of the page before.
    pub(crate) after: Option<Vec<u8>>,
    /// How many items at most.
    pub(crate) max: usize,
}

/// How long the answer to a change waits for the view; the rpc's deadline is mostly shorter.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

impl App {
    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Reads at one position, which is at least that of the token.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        token: &ConsistencyToken,
        read: impl FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T>, Error> {
        self.queries.read(token, move |tables| read(&Reader(tables))).await
    }

    /// Reads what is there.
    pub(crate) async fn look_up<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.read(&ConsistencyToken::default(), read).await.map(|answer| answer.value)
    }

    /// Does what is never the same twice, or is told by the state that it was done: nothing is remembered of it.
    async fn act<F>(&self, decide: F) -> Result<Done, Error>
    where
        F: FnMut(&mut Transaction<'_>, Timestamp) -> Result<Bytes, CommandError<Rejection>>,
    {
        let request = Request { origin: Origin::Unlinked, actor: None, trace: None };
        Ok(self.commands.execute(&request, decide).await?)
    }

    /// Waits until a change of what somebody may do is seen by every call from now on. It is also if nobody waits.
    async fn in_force(&self, position: Position) -> Result<(), Error> {
        Ok(self.queries.view().wait_for(position, PATIENCE).await?)
    }
}
