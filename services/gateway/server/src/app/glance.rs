//! Accounts as the log has them at this moment, for decisions: a view is behind while it is folded anew, and would tell of
//! an account that it is not there.

use allmende_eventlog::{CommandError, Origin, Rehearsal, Request, Transaction};
use allmende_gateway_domain::AddressKey;
use allmende_gateway_domain::address::Holder;
use allmende_gateway_domain::person::State;
use allmende_kernel::{SubjectId, TenantId};

use super::streams::{address_stream, person_stream};
use super::{App, PATIENCE};
use crate::error::{Error, Rejection};
use crate::wire::{Address, Person};

impl App {
    /// Looks at aggregates before a command. What was seen may have changed when the command is decided, which looks
    /// again; a refusal is told when everything that it rests on is durable, as any other.
    pub(super) async fn glance<T>(
        &self,
        mut look: impl FnMut(&mut Transaction<'_>) -> Result<T, CommandError<Rejection>>,
    ) -> Result<T, Error> {
        let request = Request { origin: Origin::Unlinked, actor: None, trace: None };
        match self.commands.rehearse(&request, |transaction, _| look(transaction)).await? {
            Rehearsal::Taken(seen) => Ok(seen),
            // What is no request was never done before.
            Rehearsal::Done(_) => Err(Rejection::Moved.into()),
        }
    }

    /// Fails where commands are not taken: to be asked before what costs much, or can be done once.
    pub(super) async fn takes_commands(&self) -> Result<(), Error> {
        self.glance(|_| Ok(())).await
    }

    /// An account.
    pub(super) async fn account(&self, home: &TenantId, subject: SubjectId) -> Result<State, Error> {
        let stream = person_stream(home, subject);
        self.commands.warm::<Person>(&stream).await?;
        self.glance(|transaction| Ok(transaction.state::<Person>(&stream)?.clone())).await
    }

    /// The account that an address leads to.
    pub(super) async fn account_at(&self, address: AddressKey) -> Result<Option<(Holder, State)>, Error> {
        let stream = address_stream(address);
        self.commands.warm::<Address>(&stream).await?;
        let holder = self.glance(|transaction| Ok(transaction.state::<Address>(&stream)?.clone())).await?;
        let Some(holder) = holder else { return Ok(None) };
        let state = self.account(&holder.home, holder.subject).await?;
        Ok(Some((holder, state)))
    }

    /// Where a person's account is or was; nothing for who has none. That never changes, so that a view that is behind
    /// can only not know it yet.
    pub(super) async fn home_of(&self, subject: SubjectId) -> Result<Option<TenantId>, Error> {
        if let Some(home) = self.look_up(move |reader| Ok(reader.home(subject)?)).await? {
            return Ok(Some(home));
        }
        self.queries.view().catch_up(PATIENCE).await?;
        self.look_up(move |reader| Ok(reader.home(subject)?)).await
    }

    /// Where a person's account is or was, and what became of it.
    pub(super) async fn account_of(&self, subject: SubjectId) -> Result<Option<(TenantId, State)>, Error> {
        let Some(home) = self.home_of(subject).await? else { return Ok(None) };
        let state = self.account(&home, subject).await?;
        Ok(Some((home, state)))
    }
}

/// The holder of an address, if their account is there and mail to it is read. One that is not confirmed is anybody's.
pub(super) fn confirmed_holder(
    transaction: &mut Transaction<'_>,
    address: AddressKey,
) -> Result<Option<Holder>, CommandError<Rejection>> {
    let Some(holder) = transaction.state::<Address>(&address_stream(address))?.clone() else { return Ok(None) };
    let state = transaction.state::<Person>(&person_stream(&holder.home, holder.subject))?;
    Ok(state.account().is_some_and(|account| account.confirmed_at.is_some()).then_some(holder))
}
