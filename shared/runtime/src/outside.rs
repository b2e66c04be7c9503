//! A connection from outside: it has to begin in time, and can be ended from elsewhere.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::limits::{Closed, Open};

/// Length of what every HTTP/2 connection begins with (RFC 9113, section 3.4). Once it is there, pings tell whether there is
/// anybody.
const PREFACE: usize = 24;

/// Ends a connection, wherever its task waits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ending(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_over: AtomicBool,
    connection: AtomicWaker,
}

impl Ending {
    /// Ends it: everything on it is cut off.
    pub(crate) fn end(&self) {
        self.0.is_over.store(true, Ordering::Release);
        self.0.connection.wake();
    }

    /// Whether it was ended.
    #[cfg(test)]
    pub(crate) fn is_ended(&self) -> bool {
        self.0.is_over.load(Ordering::Acquire)
    }

    fn is_over(&self, context: &Context<'_>) -> bool {
        self.0.connection.register(context.waker());
        self.0.is_over.load(Ordering::Acquire)
    }
}

/// A stream with its place among those that are open.
pub(crate) struct Outside<S> {
    stream: S,
    open: Open,
    ending: Ending,
    /// Until the beginning is whole.
    beginning: Option<Beginning>,
}

struct Beginning {
    missing: usize,
    over: Pin<Box<Sleep>>,
}

impl<S> Outside<S> {
    /// Takes a connection whose beginning has to be there `within` this time, however it trickles in.
    pub(crate) fn new(stream: S, open: Open, within: Duration) -> Self {
        let beginning = Some(Beginning { missing: PREFACE, over: Box::pin(sleep(within)) });
        Self { stream, open, ending: Ending::default(), beginning }
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }

    /// Ends this connection, unless others than who is to blame would lose theirs with it.
    pub(crate) fn ending(&self) -> Option<Ending> {
        (!self.open.is_proxys()).then(|| self.ending.clone())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Outside<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.ending.is_over(context) {
            this.open.closed(Closed::Stalled);
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(context, buffer);
        let Some(beginning) = &mut this.beginning else { return polled };
        if polled.is_pending() && beginning.over.as_mut().poll(context).is_ready() {
            this.open.closed(Closed::Silent);
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        beginning.missing = beginning.missing.saturating_sub(buffer.filled().len() - before);
        if beginning.missing == 0 {
            this.beginning = None;
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Outside<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, pieces)
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
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn outside() -> (Outside<DuplexStream>, DuplexStream) {
        let (ours, theirs) = duplex(64);
        (Outside::new(ours, Open::unlimited(), LIMIT), theirs)
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_begin_in_time_is_closed_however_it_trickles_in() {
        let (mut silent, _theirs) = outside();
        assert_eq!(silent.read_u8().await.unwrap_err().kind(), io::ErrorKind::TimedOut);

        let (mut slow, mut theirs) = outside();
        let trickling = tokio::spawn(async move {
            while theirs.write_all(b"x").await.is_ok() {
                sleep(Duration::from_secs(1)).await;
            }
        });
        let mut read = 0;
        let ended = loop {
            match slow.read_u8().await {
                Ok(_) => read += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(ended.kind(), io::ErrorKind::TimedOut);
        assert!(read < PREFACE, "{read}");
        drop(slow);
        trickling.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_begun_may_be_silent_and_is_ended_from_elsewhere() {
        let (mut begun, mut theirs) = outside();
        theirs.write_all(&[0; PREFACE]).await.unwrap();
        begun.read_exact(&mut [0; PREFACE]).await.unwrap();
        let ending = begun.ending().unwrap();
        let reading = tokio::spawn(async move { begun.read_u8().await.unwrap_err().kind() });
        sleep(LIMIT * 100).await;
        assert!(!reading.is_finished());
        ending.end();
        assert_eq!(reading.await.unwrap(), io::ErrorKind::ConnectionAborted);
    }
}
