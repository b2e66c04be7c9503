//! Answers that are ready together leave together.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Less than this is worth waiting for more.
const SMALL: usize = 4 << 10;

/// A stream that lets what else is ready run before a small write.
///
/// The runtime runs a connection's task right after the first call that has an answer, which would then leave alone, in
/// a system call and a packet of its own, while the next answers are ready behind it. A task that wakes itself comes
/// after all that wait already, and finds their answers when its turn is there: nothing is waited for that is not ready.
pub(crate) struct Together<S> {
    stream: S,
    has_waited: bool,
}

impl<S> Together<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, has_waited: false }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    /// Whether a write of this length comes later; the task is then woken.
    fn waits(&mut self, len: usize, context: &Context<'_>) -> bool {
        self.has_waited = len < SMALL && !self.has_waited;
        if self.has_waited {
            context.waker().wake_by_ref();
        }
        self.has_waited
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Together<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Together<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.waits(bytes.len(), context) {
            return Poll::Pending;
        }
        Pin::new(&mut this.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.waits(pieces.iter().map(|piece| piece.len()).sum(), context) {
            return Poll::Pending;
        }
        Pin::new(&mut this.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn a_small_write_comes_after_what_is_ready() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 20);
        let mut together = Together::new(ours);
        let (told, mut tell) = tokio::sync::mpsc::unbounded_channel();
        let ready = told.clone();
        let other = tokio::spawn(async move { ready.send("what is ready") });
        together.write_all(b"small").await.unwrap();
        told.send("the write").unwrap();
        other.await.unwrap().unwrap();
        assert_eq!((tell.recv().await, tell.recv().await), (Some("what is ready"), Some("the write")));
        let mut read = [0; 5];
        theirs.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"small");
    }

    #[tokio::test]
    async fn a_large_write_waits_for_nothing() {
        let (ours, _theirs) = tokio::io::duplex(1 << 20);
        let mut together = Together::new(ours);
        let mut context = Context::from_waker(std::task::Waker::noop());
        let large = [0; SMALL];
        let mut write = |bytes: &[u8]| Pin::new(&mut together).poll_write(&mut context, bytes).map(Result::unwrap);
        assert_eq!(write(&large), Poll::Ready(SMALL));
        assert_eq!(write(&large[1..]), Poll::Pending);
        assert_eq!(write(&large[1..]), Poll::Ready(SMALL - 1));
    }
}
