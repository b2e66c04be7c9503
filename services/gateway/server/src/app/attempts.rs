//! What all use cases share that anybody can call with any address: each does the same, and takes as long, whether or
//! not the address has an account.

use allmende_eventlog::{CommandError, Transaction};
use allmende_gateway_domain::AddressKey;
use allmende_gateway_domain::attempts::{Command, Rejection as Refused};
use allmende_kernel::Timestamp;
use tokio::time::{Duration, Instant};

use super::App;
use super::streams::attempts_stream;
use crate::error::{Error, Rejection};
use crate::secrets::Device;
use crate::wire::Attempts;

/// How long after its request an answer is given that must not tell by its time what was done for it: longer than a key
/// and a mail take to be stored.
const ANSWERED_AFTER: Duration = Duration::from_millis(50);

/// Gives the answer no sooner than all others.
pub(super) async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let since = Instant::now();
    let answer = work.await;
    tokio::time::sleep_until(since + ANSWERED_AFTER).await;
    answer
}

/// Notes that a mail goes to an address that anybody can ask for, if it is time for one.
pub(super) fn send_code(
    transaction: &mut Transaction<'_>,
    address: AddressKey,
    at: Timestamp,
) -> Result<(), CommandError<Rejection>> {
    match note(transaction, address, Command::SendCode { at })? {
        true => Ok(()),
        // One was sent at this very moment.
        false => Err(CommandError::Rejected(Refused::CodeJustSent.into())),
    }
}

/// Notes that somebody reads mail at an address; `registering` is as [`App::registering`] has it.
pub(super) fn code_used(
    transaction: &mut Transaction<'_>,
    (address, registering): (AddressKey, AddressKey),
    at: Timestamp,
) -> Result<(), CommandError<Rejection>> {
    note(transaction, address, Command::NoteCodeUsed { at })?;
    note(transaction, registering, Command::NoteCodeUsed { at }).map(drop)
}

/// Notes that a password was right, if it is looked at.
pub(super) fn succeeded(
    transaction: &mut Transaction<'_>,
    counted: AddressKey,
    at: Timestamp,
) -> Result<(), CommandError<Rejection>> {
    note(transaction, counted, Command::NoteSuccess { at }).map(drop)
}

fn note(transaction: &mut Transaction<'_>, key: AddressKey, command: Command) -> Result<bool, CommandError<Rejection>> {
    let decided = transaction.decide::<Attempts>(&attempts_stream(key), &(), &command);
    decided.map(|events| !events.is_empty()).map_err(|error| error.map_rejection(Rejection::from))
}

impl App {
    /// Under what an attempt counts: the address; or, on a device that somebody has signed in on with it, both.
    pub(super) fn counted(&self, address: AddressKey, device: Option<&Device>) -> AddressKey {
        match device {
            Some(device) => device.counted(&self.installation, address),
            None => address,
        }
    }

    /// Under what the mails count that registering an address leads to: apart, or strangers who register it again and
    /// again would keep its holder from a new password.
    pub(super) fn registering(&self, address: AddressKey) -> AddressKey {
        AddressKey::from_bytes(self.installation.keyed_hash("registering an address", &[address.as_bytes()]))
    }

    /// Notes that address and password did not belong together; or tells how long is to be waited.
    pub(super) async fn failed(&self, counted: AddressKey) -> Result<(), Error> {
        let done = self.act(|transaction, at| {
            note(transaction, counted, Command::NoteFailure { at })?;
            Ok(bytes::Bytes::new())
        });
        done.await.map(drop).map_err(|error| error.at(self.now()))
    }
}
