//! Taking what a keyring in files had.

use allmende_keyring::{Carried, KeyringError};
use tokio::time::{Instant, sleep};

use super::entry::Entry;
use super::{BucketKeyring, Inner, damaged};
use crate::backoff;

/// What came of a name that was carried here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was not here, and is.
    New,
    /// It was here.
    There,
    /// Its key was not taken: it was erased here, for ever.
    Erased,
}

/// Why a name was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The keyring did not do it.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Members made a key before, or it was damaged. What they sealed would be lost with it, so it stays.
    #[error(
        "there is another key in place of one that is to be taken: a cluster takes keys before its members make any"
    )]
    Another,
}

impl BucketKeyring {
    /// Takes a key, or that it is erased, and reads it back. Taking it again changes nothing; what is erased here stays so.
    pub async fn take(&self, carried: &Carried) -> Result<Taken, TakeError> {
        let until = Instant::now() + self.inner.keys.within();
        let (mut attempt, mut is_new) = (0, false);
        loop {
            match self.inner.try_to_take(carried, &mut is_new).await {
                Err(TakeError::Keyring(KeyringError::Unavailable(_))) if Instant::now() < until => {
                    attempt += 1;
                    sleep(backoff::before(attempt)).await;
                }
                taken => return taken,
            }
        }
    }
}

impl Inner {
    /// What is read counts, never the answer to what was stored.
    async fn try_to_take(&self, carried: &Carried, is_new: &mut bool) -> Result<Taken, TakeError> {
        let (name, unavailable) = (carried.name(), KeyringError::Unavailable);
        let taken = |is_new| if is_new { Taken::New } else { Taken::There };
        for _ in 0..4 {
            let last = self.keys.last(&name).await.map_err(unavailable)?;
            match last.as_ref().map(|last| Entry::decode(&last.bytes)) {
                Some(None) => return Err(damaged(&name).into()),
                Some(Some(Entry::Erased)) if !carried.is_erased() => return Ok(Taken::Erased),
                Some(Some(Entry::Erased)) => return Ok(taken(*is_new)),
                Some(Some(Entry::Key(wrapped))) if !carried.is_erased() => {
                    return match carried.is_wrapped_in(&self.wrapping, wrapped) {
                        true => Ok(taken(*is_new)),
                        false => Err(TakeError::Another),
                    };
                }
                // Nothing yet, or the key of what is to be erased.
                Some(Some(Entry::Key(_))) | None => {}
            }
            match carried.wrap(&self.wrapping)? {
                Some(wrapped) => {
                    let stored = self.keys.store(&name, Entry::encode_key(&wrapped), Some(0)).await;
                    *is_new |= stored.map_err(unavailable)?.is_some();
                }
                None => {
                    self.try_to_erase(&name).await.map_err(unavailable)?;
                    *is_new = true;
                }
            }
        }
        Err(KeyringError::Unavailable("the answers contradict each other".to_owned()).into())
    }
}
