use std::io;

use http::Uri;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The longest answer of a proxy that is read.
const MAX_ANSWER: usize = 8 * 1_024;

/// An HTTP proxy that connections go through where a network lets none out directly. It sees whom they are with, and
/// nothing else: what is said is TLS between us and them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    host: String,
    port: u16,
}

impl Proxy {
    /// Reads `http://proxy.example:3128`. Nothing but that: a proxy that wants a password is not served.
    pub(super) fn parse(address: &str) -> Option<Self> {
        let uri: Uri = address.parse().ok()?;
        let authority = uri.authority()?;
        let plain = uri.scheme_str() == Some("http") && uri.path() == "/" && !authority.as_str().contains('@');
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        plain.then(|| Some(Self { host, port: authority.port_u16()? }))?
    }

    /// A connection with `authority` (host and port), by CONNECT (RFC 9110, section 9.3.6).
    pub(super) async fn connect(&self, authority: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let asked = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: allmende\r\n\r\n");
        stream.write_all(asked.as_bytes()).await?;
        let mut head = Vec::new();
        // Byte by byte: what comes after the head belongs to the conversation.
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() == MAX_ANSWER {
                return Err(io::Error::other("the proxy says too much"));
            }
            head.push(stream.read_u8().await?);
        }
        let connected = head.starts_with(b"HTTP/1.1 2") || head.starts_with(b"HTTP/1.0 2");
        if connected { Ok(stream) } else { Err(io::Error::other("the proxy does not connect")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_a_host_with_a_port() {
        let proxy = |host: &str, port| Some(Proxy { host: host.to_owned(), port });
        assert_eq!(Proxy::parse("http://proxy.example:3128"), proxy("proxy.example", 3_128));
        assert_eq!(Proxy::parse("http://[::1]:3128/"), proxy("::1", 3_128));
        for wrong in [
            "",
            "proxy.example",
            "http://proxy.example",
            "https://proxy.example:1",
            "http://u:p@proxy:1",
            "http://p:1/x",
        ] {
            assert_eq!(Proxy::parse(wrong), None, "{wrong}");
        }
    }
}
