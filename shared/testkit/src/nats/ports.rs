//! Ports for servers that need to know them before they start.

use std::collections::HashSet;
use std::net::TcpListener;

/// As many different ports as asked for that nobody listened on just now.
///
/// They lie below what systems hand out to outgoing connections (Linux: from 32768), so that a server that is down for a
/// moment finds its port again.
pub(super) fn free(count: usize) -> Vec<u16> {
    let mut ports = HashSet::new();
    while ports.len() < count {
        let port = 10_000 + (uuid::Uuid::now_v7().as_u128() % 22_000) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            ports.insert(port);
        }
    }
    ports.into_iter().collect()
}
