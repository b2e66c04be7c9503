use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog_nats::stream::StreamError;
use allmende_files::{Content, Files, Keeps, Name, Shelf, Staged, Unfinished};
use tokio::fs::File;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::local::Local;
use super::store::Store;
use crate::connection::Connection;
use crate::{backoff, blocking};

/// Longer than between a file and the commit that names it.
const SETTLED: Duration = Duration::from_secs(3_600);

/// A shelf that all members share.
pub(super) struct SharedShelf {
    store: Store,
    local: Arc<Local>,
    runtime: Handle,
    listening: JoinHandle<()>,
}

impl SharedShelf {
    pub(super) async fn open(
        connection: &Connection,
        replicas: usize,
        shelf: Shelf,
        folder: &Path,
        local_bytes: u64,
    ) -> io::Result<Arc<dyn Files>> {
        let store = Store::open(connection, replicas, shelf.name).await.map_err(|error| match error {
            StreamError::Unfit(what) => io::Error::other(what),
            error => unavailable(error.to_string()),
        })?;
        let folder = folder.to_owned();
        let opening = tokio::task::spawn_blocking(move || Local::open(&folder, shelf, local_bytes));
        let local = Arc::new(opening.await.map_err(io::Error::other)??);
        let listening = tokio::spawn(listen(store.clone(), Arc::clone(&local)));
        Ok(Arc::new(Self { store, local, runtime: Handle::current(), listening }))
    }

    fn wait<T: Send + 'static>(&self, work: impl Future<Output = Result<T, String>> + Send + 'static) -> io::Result<T> {
        let done = blocking::wait(&self.runtime, work);
        done.unwrap_or_else(|| Err("the process is ending".to_owned())).map_err(unavailable)
    }

    /// Brings a file from the store.
    fn fetch(&self, name: &Name) -> io::Result<Content> {
        let mut incoming = self.local.incoming()?;
        let (store, wanted, file) = (self.store.clone(), *name, incoming.file().try_clone()?);
        let found = self.wait(async move { store.get(&wanted, &mut File::from_std(file)).await })?;
        match found {
            true => self.local.take(name, incoming),
            false => Err(ErrorKind::NotFound.into()),
        }
    }
}

impl Drop for SharedShelf {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Keeps for SharedShelf {
    fn keep(&self, staged: Staged) -> io::Result<()> {
        let (store, name, path) = (self.store.clone(), staged.name(), staged.path().to_owned());
        self.wait(async move { store.put(&name, &path).await })?;
        self.local.keep(staged)
    }
}

impl Files for SharedShelf {
    fn begin(self: Arc<Self>) -> io::Result<Unfinished> {
        self.local.begin(Arc::clone(&self) as _)
    }

    fn read(&self, name: &Name) -> io::Result<Content> {
        match self.local.read(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => self.fetch(name),
            content => content,
        }
    }

    fn contains(&self, name: &Name) -> io::Result<bool> {
        let (store, name) = (self.store.clone(), *name);
        self.wait(async move { store.contains(&name).await })
    }

    fn remove(&self, name: &Name) -> io::Result<()> {
        let (store, removed) = (self.store.clone(), *name);
        self.wait(async move { store.remove(&removed).await })?;
        self.local.remove(name)
    }

    fn last_change(&self, name: &Name) -> io::Result<u64> {
        let (store, name) = (self.store.clone(), *name);
        self.wait(async move { store.last_change(&name).await })
    }

    fn remove_unchanged(&self, name: &Name, last_change: u64) -> io::Result<()> {
        let (store, removed) = (self.store.clone(), *name);
        self.wait(async move { store.remove_unchanged(&removed, last_change).await })?;
        self.local.remove(name)
    }

    fn settled(&self) -> io::Result<Vec<Name>> {
        let store = self.store.clone();
        let all = self.wait(async move {
            store.overwrite_orphans(SETTLED).await?;
            store.all().await
        })?;
        Ok(all.into_iter().filter(|file| file.age >= SETTLED).map(|file| file.name).collect())
    }

    fn used(&self) -> io::Result<u64> {
        let store = self.store.clone();
        self.wait(async move { store.used().await })
    }
}

fn unavailable(cause: String) -> io::Error {
    io::Error::new(ErrorKind::HostUnreachable, cause)
}

/// Removes from the folder what others remove from the store, for as long as the shelf is open.
async fn listen(store: Store, local: Arc<Local>) {
    let mut attempt = 0;
    loop {
        let begun = Instant::now();
        let Err(error) = hear(&store, &local).await;
        tracing::debug!(error, "listening for files that are removed");
        attempt = if begun.elapsed() > Duration::from_secs(10) { 1 } else { attempt + 1 };
        sleep(backoff::before(attempt)).await;
    }
}

async fn hear(store: &Store, local: &Arc<Local>) -> Result<Infallible, String> {
    let mut removals = store.removals().await?;
    let there = on_disk(local, |local| local.all()).await?;
    let kept: std::collections::HashSet<_> = store.all().await?.into_iter().map(|file| file.name).collect();
    for name in there.into_iter().filter(|name| !kept.contains(name)) {
        on_disk(local, move |local| local.remove(&name)).await?;
    }
    loop {
        let name = removals.next().await?;
        on_disk(local, move |local| local.remove(&name)).await?;
    }
}

async fn on_disk<T: Send + 'static>(
    local: &Arc<Local>,
    work: impl FnOnce(&Local) -> io::Result<T> + Send + 'static,
) -> Result<T, String> {
    let local = Arc::clone(local);
    let done = tokio::task::spawn_blocking(move || work(&local)).await;
    done.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}
