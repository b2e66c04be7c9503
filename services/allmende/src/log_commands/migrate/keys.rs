//! The keyring: every key, and who is erased for ever.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use allmende_keyring::{Carried, Places};
use allmende_nats::{BucketKeyring, TakeError, Taken};
use anyhow::{Context as _, ensure};
use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_blocking};

use crate::terminal;

/// Names that are on their way at once.
const AT_ONCE: usize = 32;

/// A keyring in a data folder, of which every key opens.
pub(super) struct Source {
    places: Places,
    names: u64,
}

impl Source {
    /// Nothing, if none was ever made.
    pub(super) fn look(data: &Path) -> anyhow::Result<Option<Self>> {
        let places = Places::under(data);
        let parts = [&places.master, &places.erased, &places.keys.join("keys.00")];
        if !parts.into_iter().any(|part| part.exists()) {
            return Ok(None);
        }
        let report = allmende_keyring::verify(&places).context("the keyring")?;
        ensure!(report.is_intact(), "keys of it do not open: `allmende keyring verify` tells what is damaged");
        Ok(Some(Self { places, names: report.keys + report.erased }))
    }

    /// Has the members' keyring take all of it.
    pub(super) async fn carry(&self, keyring: &Arc<BucketKeyring>) -> anyhow::Result<()> {
        let (sender, mut coming) = mpsc::channel::<Carried>(AT_ONCE);
        let places = self.places.clone();
        let reading = spawn_blocking(move || {
            allmende_keyring::carry(&places, |carried| match sender.blocking_send(carried) {
                Ok(()) => ControlFlow::Continue(()),
                // Taking one failed.
                Err(_) => ControlFlow::Break(()),
            })
        });
        let progress = terminal::progress(self.names, "keys taken over");
        let (mut taking, mut counts) = (JoinSet::new(), Counts::default());
        while let Some(carried) = coming.recv().await {
            if taking.len() >= AT_ONCE
                && let Some(taken) = taking.join_next().await
            {
                counts.add(taken??);
                progress.inc(1);
            }
            taking.spawn(take(Arc::clone(keyring), carried));
        }
        while let Some(taken) = taking.join_next().await {
            counts.add(taken??);
            progress.inc(1);
        }
        reading.await??;
        progress.finish_and_clear();
        counts.tell();
        Ok(())
    }
}

async fn take(keyring: Arc<BucketKeyring>, carried: Carried) -> Result<(bool, Taken), TakeError> {
    Ok((carried.is_erased(), keyring.take(&carried).await?))
}

#[derive(Default)]
struct Counts {
    new: u64,
    there: u64,
    erased_there: u64,
    newly_erased: u64,
    known_erased: u64,
}

impl Counts {
    fn add(&mut self, (is_erased, taken): (bool, Taken)) {
        *match (is_erased, taken) {
            (false, Taken::New) => &mut self.new,
            (false, Taken::There) => &mut self.there,
            (false, Taken::Erased) => &mut self.erased_there,
            (true, Taken::New) => &mut self.newly_erased,
            (true, Taken::There | Taken::Erased) => &mut self.known_erased,
        } += 1;
    }

    fn tell(&self) {
        let count = terminal::count;
        let erased_there = match self.erased_there {
            0 => String::new(),
            keys => format!(", {} erased there since, and stay so", count(keys)),
        };
        terminal::line(&format!(
            "keys: {} taken over, {} were there{erased_there}; read back and checked",
            count(self.new),
            count(self.there)
        ));
        terminal::line(&format!("erased: {} noted, {} were", count(self.newly_erased), count(self.known_erased)));
    }
}
