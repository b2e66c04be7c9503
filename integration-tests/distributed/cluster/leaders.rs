//! Who leads, as members say in their metrics.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A member that is stopped takes connections and never answers.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the member whose admin port is here says that it leads.
pub(super) fn leads(admin: &str, partition: &str) -> bool {
    metrics(admin).is_some_and(|metrics| says_that_it_leads(&metrics, partition))
}

fn says_that_it_leads(metrics: &str, partition: &str) -> bool {
    let of = format!("\"{partition}\"");
    metrics.lines().any(|line| line.starts_with("allmende_log_leading{") && line.contains(&of) && line.ends_with("} 1"))
}

fn metrics(admin: &str) -> Option<String> {
    let address: SocketAddr = admin.parse().ok()?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

#[test]
fn a_leader_is_told_from_others() {
    let metrics = "allmende_log_leading{partition=\"a-0\"} 1\nallmende_log_leading{partition=\"b-0\"} 0\n";
    assert!(says_that_it_leads(metrics, "a-0"));
    assert!(!says_that_it_leads(metrics, "b-0"));
    assert!(!says_that_it_leads(metrics, "c-0"));
}
