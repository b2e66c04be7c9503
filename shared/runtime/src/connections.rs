//! What the gRPC port listens to: the network, and this process itself.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{poll_fn, select, unfold};
use futures_util::{Stream, StreamExt as _};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tonic::transport::server::Connected;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use crate::limits::Connections;
use crate::outside::{Ending, Outside};
use crate::together::Together;

/// What one side may write before the other has read: enough for a stream's flow control not to wait for it.
const BUFFER: usize = 1 << 18;
/// Connections that wait to be taken.
const WAITING: usize = 16;

/// Where the server takes the connections of its own process.
pub struct Inside(mpsc::Receiver<DuplexStream>);

/// A channel to the server that is given the other end, which nobody outside can use. What comes this way is not counted:
/// pages and reports ask for somebody who was counted when they came in.
pub fn inside() -> (Channel, Inside) {
    let (connections, taken) = mpsc::channel(WAITING);
    let connect = service_fn(move |_| {
        let connections = connections.clone();
        async move {
            let (ours, theirs) = tokio::io::duplex(BUFFER);
            let gone = |_| io::Error::new(io::ErrorKind::NotConnected, "the server is not there");
            connections.send(theirs).await.map_err(gone)?;
            Ok::<_, io::Error>(TokioIo::new(ours))
        }
    });
    // Nothing is looked up under this name.
    (Endpoint::from_static("http://inside.invalid").connect_with_connector_lazy(connect), Inside(taken))
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub(crate) enum Peer {
    /// This process.
    Own,
    /// Somebody.
    Network {
        /// Where, if that is known.
        address: Option<IpAddr>,
        /// Ends the connection, if it is theirs alone.
        ending: Option<Ending>,
    },
}

impl Peer {
    /// The address, of who has one.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Own => None,
            Self::Network { address, .. } => *address,
        }
    }

    /// Ends the connection, if nobody else would lose theirs with it.
    pub(crate) fn ending(&self) -> Option<&Ending> {
        match self {
            Self::Own => None,
            Self::Network { ending, .. } => ending.as_ref(),
        }
    }
}

/// A connection of either kind.
pub(crate) enum Connection {
    Network(Box<Outside<Together<TcpStream>>>),
    Own(DuplexStream),
}

/// All connections that come and that there is room for. Those from outside have to begin `within` a time.
pub(crate) fn connections(
    listener: TcpListener,
    inside: Option<Inside>,
    counted: Connections,
    within: Duration,
) -> impl Stream<Item = io::Result<Connection>> {
    let network = unfold((listener, counted), move |(listener, counted)| async move {
        let (stream, _, open) = counted.accept(&listener).await;
        let connection = Connection::Network(Box::new(Outside::new(Together::new(stream), open, within)));
        Some((Ok(connection), (listener, counted)))
    });
    let mut inside = inside;
    let own = poll_fn(move |context| match &mut inside {
        Some(Inside(connections)) => connections.poll_recv(context),
        None => Poll::Ready(None),
    });
    select(network, own.map(|connection| Ok(Connection::Own(connection))))
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        match self {
            Self::Network(stream) => Peer::Network {
                address: stream.stream().stream().peer_addr().ok().map(|address| address.ip()),
                ending: stream.ending(),
            },
            Self::Own(_) => Peer::Own,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Network(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Own(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Network(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Own(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Network(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Self::Own(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Network(stream) => stream.is_write_vectored(),
            Self::Own(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Network(stream) => Pin::new(stream).poll_flush(context),
            Self::Own(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Network(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Own(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
