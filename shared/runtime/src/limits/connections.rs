use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use allmende_instrumentation::{Attribute, Metric, Metrics};
use rustix::process::{Resource, getrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Network, Proxies, Share, Shares};

/// How long nothing is taken after the system had no file or memory left for a connection: some has to be given back first.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a port closes a connection by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Its address has as many as it may have.
    AddressFull,
    /// There are as many as there may be.
    Full,
    /// It does not begin, or begins nothing new.
    Silent,
    /// It takes nothing of what it has asked for.
    Stalled,
}

impl Closed {
    const fn name(self) -> &'static str {
        match self {
            Self::AddressFull => "address_full",
            Self::Full => "full",
            Self::Silent => "silent",
            Self::Stalled => "stalled",
        }
    }
}

/// Counts the connections of a port, all of them and each address's. Proxies have as many as there are: each speaks for many,
/// whose requests are counted.
#[derive(Clone)]
pub struct Connections {
    all: Arc<Semaphore>,
    shares: Shares<Network>,
    each: usize,
    proxies: Proxies,
    port: &'static str,
    metrics: Metrics,
}

impl Connections {
    /// At most `all` on this port, and `each` of an address. There are never more than a quarter of the files that the
    /// process may have open: with two ports half of them are left for logs and views, which have their next segments and
    /// tables to open however many connections there are.
    pub fn new(port: &'static str, all: usize, each: usize, proxies: Proxies, metrics: Metrics) -> Self {
        let most = fitting(all, getrlimit(Resource::Nofile).current);
        if most < all {
            tracing::warn!(
                port,
                set = all,
                most,
                "the system lets too few files be open for as many connections as are set"
            );
        }
        let all = Arc::new(Semaphore::new(most));
        Self { all, shares: Shares::new(), each, proxies, port, metrics }
    }

    /// The next connection that there is room for; others are closed. Never gives up, and takes nothing if it is dropped.
    pub async fn accept(&self, listener: &TcpListener) -> (TcpStream, SocketAddr, Open) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    if let Some(open) = self.take(peer.ip()) {
                        // What is ready leaves at once; where that cannot be had, it comes later.
                        let _ = stream.set_nodelay(true);
                        return (stream, peer, open);
                    }
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "no connection can be taken for a moment");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// A place for a connection, if there is one.
    fn take(&self, peer: IpAddr) -> Option<Open> {
        let is_proxy = self.proxies.contains(peer);
        let share = if is_proxy { None } else { self.shares.take(Network::of(peer), self.each) };
        if share.is_none() && !is_proxy {
            self.count(Closed::AddressFull);
            return None;
        }
        let Ok(place) = Arc::clone(&self.all).try_acquire_owned() else {
            self.count(Closed::Full);
            return None;
        };
        Some(Open { connections: self.clone(), is_proxy, _place: place, _share: share })
    }

    fn count(&self, why: Closed) {
        let attributes = [Attribute::Port(self.port), Attribute::Outcome(why.name())];
        self.metrics.add(Metric::ConnectionsClosed, 1, &attributes);
    }
}

/// The place of an open connection.
pub struct Open {
    connections: Connections,
    is_proxy: bool,
    _place: OwnedSemaphorePermit,
    _share: Option<Share<Network>>,
}

impl Open {
    /// Whether a proxy is at the other end, who speaks for many.
    pub fn is_proxys(&self) -> bool {
        self.is_proxy
    }

    /// Counts that the port closes it.
    pub fn closed(&self, why: Closed) {
        self.connections.count(why);
    }

    /// One of as many as one likes.
    #[cfg(test)]
    pub(crate) fn unlimited() -> Self {
        let connections = Connections::new("test", 1, 1, Proxies::default(), Metrics::new());
        connections.take(std::net::Ipv4Addr::LOCALHOST.into()).expect("it is the first one")
    }
}

/// As many of these as leave files for everything else.
fn fitting(all: usize, files: Option<u64>) -> usize {
    let quarter = files.and_then(|files| usize::try_from(files / 4).ok()).unwrap_or(usize::MAX);
    all.min(quarter).min(Semaphore::MAX_PERMITS)
}

/// Whether it is about the connection that was to be taken, and not about the next ones too.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn connections(all: usize, each: usize) -> Connections {
        Connections::new("test", all, each, Proxies::new(&[address("192.0.2.9")]), Metrics::new())
    }

    fn counted(connections: &Connections, why: &str) -> bool {
        let line = format!("allmende_connections_closed_total{{allmende_outcome=\"{why}\",allmende_port=\"test\"}} 1");
        connections.metrics.render().lines().any(|found| found == line)
    }

    #[test]
    fn an_address_has_its_share_and_a_proxy_all() {
        let connections = connections(6, 2);
        let mut open: Vec<_> = (0..2).map(|_| connections.take(address("192.0.2.1")).unwrap()).collect();
        assert!(connections.take(address("192.0.2.1")).is_none());
        assert!(counted(&connections, "address_full"));
        open.extend((0..4).map(|_| connections.take(address("192.0.2.9")).unwrap()));
        assert_eq!(open.iter().filter(|open| open.is_proxys()).count(), 4);
        for anybody in ["192.0.2.2", "192.0.2.9"] {
            assert!(connections.take(address(anybody)).is_none());
        }
        open.remove(0);
        assert!(connections.take(address("192.0.2.2")).is_some());
        assert!(connections.take(address("192.0.2.1")).is_some());
    }

    #[test]
    fn connections_leave_files_for_what_is_kept() {
        assert_eq!(fitting(4_096, Some(1_024)), 256);
        assert_eq!(fitting(4_096, Some(1 << 20)), 4_096);
        assert_eq!(fitting(4_096, None), 4_096);
        assert_eq!(fitting(usize::MAX, None), Semaphore::MAX_PERMITS);
    }

    #[test]
    fn who_has_many_networks_has_no_more_connections_than_four_of_them() {
        let connections = connections(100, 1);
        let of = |number: usize| address(&format!("2001:db8:1:{number:x}00::1"));
        let open: Vec<_> = (0..4).map(|number| connections.take(of(number)).unwrap()).collect();
        assert!(connections.take(of(4)).is_none());
        assert!(connections.take(address("2001:db8:2::1")).is_some());
        drop(open);
        assert!(connections.take(of(4)).is_some());
    }

    #[tokio::test]
    async fn who_is_one_too_many_is_closed_and_others_are_taken() {
        use tokio::io::AsyncReadExt as _;

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let connections = connections(1, 8);
        let mut first = TcpStream::connect(here).await.unwrap();
        let (stream, _, open) = connections.accept(&listener).await;
        let mut second = TcpStream::connect(here).await.unwrap();
        let mut byte = [0];
        tokio::select! {
            _ = connections.accept(&listener) => panic!("there is no room"),
            read = second.read(&mut byte) => assert!(!matches!(read, Ok(1))),
        }
        assert!(counted(&connections, "full"));
        drop(open);
        let _third = TcpStream::connect(here).await.unwrap();
        connections.accept(&listener).await;
        drop(stream);
        assert_eq!(first.read(&mut byte).await.unwrap(), 0);
    }
}
