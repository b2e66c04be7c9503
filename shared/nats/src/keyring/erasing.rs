//! Erasing: the list, the key's place, the key's bytes; and whatever of that was cut off.

use std::sync::Arc;

use bytes::Bytes;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep};

use super::entry::Entry;
use super::{Inner, KeyringOpenError};
use crate::backoff;

/// How far the list of the erased was applied, by its sequences.
const APPLIED: &str = "applied";
/// Erasures that are applied at once.
const AT_ONCE: usize = 32;

impl Inner {
    /// Erases what has this name, for ever. Tries again for as long as a request may take.
    pub(super) async fn erase(&self, name: &str) -> Result<(), String> {
        let until = Instant::now() + self.keys.within();
        let mut attempt = 0;
        loop {
            match self.try_to_erase(name).await {
                Err(_) if Instant::now() < until => {
                    attempt += 1;
                    sleep(backoff::before(attempt)).await;
                }
                erased => return erased,
            }
        }
    }

    pub(super) async fn try_to_erase(&self, name: &str) -> Result<(), String> {
        // Refused, it is on the list already.
        self.list.store(name, Bytes::new(), Some(0)).await?;
        self.erase_listed(name).await
    }

    /// Puts it on record that the key is gone, so that nobody gets or makes it, and then overwrites it.
    async fn erase_listed(&self, name: &str) -> Result<(), String> {
        let mut noted = None;
        for _ in 0..8 {
            let last = self.keys.last(name).await?;
            let expected = last.as_ref().map_or(0, |last| last.sequence);
            if last.is_some_and(|last| Entry::decode(&last.bytes) == Some(Entry::Erased)) {
                noted = Some(expected);
                break;
            }
            // Refused, somebody was faster: with the key, or with this.
            noted = self.keys.store(name, Entry::encode_erased(), Some(expected)).await?;
            if noted.is_some() {
                break;
            }
        }
        let noted = noted.ok_or("the key's place changes all the time")?;
        self.cache.erased(name);
        self.keys.overwrite_earlier(name, noted).await
    }

    /// Applies what is on the list and was not applied to these keys, as to an older copy that was put back; and overwrites
    /// what a crash left.
    pub(super) async fn finish_erasures(self: &Arc<Self>) -> Result<(), KeyringOpenError> {
        let failed = KeyringOpenError::Erasing;
        let marked = self.keys.last(APPLIED).await.map_err(failed)?;
        let applied = marked.as_ref().and_then(|marked| std::str::from_utf8(&marked.bytes).ok()?.parse().ok());
        let applied: u64 = applied.unwrap_or(0);
        let listed = self.list.last_sequence().await.map_err(failed)?;
        if listed < applied {
            return Err(KeyringOpenError::OlderList(listed, applied));
        }
        if listed > applied {
            self.apply(applied + 1).await.map_err(failed)?;
            let mark = Bytes::from(listed.to_string());
            // Refused, another member that starts was faster.
            let expected = marked.map_or(0, |marked| marked.sequence);
            if let Some(stored) = self.keys.store(APPLIED, mark, Some(expected)).await.map_err(failed)? {
                self.keys.overwrite_earlier(APPLIED, stored).await.map_err(failed)?;
            }
        }
        self.overwrite_what_was_left().await.map_err(failed)
    }

    /// Erases whatever the list has from `sequence` on.
    async fn apply(self: &Arc<Self>, mut sequence: u64) -> Result<(), String> {
        let mut applying = JoinSet::new();
        while let Some((name, listed)) = self.list.first("*", sequence).await? {
            if applying.len() >= AT_ONCE {
                applied(applying.join_next().await)?;
            }
            let inner = Arc::clone(self);
            applying.spawn(async move { inner.erase_listed(&name).await });
            sequence = listed.sequence + 1;
        }
        while let Some(next) = applying.join_next().await {
            applied(Some(next))?;
        }
        Ok(())
    }

    async fn overwrite_what_was_left(&self) -> Result<(), String> {
        if !self.keys.has_earlier().await? {
            return Ok(());
        }
        for (name, _) in self.keys.keys().await?.into_iter().filter(|(_, messages)| *messages > 1) {
            if let Some(last) = self.keys.last(&name).await?
                && Entry::decode(&last.bytes) == Some(Entry::Erased)
            {
                self.keys.overwrite_earlier(&name, last.sequence).await?;
            }
        }
        Ok(())
    }
}

fn applied(joined: Option<Result<Result<(), String>, JoinError>>) -> Result<(), String> {
    joined.map_or(Ok(()), |joined| joined.map_err(|error| error.to_string())?)
}
