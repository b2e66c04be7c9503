//! A file's bytes on their way out, a piece at a time.

use std::io::{self, Read};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::app::Opened;

/// A piece; with those that wait, what a download takes of memory.
pub(crate) const CHUNK_BYTES: usize = 64 << 10;
const WAITING: usize = 2;

/// Reads on a thread of its own, as fast as pieces are taken. The last piece is held back until the file was found to be
/// what was released: if it is not, the stream ends in an error, and whoever reads it notices that it was cut.
pub(crate) fn chunks(mut opened: Opened) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let mut held: Option<Bytes> = None;
        loop {
            match read_chunk(&mut opened) {
                Ok(chunk) if chunk.is_empty() => {
                    if let Some(last) = held {
                        let _ = sender.blocking_send(Ok(last));
                    }
                    return;
                }
                Ok(chunk) => {
                    if let Some(before) = held.replace(chunk)
                        && sender.blocking_send(Ok(before)).is_err()
                    {
                        // Nobody reads any more.
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "a file of a dataset cannot be served");
                    let _ = sender.blocking_send(Err(error));
                    return;
                }
            }
        }
    });
    receiver
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

    async fn read(content: Vec<u8>, kept: Kept) -> (usize, bool) {
        let mut chunks = chunks(Box::new(Checking::new(io::Cursor::new(content), kept)));
        let (mut bytes, mut failed) = (0, false);
        while let Some(chunk) = chunks.recv().await {
            match chunk {
                Ok(chunk) => bytes += chunk.len(),
                Err(_) => failed = true,
            }
        }
        (bytes, failed)
    }

    #[tokio::test]
    async fn the_last_piece_comes_only_if_all_of_it_is_right() {
        for length in [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES] {
            let content = vec![7; length];
            let sha256 = Sha256(sha2::Sha256::digest(&content).into());
            let kept = Kept { bytes: length as u64, sha256 };
            assert_eq!(read(content.clone(), kept).await, (length, false));
            let wrong = Kept { sha256: Sha256([0; 32]), ..kept };
            let (bytes, failed) = read(content, wrong).await;
            assert!(failed && (bytes < length || length == 0), "{length}");
        }
    }
}
