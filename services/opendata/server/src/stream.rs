//! A file's bytes on their way out, a piece at a time.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::app::Opened;

/// A piece; with those that wait, what a download takes of memory beside its decompression.
pub(crate) const CHUNK_BYTES: usize = 64 << 10;
const WAITING: usize = 2;
/// Downloads at once: each takes 2.5 MB for its decompression.
const MOST: usize = 64;
/// How long whoever downloads may leave a piece lying before the place is somebody else's.
const PATIENCE: Duration = Duration::from_secs(30);

/// The places for downloads.
pub(crate) struct Downloads {
    free: Arc<Semaphore>,
    patience: Duration,
}

/// A place, until it is dropped.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    patience: Duration,
}

impl Downloads {
    pub(crate) fn new() -> Self {
        Self { free: Arc::new(Semaphore::new(MOST)), patience: PATIENCE }
    }

    /// A place, unless all are taken.
    pub(crate) fn place(&self) -> Option<Place> {
        let permit = Arc::clone(&self.free).try_acquire_owned();
        permit.ok().map(|permit| Place { _permit: permit, patience: self.patience })
    }
}

/// What comes of a download.
#[derive(Debug)]
pub(crate) enum Part {
    Piece(Bytes),
    /// All pieces were there, and the file is what was released.
    End,
    /// The file is not what was released, or nobody took the pieces.
    Cut(io::Error),
}

/// Sends a file as pieces are taken, each part in the form that `form` gives it, if any. The last piece is held back until
/// the file was found to be what was released: if it is not, the stream ends in a cut, and whoever reads it notices.
///
/// No thread waits for whoever reads: each piece is read when there is room for it.
pub(crate) fn send<T: Send + 'static>(
    place: Place,
    opened: Opened,
    head: Option<T>,
    form: impl Fn(Part) -> Option<T> + Send + Sync + 'static,
) -> mpsc::Receiver<T> {
    // One more, for the last word: it is to be said also to somebody who takes nothing.
    let (sender, receiver) = mpsc::channel(WAITING + 1);
    tokio::spawn(async move {
        let place = place;
        let Ok(last_word) = sender.clone().reserve_owned().await else { return };
        let ending = match pieces(opened, (&sender, place.patience), head, |piece| form(Part::Piece(piece))).await {
            Ok(()) => Part::End,
            Err(Stopped::Unread) => return,
            Err(Stopped::Failed(error)) => {
                tracing::error!(%error, "a file of a dataset cannot be served");
                Part::Cut(error)
            }
            Err(Stopped::TooSlow) => Part::Cut(io::ErrorKind::TimedOut.into()),
        };
        if let Some(word) = form(ending) {
            last_word.send(word);
        }
    });
    receiver
}

enum Stopped {
    Failed(io::Error),
    TooSlow,
    /// Nobody reads any more.
    Unread,
}

async fn pieces<T: Send + 'static>(
    mut opened: Opened,
    to: (&mpsc::Sender<T>, Duration),
    head: Option<T>,
    form: impl Fn(Bytes) -> Option<T>,
) -> Result<(), Stopped> {
    if let Some(head) = head {
        room(to).await?.send(head);
    }
    let mut held: Option<Bytes> = None;
    loop {
        let room = room(to).await?;
        let chunk;
        (opened, chunk) = next(opened).await.map_err(Stopped::Failed)?;
        let ended = chunk.is_empty();
        if let Some(piece) = held.replace(chunk).and_then(&form) {
            room.send(piece);
        }
        if ended {
            return Ok(());
        }
    }
}

async fn room<T>((sender, patience): (&mpsc::Sender<T>, Duration)) -> Result<mpsc::Permit<'_, T>, Stopped> {
    match tokio::time::timeout(patience, sender.reserve()).await {
        Ok(Ok(room)) => Ok(room),
        Ok(Err(_)) => Err(Stopped::Unread),
        Err(_) => Err(Stopped::TooSlow),
    }
}

/// Reads a piece, off the async workers.
async fn next(mut opened: Opened) -> io::Result<(Opened, Bytes)> {
    let reading = tokio::task::spawn_blocking(move || {
        let chunk = read_chunk(&mut opened)?;
        Ok((opened, chunk))
    });
    reading.await.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into()))
}

fn read_chunk(from: &mut Opened) -> io::Result<Bytes> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut filled = 0;
    while filled < chunk.len() {
        match from.read(&mut chunk[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    chunk.truncate(filled);
    Ok(chunk.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Checking, Kept};
    use allmende_opendata_domain::Sha256;
    use sha2::Digest as _;

    fn sent(downloads: &Downloads, content: Vec<u8>, kept: Kept) -> mpsc::Receiver<Part> {
        let opened = Box::new(Checking::new(io::Cursor::new(content), kept));
        send(downloads.place().unwrap(), opened, None, Some)
    }

    fn kept(content: &[u8]) -> Kept {
        Kept { bytes: content.len() as u64, sha256: Sha256(sha2::Sha256::digest(content).into()) }
    }

    /// How many bytes came, and whether the end did.
    async fn read(content: Vec<u8>, kept: Kept) -> (usize, bool) {
        let mut parts = sent(&Downloads::new(), content, kept);
        let mut bytes = 0;
        loop {
            match parts.recv().await.unwrap() {
                Part::Piece(piece) => bytes += piece.len(),
                Part::End => return (bytes, true),
                Part::Cut(_) => return (bytes, false),
            }
        }
    }

    #[tokio::test]
    async fn the_last_piece_comes_only_if_all_of_it_is_right() {
        for length in [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES] {
            let content = vec![7; length];
            let kept = kept(&content);
            assert_eq!(read(content.clone(), kept).await, (length, true));
            let wrong = Kept { sha256: Sha256([0; 32]), ..kept };
            let (bytes, ended) = read(content, wrong).await;
            assert!(!ended && (bytes < length || length == 0), "{length}");
        }
    }

    #[tokio::test]
    async fn a_place_is_given_up_by_who_takes_nothing_and_by_who_goes_away() {
        let content = vec![7; 10 * CHUNK_BYTES];
        let kept = kept(&content);
        for patience in [PATIENCE, Duration::from_millis(50)] {
            let downloads = Downloads { patience, ..Downloads::new() };
            let mut stalled: Vec<_> = (0..MOST).map(|_| sent(&downloads, content.clone(), kept)).collect();
            if patience == PATIENCE {
                assert!(downloads.place().is_none());
                stalled.clear();
            }
            while downloads.free.available_permits() < MOST {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // Whoever comes back is told that it was cut.
            for mut parts in stalled {
                for _ in 0..WAITING {
                    assert!(matches!(parts.recv().await, Some(Part::Piece(_))));
                }
                assert!(matches!(parts.recv().await, Some(Part::Cut(_))) && parts.recv().await.is_none());
            }
        }
    }
}
